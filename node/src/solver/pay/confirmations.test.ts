import { expect, test } from 'vitest';
import { confirmationsFor } from './confirmations.ts';

const tiers = [
  { upTo: '1000', confirmations: 1 },
  { upTo: '25000.5', confirmations: 4 },
  { confirmations: 12 },
];

const token = '0x00000000000000000000000000000000000000aa';
const repaid = (value: bigint, decimals: number) => ({ chain: 'alpha', token, value, decimals }) as const;

test('a payment waits for the confirmations of the first tier that reaches its value', () => {
  const unit = 10n ** 6n;
  expect(confirmationsFor(tiers, repaid(1n, 6))).toBe(1);
  expect(confirmationsFor(tiers, repaid(1_000n * unit, 6))).toBe(1);
  expect(confirmationsFor(tiers, repaid(1_000n * unit + 1n, 6))).toBe(4);
  expect(confirmationsFor(tiers, repaid(25_000n * unit + unit / 2n, 6))).toBe(4);
  expect(confirmationsFor(tiers, repaid(25_000n * unit + unit / 2n + 1n, 6))).toBe(12);
});

test('decimals are those of the debt token', () => {
  expect(confirmationsFor(tiers, repaid(1_000n * 10n ** 18n, 18))).toBe(1);
  expect(confirmationsFor(tiers, repaid(1_001n * 10n ** 18n, 18))).toBe(4);
  expect(confirmationsFor(tiers, repaid(25_000n, 0))).toBe(4);
  expect(confirmationsFor(tiers, repaid(25_001n, 0))).toBe(12);
});

test('one number counts for every value', () => {
  expect(confirmationsFor([{ confirmations: 3 }], repaid(10n ** 30n, 6))).toBe(3);
});

test('a token with tiers of its own goes by those, and by the last of all above them', () => {
  const weth = '0x00000000000000000000000000000000000000bb';
  const own = [{ chain: 'alpha', token: weth, upTo: '0.25', confirmations: 2 }, ...tiers] as const;
  const ether = 10n ** 18n;
  const inEther = (value: bigint, chain = 'alpha') =>
    confirmationsFor(own, { chain, token: weth, value, decimals: 18 });
  expect(inEther(ether / 4n)).toBe(2);
  expect(inEther(ether / 4n + 1n)).toBe(12);
  expect(inEther(ether, 'beta')).toBe(1);
  expect(confirmationsFor(own, repaid(1_000_000n, 6))).toBe(1);
});
