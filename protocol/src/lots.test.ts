import fc from 'fast-check';
import { expect, test } from 'vitest';
import { risingAsk, risingLot } from './lots.ts';

const amount = fc.bigInt({ min: 1n, max: 2n ** 120n });
const seconds = fc.bigInt({ min: 1n, max: 10n ** 6n });

test('a lot rises from its least part to the whole, never falls, and stays whole', () => {
  fc.assert(
    fc.property(
      amount,
      fc.bigInt({ min: 1n, max: 10_000n }),
      seconds,
      seconds,
      seconds,
      (full, leastBps, length, a, b) => {
        const curve = { leastBps, start: 1_000n, length };
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(risingLot(full, curve, 1_000n)).toBe((full * leastBps) / 10_000n);
        expect(risingLot(full, curve, 1_000n + length)).toBe(full);
        const lots = [early, late].map((at) => risingLot(full, curve, 1_000n + at));
        expect(lots[0]).toBeLessThanOrEqual(lots[1] ?? 0n);
        expect(lots[1]).toBeLessThanOrEqual(full);
      },
    ),
  );
});

test('before its start a lot is at its least', () => {
  expect(risingLot(1_000n, { leastBps: 9_000n, start: 50n, length: 100n }, 0n)).toBe(900n);
});

test('an ask rises from the winner’s to the highest between the end of its right and the last moment', () => {
  const order = { ask: 970n, maxAsk: 990n, exclusiveUntil: 100n, fillDeadline: 200n };
  expect([0n, 100n, 101n, 150n, 200n, 300n].map((at) => risingAsk(order, at))).toEqual([
    970n,
    970n,
    970n,
    980n,
    990n,
    990n,
  ]);
});
