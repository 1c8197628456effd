import { peerIdFromString } from '@libp2p/peer-id';
import { expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { DEFAULT_LIMITS } from './admission.ts';
import type { Internals } from './internals.ts';
import { createBanned, createPeerLimits, MOST_COPIES, MOST_UNHEARD_FRAMES } from './peer-limits.ts';

const PEER = '12D3KooWLCcCTHp6HLq85Vtk7PWcvaa5JBMrwLUJy4DkhyWanquK';

/** Conduct over a stand-in for gossipsub, whose score a test sets. */
function setUp(protectedPeers: readonly string[] = []) {
  const metrics = createCounters();
  const scores = new Map<string, number>();
  const taken: number[] = [];
  const hungUp: string[] = [];
  const internals: Internals = {
    seenCache: { entries: new Map() },
    mesh: new Map(),
    gossip: new Map(),
    handleReceivedRpc: async (_from, { messages }) => void taken.push(messages.length),
    score: {
      score: (peer) => scores.get(peer) ?? 0,
      addPenalty: (peer, penalty) => void scores.set(peer, (scores.get(peer) ?? 0) - penalty),
      duplicateMessage: () => undefined,
    },
  };
  const banned = createBanned(new Set(protectedPeers));
  const peerLimits = createPeerLimits({
    internals,
    topics: new Map([['/quotes', 'quotes']]),
    limits: { ...DEFAULT_LIMITS, burst: 5, perSecond: 0 },
    banned,
    hangUp: (peer) => void hungUp.push(peer.toString()),
    onCopy: () => undefined,
    telemetry: { log: recordingLogger().log, metrics },
  });
  const send = (count: number, topic = '/quotes') =>
    internals.handleReceivedRpc(peerIdFromString(PEER), {
      messages: Array.from({ length: count }, () => ({ topic })),
    });
  return { peerLimits, internals, scores, taken, hungUp, banned, send, metrics };
}

test('what is over the rate, and what is on no topic of ours, does not reach gossipsub', async () => {
  const { send, taken, metrics } = setUp();
  await send(3);
  await send(3);
  await send(3, '/elsewhere');
  expect(taken).toEqual([3, 2, 0]);
  const limited = metrics.snapshot()['gossip{code="RATE_LIMITED",outcome="ignore",topic="quotes"}'];
  expect(limited).toBe(1);
});

test('each copy beyond those there is a reason for costs a penalty', () => {
  const { peerLimits, internals, scores } = setUp();
  for (let copy = 0; copy < MOST_COPIES; copy++) internals.score.duplicateMessage(PEER, 'id', '/quotes');
  expect(scores.get(PEER)).toBeUndefined();
  expect(peerLimits.countCopy('id', PEER)).toBe(false);
  internals.score.duplicateMessage(PEER, 'id', '/quotes');
  expect(scores.get(PEER)).toBe(-2);
  expect(peerLimits.countCopy('other', PEER)).toBe(true);
});

test('a peer that goes on while nobody listens is hung up on, a bootstrap peer never', async () => {
  for (const isProtected of [false, true]) {
    const { send, scores, hungUp, banned } = setUp(isProtected ? [PEER] : []);
    scores.set(PEER, -81);
    for (let frame = 0; frame < MOST_UNHEARD_FRAMES + 5; frame++) await send(1);
    expect(hungUp).toEqual(isProtected ? [] : [PEER]);
    expect(banned.has(PEER)).toBe(!isProtected);
  }
});

test('a peer that leaves with a bad score is kept out, one that leaves with a fair one is not', () => {
  const { peerLimits, scores, banned } = setUp();
  scores.set(PEER, -9);
  peerLimits.left(PEER);
  expect(banned.has(PEER)).toBe(false);
  scores.set(PEER, -11);
  peerLimits.left(PEER);
  expect(banned.has(PEER)).toBe(true);
});
