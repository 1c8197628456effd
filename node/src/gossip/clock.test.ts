import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicsOf } from '@gavel/protocol';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { epochOfExchange } from '../clock/estimate.ts';
import { type Counters, createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import { clockProtocol } from './clock.ts';
import { type Gossip, startGossip } from './gossip.ts';
import { type Network, startNetwork } from './network.ts';
import type { Validator } from './validation.ts';

const EPOCH = 1_800_000_000_000;
/** What every steady clock shows: time stands still, however long an exchange takes. */
const STEADY = 5_000;
const PROTOCOL = clockProtocol('test');
const ignore: Validator = async () => ({ outcome: 'ignore', code: 'NONE' });

type Node = { readonly gossip: Gossip; readonly metrics: Counters; readonly time: { isOff: boolean } };

let directory: string;
let started = 0;
const nodes: Node[] = [];
const strangers: Network[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-clock-'));
});
afterEach(async () => {
  await Promise.all([
    ...nodes.splice(0).map(({ gossip }) => gossip.stop()),
    ...strangers.splice(0).map((stranger) => stranger.stop()),
  ]);
  await rm(directory, { recursive: true });
});

const p2pOf = (bootstrap: string[] = []) => ({
  listen: ['/ip4/127.0.0.1/tcp/0'],
  bootstrap,
  identity: join(directory, `${started++}.key`),
  maxPeers: 20,
});

/** Starts a node whose wall clock is `error` off, and whose steady clock began at the epoch. */
async function startNode(error: number, bootstrap: readonly Node[] = []): Promise<Node> {
  const metrics = createCounters();
  const time = { isOff: false };
  const gossip = await startGossip({
    network: 'test',
    p2p: p2pOf(bootstrap.flatMap((node) => node.gossip.addresses())),
    validators: { intents: ignore, quotes: ignore, awards: ignore },
    telemetry: { log: silentLogger(), metrics },
    signal: new AbortController().signal,
    clock: {
      wall: () => EPOCH + STEADY + error,
      steady: () => STEADY,
      isOff: () => time.isOff,
    },
  });
  const node = { gossip, metrics, time };
  nodes.push(node);
  await connected(gossip, bootstrap.length);
  return node;
}

function connected(gossip: Gossip, count: number): Promise<void> {
  return new Promise((resolve) => {
    const end = gossip.onPeers(check);
    function check() {
      if (gossip.peers().length < count) return;
      end();
      resolve();
    }
    check();
  });
}

/** Connects a peer without any of our rules. */
async function connectStranger(to: Node): Promise<Network> {
  const stranger = await startNetwork({
    privateKey: await generateKeyPair('Ed25519'),
    p2p: p2pOf(),
    topics: topicsOf('test'),
    metrics: createCounters(),
  });
  strangers.push(stranger);
  const [address = ''] = to.gossip.addresses();
  await stranger.dial(multiaddr(address));
  return stranger;
}

/** Says something on a stream of the clock's; resolves with what came back when the stream is closed. */
async function say(stranger: Network, bytes: Uint8Array): Promise<number> {
  const [connection] = stranger.getConnections();
  if (connection === undefined) throw new TypeError('not connected');
  const stream = await connection.newStream(PROTOCOL);
  let heard = 0;
  const closed = new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      heard += data.byteLength;
    });
    stream.addEventListener('close', () => resolve());
    stream.addEventListener('remoteCloseWrite', () => resolve());
  });
  stream.send(bytes);
  await closed;
  stream.abort(new TypeError('done'));
  return heard;
}

test('peers tell their time over TCP, and a node learns from it when its steady clock began', async () => {
  const first = await startNode(0);
  const second = await startNode(2_000, [first]);
  const third = await startNode(-500, [first, second]);
  const answers = await third.gossip.askClocks();
  const epochs = new Map(answers.map(({ peer, exchange }) => [peer, epochOfExchange(exchange)]));
  for (const [node, error] of [
    [first, 0],
    [second, 2_000],
  ] as const) {
    const epoch = epochs.get(node.gossip.peerId);
    expect(epoch?.least).toBeLessThanOrEqual(EPOCH + error);
    expect(epoch?.most).toBeGreaterThanOrEqual(EPOCH + error);
  }
  expect(first.metrics.snapshot()['clock_asked{code="ANSWERED"}']).toBe(1);
});

test('a node whose clock is off tells nobody a time', async () => {
  const first = await startNode(0);
  const second = await startNode(0, [first]);
  first.time.isOff = true;
  expect(await second.gossip.askClocks()).toEqual([]);
  expect(first.metrics.snapshot()['clock_asked{code="CLOCK_OFF"}']).toBe(1);
});

test('strangers who dial in are not asked once three peers of our own choice are there', async () => {
  const chosen = [await startNode(0), await startNode(0), await startNode(0)];
  const node = await startNode(0, chosen);
  const stranger = await startNode(86_400_000, [node]);
  const asked = (await node.gossip.askClocks()).map(({ peer }) => peer);
  expect(asked.sort()).toEqual(chosen.map(({ gossip }) => gossip.peerId).sort());
  expect((await stranger.gossip.askClocks()).map(({ peer }) => peer)).toEqual([node.gossip.peerId]);
});

test('a peer that asks too often is cut off, and others are still told', async () => {
  const node = await startNode(0);
  const stranger = await connectStranger(node);
  const answers: number[] = [];
  for (let count = 0; count < 8; count++) answers.push(await say(stranger, Uint8Array.of(1)));
  expect(answers.slice(0, 5)).toEqual([16, 16, 16, 16, 16]);
  expect(answers.at(-1)).toBe(0);
  const other = await startNode(0, [node]);
  expect(await other.gossip.askClocks()).toHaveLength(1);
});

test.each([
  ['another question', Uint8Array.of(2)],
  ['far too much', new Uint8Array(200_000)],
])('a peer that says %s is cut off', async (_, bytes) => {
  const node = await startNode(0);
  const stranger = await connectStranger(node);
  expect(await say(stranger, bytes)).toBe(0);
  expect(node.metrics.snapshot()['clock_asked{code="BAD_QUESTION"}']).toBe(1);
});

test.each<[string, (stream: Stream) => void]>([
  ['hangs up', (stream) => stream.abort(new TypeError('no'))],
  [
    'says too little',
    (stream) => {
      stream.send(new Uint8Array(3));
      void stream.close();
    },
  ],
  ['says too much', (stream) => void stream.send(new Uint8Array(100_000))],
])('a peer that is asked and %s is no witness', async (_, behave) => {
  const node = await startNode(0);
  const stranger = await connectStranger(node);
  await stranger.handle(PROTOCOL, behave);
  await connected(node.gossip, 1);
  expect(await node.gossip.askClocks()).toEqual([]);
  await startNode(0, [node]);
  await connected(node.gossip, 2);
  expect(await node.gossip.askClocks()).toHaveLength(1);
});
