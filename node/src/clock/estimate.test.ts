import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  agree,
  epochOfExchange,
  epochOfHeads,
  type Interval,
  isBeyond,
  offsetOf,
  putTogether,
  type SeenHead,
} from './estimate.ts';

const POLL = { pollMs: 1_000, maxLagBlocks: 5 };
const EPOCH = 1_800_000_000_000;

const holds = ({ least, most }: Interval, value: number) => least <= value && value <= most;
const any = fc
  .tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }), fc.double({ noNaN: true }))
  .map(([a, b, c]): Interval => {
    const [least = 0, best = 0, most = 0] = [a, b, c].sort((x, y) => x - y);
    return { least, best, most };
  });
/** What a witness who knows says: however wide, the truth is in it. */
const honest = (truth: number) =>
  fc
    .tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true }))
    .map(([below, above]): Interval => ({ least: truth - below, best: truth, most: truth + above }));

test('whatever fewer than half of the witnesses say, the truth lies in what they agree on', () => {
  const crowd = fc
    .integer({ min: 1, max: 9 })
    .chain((count) =>
      fc.tuple(
        fc.array(honest(7), { minLength: count, maxLength: count }),
        fc.array(any, { maxLength: count - 1 }),
      ),
    );
  fc.assert(
    fc.property(crowd, ([known, lies]) => {
      const agreed = agree([...lies, ...known]);
      expect(agreed && holds(agreed, 7)).toBe(true);
      expect(agreed && holds(agreed, agreed.best)).toBe(true);
    }),
  );
});

test('liars in a minority never stop a node whose clock is right, nor keep one going that knows better', () => {
  const crowd = fc.integer({ min: 2, max: 6 }).chain((count) =>
    fc.tuple(
      fc.array(fc.double({ min: -40, max: 40, noNaN: true }), {
        minLength: count + 1,
        maxLength: count + 1,
      }),
      fc.array(any, { maxLength: count }),
    ),
  );
  const exact = (error: number): Interval => ({
    least: EPOCH + error - 2,
    best: EPOCH + error,
    most: EPOCH + error + 2,
  });
  fc.assert(
    fc.property(crowd, ([errors, lies]) => {
      const { epoch } = putTogether([], [...lies, ...errors.map(exact)]);
      if (epoch === undefined) throw new TypeError('three peers at least');
      expect(isBeyond(offsetOf(epoch, { wall: EPOCH + 5, steady: 0 }), 500)).toBe(false);
      expect(isBeyond(offsetOf(epoch, { wall: EPOCH + 600, steady: 0 }), 500)).toBe(true);
      expect(isBeyond(offsetOf(epoch, { wall: EPOCH - 600, steady: 0 }), 500)).toBe(true);
    }),
  );
});

test('one or two peers decide nothing, and three with nobody to contradict them do', () => {
  const peer = { least: EPOCH - 1, best: EPOCH, most: EPOCH + 1 };
  expect(putTogether([], [peer, peer])).toEqual({ epoch: undefined, contradicts: false });
  expect(putTogether([], [peer, peer, peer]).epoch).toEqual(peer);
});

test('peers decide within what chains leave open, and a contradiction decides nothing', () => {
  const chain = { least: EPOCH - 1_000, best: EPOCH, most: EPOCH + 70_000 };
  const peers = (epoch: number) => Array(3).fill({ least: epoch - 1, best: epoch, most: epoch + 1 });
  expect(putTogether([chain], peers(EPOCH + 900)).epoch).toMatchObject({ best: EPOCH + 900 });
  expect(putTogether([chain], peers(EPOCH - 9_000))).toEqual({ epoch: undefined, contradicts: true });
});

test('an exchange holds the truth however lopsided its ways were', () => {
  const ways = fc.record({
    there: fc.double({ min: 0, max: 5_000, noNaN: true }),
    thinking: fc.double({ min: 0, max: 5_000, noNaN: true }),
    back: fc.double({ min: 0, max: 5_000, noNaN: true }),
    sent: fc.integer({ min: 0, max: 1e9 }),
  });
  fc.assert(
    fc.property(ways, ({ there, thinking, back, sent }) => {
      const exchange = {
        sent,
        theirReceived: Math.floor(EPOCH + sent + there),
        theirSent: Math.floor(EPOCH + sent + there + thinking),
        received: sent + there + thinking + back,
      };
      const epoch = epochOfExchange(exchange);
      expect(epoch && holds(epoch, EPOCH)).toBe(true);
      expect(epoch && epoch.most - epoch.least).toBeLessThanOrEqual(there + back + 2);
    }),
  );
});

test.each([
  { sent: 0, theirReceived: 10, theirSent: 9, received: 5 },
  { sent: 0, theirReceived: 10, theirSent: 100, received: 5 },
  { sent: 0, theirReceived: Number.NaN, theirSent: 10, received: 5 },
  { sent: 0, theirReceived: 10, theirSent: Number.POSITIVE_INFINITY, received: 5 },
])('an answer that contradicts itself is none: %o', (exchange) => {
  expect(epochOfExchange(exchange)).toBeUndefined();
});

/** Blocks every `step` that come `late` after their time. */
function blocks(count: number, step: number, late: (index: number) => number): SeenHead[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: EPOCH + index * step,
    at: index * step + late(index),
  }));
}

test('heads of a live chain hold the truth, late as they may come', () => {
  const lateness = fc.array(fc.double({ min: 0, max: 13_000, noNaN: true }), { minLength: 4, maxLength: 16 });
  fc.assert(
    fc.property(lateness, (late) => {
      const epoch = epochOfHeads(
        blocks(late.length, 12_000, (index) => late[index] ?? 0),
        POLL,
      );
      expect(epoch && holds(epoch, EPOCH)).toBe(true);
    }),
  );
});

test('a block from the future convicts a clock that is behind; an old one convicts none', () => {
  const behind = epochOfHeads([{ timestamp: EPOCH + 5_000, at: 0 }], POLL);
  expect(behind && isBeyond(offsetOf(behind, { wall: EPOCH, steady: 0 }), 500)).toBe(true);
  const old = epochOfHeads([{ timestamp: EPOCH - 3_600_000, at: 0 }], POLL);
  expect(old && isBeyond(offsetOf(old, { wall: EPOCH, steady: 0 }), 500)).toBe(false);
});

test('a chain that catches up bounds the time from one side alone', () => {
  const syncing = epochOfHeads(
    blocks(8, 12_000, (index) => 900_000 - index * 12_000),
    POLL,
  );
  expect(syncing?.most).toBe(Number.POSITIVE_INFINITY);
});

test('live chains alone convict a clock that is far ahead', () => {
  const epoch = epochOfHeads(
    blocks(8, 2_000, () => 700),
    POLL,
  );
  expect(epoch && isBeyond(offsetOf(epoch, { wall: EPOCH + 5_000, steady: 0 }), 500)).toBe(false);
  expect(epoch && isBeyond(offsetOf(epoch, { wall: EPOCH + 60_000, steady: 0 }), 500)).toBe(true);
});

test('no heads and no peers say nothing', () => {
  expect(epochOfHeads([], POLL)).toBeUndefined();
  expect(agree([])).toBeUndefined();
  expect(putTogether([], [])).toEqual({ epoch: undefined, contradicts: false });
});
