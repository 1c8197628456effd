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
