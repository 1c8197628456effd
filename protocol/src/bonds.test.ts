import { expect, test } from 'vitest';
import { bondOf, fadePenaltyOf } from './bonds.ts';

const intent = { repay: 1_000_000n, seizable: 500_000n };
const terms = { stressBps: 1_000, maxAskBps: 9_800, lateBountyBps: 10, bonusBps: 500 };

test('the bond is the stress move, or the late penalty where the ask leaves more to gain by being late', () => {
  // 10 % of 1 000 000; the penalty at this ask is 1 000 + 10 000 × 1 050 000 ÷ 500 000 = 22 000.
  expect(bondOf(480_000n, intent, terms)).toBe(100_000n);
  // 1 000 + 90 000 × 1 050 000 ÷ 500 000 = 190 000.
  expect(bondOf(400_000n, intent, terms)).toBe(190_000n);
  // Above the highest ask of the public phase nothing can rise: the bounty alone.
  expect(bondOf(499_950n, intent, { ...terms, stressBps: 0 })).toBe(1_000n);
});

test('the fade penalty is its part of the whole promise, rounded up as the escrow does', () => {
  expect(fadePenaltyOf({ repay: 1_000_000n }, { fadeBps: 100 })).toBe(10_000n);
  expect(fadePenaltyOf({ repay: 1_000_001n }, { fadeBps: 100 })).toBe(10_001n);
  expect(fadePenaltyOf({ repay: 1_000_000n }, { fadeBps: 0 })).toBe(0n);
});
