import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import { awardDigest, awardOf, encodeAuctionMessage, encodeQuote, signVote, topicsOf } from '@gavel/protocol';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { type Hex, keccak256, toHex } from 'viem';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../src/gossip/admission.ts';
import { type Network, startNetwork } from '../src/gossip/network.ts';
import { MOST_COPIES } from '../src/gossip/peer-limits.ts';
import { GRAYLIST_SCORE } from '../src/gossip/scores.ts';
import { TOPIC_NAMES, type TopicName } from '../src/gossip/validation.ts';
import { createCounters } from '../src/observe/counters.ts';
import type { Scope } from '../src/runtime/scope.ts';
import { type Arena, keyOf } from './arena.ts';
import {
  bid,
  closeAll,
  joined,
  nodeAt,
  openScope,
  startNode,
  startNodes,
  stepsOf,
  type TestNode,
  timedArena,
} from './auction-nodes.ts';
import { startCable } from './cable.ts';

/*
 * Real nodes, with real auctions, on real sockets, among peers that mean harm: those speak libp2p and
 * gossipsub, and keep none of our rules.
 */

afterEach(closeAll);

const topics = topicsOf('arena');
/** The option of a node that soon gives up waiting for an intent that never comes. */
const BRIEF = { intentWaitMs: 500 };

/** A peer without any of our rules. */
type Hostile = {
  readonly peerId: string;
  readonly network: Network;
  /** Sends the victim messages in one frame, regardless of what was sent before. */
  send(topic: TopicName, messages: readonly Uint8Array[]): void;
};

/** Connects a peer to `victim` that takes every message and passes none on. */
async function startHostile(victim: TestNode, scope: Scope): Promise<Hostile> {
  const network = await startNetwork({
    privateKey: await generateKeyPair('Ed25519'),
    p2p: { listen: [], bootstrap: [], identity: '', maxPeers: 50 },
    topics,
    metrics: createCounters(),
  });
  scope.defer(() => network.stop());
  const { pubsub } = network.services;
  for (const topic of TOPIC_NAMES) {
    pubsub.topicValidators.set(topics[topic], () => TopicValidatorResult.Ignore);
    pubsub.subscribe(topics[topic]);
  }
  await network.dial(victim.gossip.addresses().map((address) => multiaddr(address)));
  const peerId = network.peerId.toString();
  await victim.until(() => TOPIC_NAMES.every((topic) => victim.gossip.subscribers(topic).includes(peerId)));
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => {
    if (pubsub.getSubscribers(topics.awards).some((peer) => peer.toString() === victim.gossip.peerId))
      resolve();
  };
  pubsub.addEventListener('subscription-change', check);
  check();
  await promise;
  pubsub.removeEventListener('subscription-change', check);
  // Gossipsub itself never sends a message twice.
  const { sendRpc } = pubsub as unknown as { sendRpc(to: string, frame: unknown): boolean };
  return {
    peerId,
    network,
    send(topic, messages) {
      const frame = { subscriptions: [], messages: messages.map((data) => ({ topic: topics[topic], data })) };
      sendRpc.call(pubsub, victim.gossip.peerId, frame);
    },
  };
}

const counted = (node: TestNode, topic: TopicName, outcome: string, code: string) =>
  node.metrics.snapshot()[`gossip{code="${code}",outcome="${outcome}",topic="${topic}"}`] ?? 0;
const accepted = (node: TestNode, topic: TopicName) => counted(node, topic, 'accept', 'ACCEPTED');
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Quotes as a solver would sign them, for unknown intents. */
function junkQuotes(arena: Arena, count: number, name: string): Uint8Array[] {
  const [template] = [arena.quote('x', keccak256(toHex(name)))];
  return Array.from({ length: count }, (_, index) =>
    encodeQuote({ ...template, quote: { ...template.quote, intent: keccak256(toHex(`${name} ${index}`)) } }),
  );
}

test('two halves auction apart, rejoin, and everybody ends with the one certificate', async () => {
  const arena = timedArena();
  const scope = openScope();
  const near = await startNode('a', arena, [], scope);
  const nearListener = await startNode(undefined, arena, near.gossip.addresses(), scope);
  const [address = ''] = near.gossip.addresses();
  const cable = await startCable(address, scope);
  const far = await startNode('b', arena, [`${cable.address}/p2p/${near.gossip.peerId}`], scope);
  const farOther = await startNode('c', arena, far.gossip.addresses(), scope);
  await joined([near, nearListener, far]);
  await joined([far, near, farOther]);
  cable.cut();
  await far.until(() => !far.gossip.peers().includes(near.gossip.peerId));

  // The far half holds two of three auctioneers and sees three quotes, the near half one, and another quote.
  const { intent } = await bid(farOther, arena);
  const { bytes } = await arena.intent();
  await nearListener.publish('intents', bytes, {});
  await nearListener.publish('quotes', encodeQuote(arena.quote('x', intent, { ask: 460_000n })), {});
  const half = [far, farOther];
  const { closeQuotes, castFirst } = await stepsOf(arena);
  await closeQuotes(half, 3);
  await castFirst(half, 2);
  await far.certificate;
  expect(near.certificates).toEqual([]);
  await far.logged.until('bootstrap peer unreachable');

  cable.mend();
  const nodes = [near, nearListener, far, farOther];
  await Promise.all(nodes.map(({ certificate }) => certificate));
  const certificates = nodes.flatMap((node) => node.certificates);
  expect(certificates).toHaveLength(nodes.length);
  const awards = new Set(certificates.map(({ award }) => awardDigest(award, arena.home)));
  expect(awards.size).toBe(1);
});

test('an old message replayed by a peer is dropped before any signature is looked at, and the peer is hung up on', async () => {
  const arena = timedArena();
  const scope = openScope();
  const victim = await startNode(undefined, arena, [], scope, BRIEF);
  const honest = await startNode(undefined, arena, victim.gossip.addresses(), scope);
  await joined([victim, honest]);
  // Asked of every quote as soon as its signature is verified.
  const asked: Hex[] = [];
  const { isKey } = arena.market.reads;
  arena.market.reads.isKey = (account, ...rest) => {
    asked.push(account);
    return isKey(account, ...rest);
  };
  const { intent } = await bid(honest, arena);
  await victim.until(() => accepted(victim, 'quotes') === 3);
  const known = encodeQuote(arena.quote('x', intent, { ask: 490_000n }));
  const [unknown = new Uint8Array()] = junkQuotes(arena, 1, 'old');
  const before = { judged: victim.judged.quotes, asked: asked.length };

  const hostile = await startHostile(victim, scope);
  while (victim.gossip.peers().includes(hostile.peerId)) {
    hostile.send(
      'quotes',
      Array.from({ length: 50 }, () => known),
    );
    hostile.send(
      'quotes',
      Array.from({ length: 50 }, () => unknown),
    );
    await tick();
  }
  await victim.logged.until('peer misbehaves, hung up', { peer: hostile.peerId });
  await victim.until(() => !victim.gossip.peers().includes(hostile.peerId));
  expect(victim.judged.quotes - before.judged).toBeLessThanOrEqual(MOST_COPIES);
  expect(before.asked).toBeGreaterThan(0);
  expect(asked.length - before.asked).toBe(0);
  expect(victim.gossip.score(hostile.peerId)).toBeLessThan(GRAYLIST_SCORE);
  expect(victim.metrics.snapshot()['peer_penalised{reason="copies"}'] ?? 0).toBeGreaterThan(0);
  expect(victim.metrics.snapshot()).toMatchObject({ peer_hung_up: 1 });

  // Its score is not its to reset by coming again.
  const again = hostile.network.dial(victim.gossip.addresses().map((address) => multiaddr(address)));
  await again.then(
    () => undefined,
    () => undefined,
  );
  await victim.until(() => (victim.metrics.snapshot()['connection_refused{reason="misbehaved"}'] ?? 0) > 0);
  expect(victim.gossip.peers()).toEqual([honest.gossip.peerId]);
});

test('a node among twelve peers that withhold everything still hears honest quotes and awards through two', async () => {
  const arena = timedArena();
  const scope = openScope();
  const bootstrap = await startNode(undefined, arena, [], scope);
  const victim = await startNode(undefined, arena, bootstrap.gossip.addresses(), scope);
  const hostile = await Promise.all(Array.from({ length: 12 }, () => startHostile(victim, scope)));
  const other = await startNode(undefined, arena, victim.gossip.addresses(), scope);
  // The source of what is honest does not know the victim.
  const source = await startNode(
    'a',
    arena,
    [...bootstrap.gossip.addresses(), ...other.gossip.addresses()],
    scope,
  );
  const second = await startNode('b', arena, source.gossip.addresses(), scope);
  await joined([source, second]);
  await source.until(() => source.gossip.peers().length >= 3);
  for (const [index, { send }] of hostile.slice(0, 4).entries())
    send('awards', junkQuotes(arena, 5, `junk ${index}`));
  await bid(source, arena);
  const { closeQuotes, castFirst } = await stepsOf(arena);
  await closeQuotes([source, second], 3);
  await castFirst([source, second], 2);
  const { certificate } = await victim.certificate;
  expect(certificate.quotes).toHaveLength(3);
  expect(accepted(victim, 'quotes')).toBe(3);
  expect(victim.gossip.peers()).toContain(bootstrap.gossip.peerId);
  expect(victim.gossip.mesh('awards')).toContain(bootstrap.gossip.peerId);
  expect(
    counted(victim, 'awards', 'reject', 'UNDECODABLE') + counted(victim, 'awards', 'reject', 'BAD_FIELD'),
  ).toBeGreaterThan(0);
});

test('a flood within no limit of rate does not delay awards beyond a bound', async () => {
  // Each of them has two votes of each attempt that are passed on.
  const auctioneers = Array.from({ length: 8 }, (_, index) => `voter ${index}`);
  const arena = timedArena({ auctioneers, threshold: 5 });
  const scope = openScope();
  const limits = { ...DEFAULT_LIMITS, burst: 1e9, perSecond: 1e9, intents: { burst: 1e9, perSecond: 1e9 } };
  const victim = await startNode(undefined, arena, [], scope, { limits });
  const honest = await startNode(undefined, arena, victim.gossip.addresses(), scope);
  await joined([victim, honest]);
  const hostile = await startHostile(victim, scope);
  const { intent } = await bid(honest, arena);
  await (await stepsOf(arena)).closeQuotes([honest, victim], 3);

  let number = 0;
  /**
   * Publishes votes, and counts the other awards that the victim took up between a vote's publication and its
   * acceptance.
   */
  const overtaking = async (votes: number): Promise<number> => {
    let count = 0;
    for (let vote = 0; vote < votes; vote++) {
      const award = awardOf(intent, number % 2 === 0 ? 1 : 2, [keccak256(toHex(`ranked ${number}`))]);
      const voter = keyOf(`voter ${number++ >> 2}`);
      const bytes = encodeAuctionMessage({ kind: 'vote', vote: signVote(award, [], arena.home, voter) });
      const before = accepted(victim, 'awards');
      const since = victim.judged.awards;
      expect(await honest.publish('awards', bytes, {})).toBe(true);
      await victim.until(() => accepted(victim, 'awards') > before);
      count += victim.judged.awards - since - 1;
    }
    return count;
  };
  expect(await overtaking(15)).toBe(0);
  const ready = Array.from({ length: 4 }, (_, index) => [
    junkQuotes(arena, 50, `flood ${index}`),
    junkVotes(arena, 50, `flood ${index}`),
  ]);
  let isOver = false;
  const flood = (async () => {
    for (let round = 0; !isOver; round++) {
      const [quotes = [], votes = []] = ready[round % ready.length] ?? [];
      hostile.send(
        'quotes',
        quotes.map((bytes) => bend(bytes, round)),
      );
      hostile.send(
        'awards',
        votes.map((bytes) => bend(bytes, round)),
      );
      await tick();
    }
  })();
  await victim.until(() => counted(victim, 'awards', 'ignore', 'BUSY') > 500);
  const overtook = await overtaking(15);
  isOver = true;
  await flood;
  // The flood's messages stay under judgement while they wait for their intents, so that the flood holds
  // every place it may have. Judged in the order of arrival, the votes would wait behind hundreds, or find no
  // place at all.
  expect(overtook).toBe(0);
  expect(counted(victim, 'quotes', 'ignore', 'BUSY')).toBeGreaterThan(0);
});

test('a flooder is no longer listened to, a peer that is late and seldom heard is', async () => {
  const arena = timedArena();
  const scope = openScope();
  const victim = await startNode(undefined, arena, [], scope, BRIEF);
  const slow = await startHostile(victim, scope);
  const { digest, bytes } = await arena.intent();
  const late = encodeQuote(arena.quote('y', keccak256(toHex('long ago'))));
  slow.send('intents', [bytes]);
  slow.send('quotes', [late]);
  await victim.until(() => accepted(victim, 'intents') === 1);
  await victim.until(() => counted(victim, 'quotes', 'ignore', 'UNKNOWN_INTENT') === 1);

  const flooder = await startHostile(victim, scope);
  const [junk = new Uint8Array()] = junkQuotes(arena, 1, 'flood');
  let number = 0;
  while (victim.gossip.peers().includes(flooder.peerId)) {
    flooder.send(
      'quotes',
      Array.from({ length: 1_000 }, () => bend(junk, number++)),
    );
    await tick();
  }
  expect(victim.gossip.score(flooder.peerId)).toBeLessThan(GRAYLIST_SCORE);
  expect(victim.metrics.snapshot()['peer_penalised{reason="rate"}'] ?? 0).toBeGreaterThan(6);
  expect(counted(victim, 'quotes', 'ignore', 'RATE_LIMITED')).toBeGreaterThan(6_000);
  await victim.logged.until('peer misbehaves, hung up', { peer: flooder.peerId });

  expect(victim.gossip.score(slow.peerId)).toBeGreaterThanOrEqual(0);
  slow.send('quotes', [encodeQuote(arena.quote('y', digest))]);
  await victim.until(() => accepted(victim, 'quotes') === 1);
});

test('copies of a message, from however many peers, are judged once', async () => {
  const arena = timedArena();
  const nodes = await startNodes([undefined, undefined], arena);
  const victim = nodeAt(nodes, 0);
  const scope = openScope();
  const peers = await Promise.all(Array.from({ length: 5 }, () => startHostile(victim, scope)));
  const { intent } = await bid(nodeAt(nodes, 1), arena);
  await victim.until(() => accepted(victim, 'quotes') === 3);
  const before = victim.judged.quotes;
  const quote = encodeQuote(arena.quote('y', intent, { ask: 465_000n }));
  for (const peer of peers) peer.send('quotes', [quote, quote]);
  const last = encodeQuote(arena.quote('z', intent, { ask: 455_000n }));
  peers.at(-1)?.send('quotes', [last]);
  await victim.until(() => accepted(victim, 'quotes') === 5);
  expect(victim.judged.quotes - before).toBe(2);
  for (const { peerId } of peers) expect(victim.gossip.score(peerId)).toBeGreaterThanOrEqual(0);
});

test('the limit on connections holds when many good peers come at once, and the bootstrap peer finds a place', async () => {
  const arena = timedArena();
  const scope = openScope();
  const bootstrap = await startNode(undefined, arena, [], scope);
  const victim = await startNode(undefined, arena, bootstrap.gossip.addresses(), scope, { maxPeers: 8 });
  await victim.until(() => victim.gossip.peers().includes(bootstrap.gossip.peerId));
  const peers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const network = await startNetwork({
        privateKey: await generateKeyPair('Ed25519'),
        p2p: { listen: [], bootstrap: [], identity: '', maxPeers: 50 },
        topics,
        metrics: createCounters(),
      });
      scope.defer(() => network.stop());
      return network;
    }),
  );
  const refused = () => victim.metrics.snapshot()['connection_refused{reason="inbound_full"}'] ?? 0;
  const addresses = victim.gossip.addresses().map((address) => multiaddr(address));
  await Promise.allSettled(peers.map((peer) => peer.dial(addresses)));
  await victim.until(() => refused() === 14 && victim.gossip.peers().length <= 7);
  expect(victim.gossip.peers()).toHaveLength(7);
  expect(victim.gossip.peers()).toContain(bootstrap.gossip.peerId);
});

/** Votes of a stranger, for unknown intents. */
function junkVotes(arena: Arena, count: number, name: string): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const award = awardOf(keccak256(toHex(`${name} ${index}`)), 1, []);
    return encodeAuctionMessage({ kind: 'vote', vote: signVote(award, [], arena.home, keyOf('stranger')) });
  });
}

/** Makes another message of one, as fast as can be: its first hash, the intent's, becomes another. */
function bend(bytes: Uint8Array, by: number): Uint8Array {
  const bent = Buffer.from(bytes);
  const at = bent.indexOf(Buffer.from([0x0a, 0x20])) + 2;
  bent.writeUInt32BE(by >>> 0, at);
  return bent;
}
