import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Counters, createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { AdmissionLimits } from './admission.ts';
import { type Gossip, startGossip } from './gossip.ts';
import { TOPIC_NAMES, type TopicName, type Validation, type Validator } from './validation.ts';

type Node = {
  readonly gossip: Gossip;
  readonly metrics: Counters;
  readonly delivered: string[];
  readonly recording: ReturnType<typeof recordingLogger>;
  /** Replaces the validator of every topic. */
  judge: (text: string) => Promise<Validation['outcome'] | Validation> | Validation['outcome'] | Validation;
  /** Waits until `done` holds; asked after every judgement and delivery. */
  until(done: () => boolean): Promise<void>;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let identities = 0;
let directory: string;
let nodes: Node[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-p2p-'));
  nodes = [];
});

afterEach(async () => {
  await Promise.all(nodes.map(({ gossip }) => gossip.stop()));
  await rm(directory, { recursive: true });
});

async function startNode(
  bootstrap: readonly (Node | string)[] = [],
  options: {
    limits?: AdmissionLimits;
    listen?: string;
    identity?: string;
    network?: string;
    knownPeers?: string;
    maxPeers?: number;
    deny?: string[];
  } = {},
): Promise<Node> {
  const {
    listen = '/ip4/127.0.0.1/tcp/0',
    identity = `${identities++}.key`,
    network = 'test',
    limits,
    knownPeers,
    maxPeers = 50,
    deny = [],
  } = options;
  const metrics = createCounters();
  const recording = recordingLogger();
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const check of waiting) check();
  };
  const delivered: string[] = [];
  const validator: Validator = async (bytes) => {
    const text = decoder.decode(bytes);
    const judged = await node.judge(text);
    if (judged === 'accept') return { outcome: 'accept', deliver: () => delivered.push(text) };
    return typeof judged === 'string' ? { outcome: judged, code: 'TEST_RULE' } : judged;
  };
  const gossip = await startGossip({
    network,
    p2p: {
      listen: [listen],
      bootstrap: bootstrap.map((peer) => (typeof peer === 'string' ? peer : addressOf(peer))),
      identity: join(directory, identity),
      maxPeers,
      deny,
    },
    validators: { intents: validator, quotes: validator, awards: validator },
    telemetry: {
      log: recording.log,
      metrics: {
        ...metrics,
        count: (...event) => {
          metrics.count(...event);
          queueMicrotask(changed);
        },
      },
    },
    signal: new AbortController().signal,
    ...(limits === undefined ? {} : { limits }),
    ...(knownPeers === undefined ? {} : { knownPeers: join(directory, knownPeers) }),
  });
  const node: Node = {
    gossip,
    metrics,
    delivered,
    recording,
    judge: () => 'accept',
    until: (done) =>
      new Promise((resolve) => {
        const stopListening = gossip.onPeers(() => check());
        const check = () => {
          if (!done()) return;
          waiting.delete(check);
          stopListening();
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
  nodes.push(node);
  return node;
}

function addressOf({ gossip }: Node): string {
  const [address] = gossip.addresses();
  if (address === undefined) throw new TypeError('the node does not listen');
  return address;
}

/** Waits until the first forwards every topic to all the others, and they to it. */
async function meet(hub: Node, ...others: readonly Node[]): Promise<void> {
  const forwards = (from: Node, to: Node) =>
    from.until(() => TOPIC_NAMES.every((topic) => from.gossip.mesh(topic).includes(to.gossip.peerId)));
  await Promise.all(others.flatMap((other) => [forwards(hub, other), forwards(other, hub)]));
}

const publish = (node: Node, text: string, topic: TopicName = 'quotes') =>
  node.gossip.publish(topic, encoder.encode(text));

const counted = (node: Node, code: string, outcome: string, topic = 'quotes') =>
  node.metrics.snapshot()[`gossip{code="${code}",outcome="${outcome}",topic="${topic}"}`] ?? 0;

test('a message reaches every node once, through nodes between, and its publisher too', async () => {
  const hub = await startNode();
  const leaves = await Promise.all([startNode([hub]), startNode([hub]), startNode([hub])]);
  await meet(hub, ...leaves);
  const [first] = leaves as [Node, Node, Node];
  await publish(first, 'one');
  await publish(first, 'two', 'awards');
  for (const node of nodes) {
    await node.until(() => node.delivered.length === 2);
    expect(node.delivered.toSorted()).toEqual(['one', 'two']);
  }
});

test('what is published while a node joins reaches it all the same', async () => {
  const hub = await startNode();
  const spoken: string[] = [];
  // At once when a connection opens: no peer is known to listen yet, and nothing is sent.
  hub.gossip.onPeers(() => {
    const text = `spoken ${spoken.length}`;
    spoken.push(text);
    void publish(hub, text);
  });
  const one = await startNode([hub]);
  const two = await startNode([hub]);
  for (const leaf of [one, two]) {
    await leaf.until(() => leaf.delivered.includes('spoken 0'));
    await meet(hub, leaf);
  }
  for (const leaf of [one, two])
    await leaf.until(() => spoken.every((text) => leaf.delivered.includes(text)));
  expect(one.delivered).toHaveLength(new Set(one.delivered).size);
});

test('the same message from several publishers is delivered once', async () => {
  const one = await startNode();
  const two = await startNode([one]);
  await meet(one, two);
  await Promise.all([publish(one, 'same'), publish(two, 'same')]);
  await publish(one, 'same');
  await publish(two, 'last');
  await one.until(() => one.delivered.includes('last'));
  expect(one.delivered).toEqual(['same', 'last']);
  expect(two.delivered).toEqual(['same', 'last']);
});

test('the same bytes on another topic are another message', async () => {
  const one = await startNode();
  const two = await startNode([one]);
  await meet(one, two);
  await publish(one, 'same', 'quotes');
  await publish(one, 'same', 'awards');
  await two.until(() => two.delivered.length === 2);
});

test('a refused message is neither delivered nor forwarded, and the code is counted', async () => {
  const far = await startNode();
  const middle = await startNode([far]);
  const near = await startNode([middle]);
  await meet(far, middle);
  await meet(middle, near);
  middle.judge = (text) => (text === 'bad' ? 'reject' : text === 'unsure' ? 'ignore' : 'accept');
  await publish(near, 'bad');
  await publish(near, 'unsure');
  await publish(near, 'good');
  await far.until(() => far.delivered.includes('good'));
  expect(far.delivered).toEqual(['good']);
  expect(middle.delivered).toEqual(['good']);
  expect(counted(middle, 'TEST_RULE', 'reject')).toBe(1);
  expect(counted(middle, 'TEST_RULE', 'ignore')).toBe(1);
});

test('a peer that keeps sending what is rejected is no longer listened to', async () => {
  const victim = await startNode([], { limits: { burst: 1e6, perSecond: 1e6, inFlight: 256, waiting: 256 } });
  const hostile = await startNode([victim]);
  const honest = await startNode([victim]);
  await meet(victim, hostile);
  await meet(victim, honest);
  victim.judge = (text) => (text.startsWith('bad') ? 'reject' : 'accept');
  // Gossipsub looks at scores about once a second: speak until nothing is heard three times over.
  for (let round = 0, unheard = 0; unheard < 3; round++) {
    const before = counted(victim, 'TEST_RULE', 'reject');
    await publish(hostile, `bad ${round}`);
    await publish(hostile, `good ${round}`);
    await publish(honest, `honest ${round}`);
    await victim.until(() => victim.delivered.includes(`honest ${round}`));
    const heard =
      victim.delivered.includes(`good ${round}`) || counted(victim, 'TEST_RULE', 'reject') > before;
    unheard = heard ? 0 : unheard + 1;
  }
  expect(counted(victim, 'TEST_RULE', 'reject')).toBeGreaterThanOrEqual(9);
});

test('a node does not publish what it would refuse', async () => {
  const node = await startNode();
  node.judge = () => ({ outcome: 'reject', code: 'OVER_ASKING', meta: { ask: 5n } });
  await expect(publish(node, 'greedy')).rejects.toMatchObject({
    name: 'GossipError',
    code: 'OVER_ASKING',
    meta: { ask: 5n, outcome: 'reject' },
    retry: false,
  });
  await expect(publish(node, 'x'.repeat(4_097))).rejects.toMatchObject({ code: 'OVERSIZED' });
  expect(node.delivered).toEqual([]);
});

test('publishing without peers, and again, is no error', async () => {
  const node = await startNode();
  await publish(node, 'alone');
  await publish(node, 'alone');
  expect(node.delivered).toEqual(['alone']);
});

test('a validator that throws is reported, changes nothing, and the next message is judged', async () => {
  const victim = await startNode();
  const peer = await startNode([victim]);
  await meet(victim, peer);
  victim.judge = (text) => {
    if (text === 'poison') throw new TypeError('validator bug');
    return 'accept';
  };
  await publish(peer, 'poison');
  await publish(peer, 'fine');
  await victim.until(() => victim.delivered.includes('fine'));
  expect(victim.delivered).toEqual(['fine']);
  expect(counted(victim, 'VALIDATOR_FAILED', 'ignore')).toBe(1);
  await victim.recording.until('validator failed');
  await expect(publish(victim, 'poison')).rejects.toMatchObject({ code: 'VALIDATOR_FAILED' });
});

test('a message ignored for a passing reason is judged again when another copy comes', async () => {
  const victim = await startNode();
  const one = await startNode([victim]);
  const two = await startNode([victim]);
  await meet(victim, one);
  await meet(victim, two);
  let rpcDown = true;
  victim.judge = () => (rpcDown ? { outcome: 'ignore', code: 'RPC_DOWN', passing: true } : 'accept');
  await publish(one, 'wanted');
  await victim.until(() => counted(victim, 'RPC_DOWN', 'ignore') === 1);
  rpcDown = false;
  await publish(two, 'wanted');
  await victim.until(() => victim.delivered.includes('wanted'));
});

test('a peer over its rate is ignored, and cannot silence what others send', async () => {
  const victim = await startNode([], { limits: { burst: 3, perSecond: 0.001, inFlight: 10, waiting: 10 } });
  const flooder = await startNode([victim]);
  const honest = await startNode([victim]);
  await meet(victim, flooder);
  await meet(victim, honest);
  for (let index = 0; index < 5; index++) await publish(flooder, `flood ${index}`);
  await publish(flooder, 'honest words');
  await victim.until(() => counted(victim, 'RATE_LIMITED', 'ignore') === 3 && victim.delivered.length === 3);
  expect(victim.delivered).not.toContain('honest words');
  await publish(honest, 'honest words');
  await victim.until(() => victim.delivered.includes('honest words'));
});

test('a flood on one topic leaves the same peer its share of the others', async () => {
  const victim = await startNode([], { limits: { burst: 3, perSecond: 0.001, inFlight: 10, waiting: 10 } });
  const peer = await startNode([victim]);
  await meet(victim, peer);
  for (let index = 0; index < 5; index++) await publish(peer, `flood ${index}`, 'intents');
  await victim.until(() => counted(victim, 'RATE_LIMITED', 'ignore', 'intents') === 2);
  await publish(peer, 'award', 'awards');
  await victim.until(() => victim.delivered.includes('award'));
});

test('validations in flight are bounded', async () => {
  const victim = await startNode([], { limits: { burst: 100, perSecond: 100, inFlight: 2, waiting: 2 } });
  const peer = await startNode([victim]);
  await meet(victim, peer);
  const held = Promise.withResolvers<void>();
  victim.judge = async (): Promise<'accept'> => {
    await held.promise;
    return 'accept';
  };
  for (const text of ['one', 'two', 'three']) await publish(peer, text);
  await victim.until(() => counted(victim, 'BUSY', 'ignore') === 1);
  held.resolve();
  await victim.until(() => victim.delivered.length === 2);
});

test('a delivery that throws harms nobody', async () => {
  const node = await startNode();
  node.judge = () => ({
    outcome: 'accept',
    deliver: () => {
      throw new TypeError('consumer bug');
    },
  });
  await publish(node, 'one');
  await node.recording.until('delivery failed');
});

test('nodes of different networks do not hear each other', async () => {
  const here = await startNode();
  const there = await startNode([here], { network: 'elsewhere' });
  const friend = await startNode([here]);
  await there.until(() => there.gossip.peers().length === 1);
  await meet(here, friend);
  await publish(there, 'foreign');
  await publish(friend, 'ours');
  await here.until(() => here.delivered.includes('ours'));
  expect(here.delivered).toEqual(['ours']);
});

test('a bootstrap peer that comes late, or comes back, is found', async () => {
  const first = await startNode([], { identity: 'bootstrap.key' });
  const address = addressOf(first);
  const restart = () =>
    startNode([], { identity: 'bootstrap.key', listen: address.slice(0, address.indexOf('/p2p/')) });
  await first.gossip.stop();
  const node = await startNode([address]);
  // Said once, however long it lasts.
  await node.recording.until('bootstrap peer still unreachable');
  const second = await restart();
  await meet(node, second);
  await node.recording.until('bootstrap peer reached');
  const said = node.recording.lines.filter(({ msg }) => msg === 'bootstrap peer unreachable');
  expect(said).toHaveLength(1);
  await second.gossip.stop();
  await node.until(() => node.gossip.peers().length === 0);
  const third = await restart();
  await meet(node, third);
  await publish(third, 'back');
  await node.until(() => node.delivered.includes('back'));
});

test('a node finds its peers again after a restart without any bootstrap peer', async () => {
  const friend = await startNode();
  const first = await startNode([friend], { identity: 'kept.key', knownPeers: 'peers.json' });
  await meet(friend, first);
  await first.recording.until('peer identified');
  await first.gossip.stop();
  const second = await startNode([], { identity: 'kept.key', knownPeers: 'peers.json' });
  await meet(friend, second);
});

test('a bootstrap peer with a full mesh introduces its peers to each other', async () => {
  const hub = await startNode();
  const leaves = await Promise.all(Array.from({ length: 15 }, () => startNode([hub])));
  // Beyond twelve, the hub tells those it does not forward to of the others.
  await Promise.race(leaves.map((leaf) => leaf.until(() => leaf.gossip.peers().length >= 2)));
});

test('a denied peer is not let in, and the refusal is counted', async () => {
  const banned = await startNode([], { identity: 'banned.key' });
  await banned.gossip.stop();
  const victim = await startNode([], { deny: [banned.gossip.peerId] });
  const friend = await startNode([victim]);
  await startNode([victim], { identity: 'banned.key' });
  await victim.until(() => (victim.metrics.snapshot()['connection_refused{reason="denied"}'] ?? 0) >= 1);
  await meet(victim, friend);
  expect(victim.gossip.peers()).toEqual([friend.gossip.peerId]);
});

test('the identity is created once, for the owner alone, and kept', async () => {
  const file = join(directory, 'deep', 'identity.key');
  const one = await startNode([], { identity: 'deep/identity.key' });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const bytes = await readFile(file);
  await one.gossip.stop();
  const two = await startNode([], { identity: 'deep/identity.key' });
  expect(two.gossip.peerId).toBe(one.gossip.peerId);
  expect(await readFile(file)).toEqual(bytes);
  await writeFile(join(directory, 'bad.key'), 'not a key');
  await expect(startNode([], { identity: 'bad.key' })).rejects.toMatchObject({ code: 'BAD_IDENTITY' });
});

test('an address in use is refused', async () => {
  const address = addressOf(await startNode());
  await expect(startNode([], { listen: address.slice(0, address.indexOf('/p2p/')) })).rejects.toMatchObject({
    code: 'BAD_ADDRESS',
  });
});

test('nothing is published after stopping', async () => {
  const node = await startNode();
  await node.gossip.stop();
  await node.gossip.stop();
  await expect(publish(node, 'late')).rejects.toMatchObject({ code: 'STOPPED' });
});
