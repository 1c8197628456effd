import { expect, test } from 'vitest';
import { confirmationsFor } from './confirmations.ts';

const tiers = [
  { upTo: '1000', confirmations: 1 },
  { upTo: '25000.5', confirmations: 4 },
  { confirmations: 12 },
];

test('a payment waits for the confirmations of the first tier that reaches its value', () => {
  const unit = 10n ** 6n;
  expect(confirmationsFor(tiers, 1n, 6)).toBe(1);
  expect(confirmationsFor(tiers, 1_000n * unit, 6)).toBe(1);
  expect(confirmationsFor(tiers, 1_000n * unit + 1n, 6)).toBe(4);
  expect(confirmationsFor(tiers, 25_000n * unit + unit / 2n, 6)).toBe(4);
  expect(confirmationsFor(tiers, 25_000n * unit + unit / 2n + 1n, 6)).toBe(12);
});

test('decimals are those of the debt token', () => {
  expect(confirmationsFor(tiers, 1_000n * 10n ** 18n, 18)).toBe(1);
  expect(confirmationsFor(tiers, 1_001n * 10n ** 18n, 18)).toBe(4);
  expect(confirmationsFor(tiers, 25_000n, 0)).toBe(4);
  expect(confirmationsFor(tiers, 25_001n, 0)).toBe(12);
});

test('one number counts for every value', () => {
  expect(confirmationsFor([{ confirmations: 3 }], 10n ** 30n, 6)).toBe(3);
});
