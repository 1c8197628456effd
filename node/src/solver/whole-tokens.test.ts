import { expect, test } from 'vitest';
import { costInDebt, unitsOf } from './whole-tokens.ts';

test('amounts of whole tokens scale to 2 decimals and to 27; a bound rounds down, a cost up', () => {
  expect(unitsOf('0.05', 6, 'down')).toBe(50_000n);
  expect(unitsOf('12', 27, 'down')).toBe(12n * 10n ** 27n);
  expect(unitsOf('0.999', 2, 'down')).toBe(99n);
  expect(unitsOf('0.991', 2, 'up')).toBe(100n);
  expect(unitsOf('0.990', 2, 'up')).toBe(99n);
  expect(unitsOf('7', 0, 'up')).toBe(7n);
});

test('what a payment costs is for its chain and its token, not one number for dollars and ether', () => {
  const usdc = '0x00000000000000000000000000000000000000aa';
  const weth = '0x00000000000000000000000000000000000000bb';
  const costs = [
    { chain: 'gamma', token: usdc, perPayment: '0.05' },
    { chain: 'gamma', token: weth, perPayment: '0.0000125' },
  ] as const;
  expect(costInDebt(costs, { chain: 'gamma', token: usdc }, 6)).toBe(50_000n);
  expect(costInDebt(costs, { chain: 'gamma', token: weth }, 18)).toBe(12_500_000_000_000n);
  expect(costInDebt(costs, { chain: 'alpha', token: usdc }, 6)).toBe(0n);
});
