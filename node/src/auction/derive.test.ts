import { expect, test } from 'vitest';
import { COLLATERAL, createArena, DEBT, POSITION } from '../../test/arena.ts';
import { observe } from './derive.ts';

test('a position is called healthy by its health: one that cannot be repaid now is passed over as that', async () => {
  const noneAt = async (health: bigint) => {
    const assess = async () => ({ collateral: COLLATERAL, debt: DEBT, repay: 0n, seizable: 0n, health });
    const { market, block } = createArena({ reads: { assess } });
    return observe(market, POSITION, block);
  };
  expect(await noneAt(10n ** 18n)).toEqual({ none: 'HEALTHY' });
  expect(await noneAt(10n ** 18n - 1n)).toEqual({ none: 'NOTHING_TO_REPAY' });
});

test('a position whose landing could repay less than the minimum has no intent', async () => {
  const minRepay = 500_000_000n;
  const at = async (repay: bigint) => {
    const debtTerms = async () => ({
      vault: '0x00000000000000000000000000000000000fa017' as const,
      ...{ keeperFee: 0n, minRepay },
    });
    const assess = async () => ({ collateral: COLLATERAL, debt: DEBT, repay, seizable: 10n, health: 1n });
    const { market, block } = createArena({ reads: { assess, debtTerms } });
    return observe(market, POSITION, block);
  };
  // What the adapters name where the protocol would take a unit less than the minimum: 2 % more, rounded up.
  const taken = minRepay - 1n;
  expect(await at(taken + (taken * 200n + 9_999n) / 10_000n)).toEqual({ none: 'BELOW_MINIMUM' });
  expect(await at((minRepay * 102n) / 100n)).toHaveProperty('observed');
});
