import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPayable, payableOptions, utilisationBps } from './inventory.ts';
import { anOpportunity, aPayOption, aRemotePayOption } from './testing/index.ts';

test('an option is payable when inventory and free bond cover it exactly', () => {
  const exact = { payAmount: 10n, available: 10n, bond: { required: 3n, free: 3n } };
  expect(isPayable(aRemotePayOption(exact))).toBe(true);
  expect(isPayable(aRemotePayOption({ ...exact, available: 9n }))).toBe(false);
  expect(isPayable(aRemotePayOption({ ...exact, bond: { required: 3n, free: 2n } }))).toBe(false);
});

test('payable options keep their order', () => {
  const [first, short, last] = [
    aPayOption(),
    aRemotePayOption({ available: 0n }),
    aRemotePayOption({ domain: 7 }),
  ];
  expect(payableOptions(anOpportunity({ payOptions: [first, short, last] }))).toEqual([first, last]);
  expect(payableOptions(anOpportunity({ payOptions: [] }))).toEqual([]);
});

test.each([
  [0n, 0n, 0],
  [0n, 100n, 0],
  [1n, 3n, 3_334],
  [50n, 100n, 5_000],
  [100n, 100n, 10_000],
  [101n, 100n, 10_000],
  [1n, 0n, 10_000],
])('paying %s out of %s uses %s bps', (payAmount, available, expected) => {
  expect(utilisationBps(aPayOption({ payAmount, available }))).toBe(expected);
});

test('utilisation rounds up and stays between 0 and 10 000', () => {
  const amount = fc.bigInt(0n, 1n << 200n);
  fc.assert(
    fc.property(amount, amount, (payAmount, available) => {
      const used = utilisationBps(aPayOption({ payAmount, available }));
      expect(Number.isInteger(used) && used >= 0 && used <= 10_000).toBe(true);
      if (available >= payAmount) expect(BigInt(used) * available >= payAmount * 10_000n).toBe(true);
    }),
  );
});
