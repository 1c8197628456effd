import { isPayable } from '@gavel/solver-sdk';
import { expect, test } from 'vitest';
import { addressOf, createArena, HOME_DOMAIN, PAY_DOMAIN, POSITION } from '../../test/arena.ts';
import { createAuctions } from '../auction/auctions.ts';
import { observe } from '../auction/derive.ts';
import type { Chain } from '../chain/client.ts';
import { gatherProspect } from './opportunity.ts';

const MONEY = 10n ** 12n;

/** The pay options of an account whose bond is `ranked` at the observed block, and `free` now. */
async function optionsWith(bond: { ranked: bigint; free: bigint }) {
  const blocks: bigint[] = [];
  const arena = createArena({
    reads: {
      quotableBond: async (_account, _token, block) => {
        blocks.push(block);
        return bond.ranked;
      },
      route: async () => ({
        enabled: true,
        payDecimals: 6,
        feeBps: 5,
        handicapBps: 0,
        payEscrow: '0x02',
        payToken: '0x03',
      }),
    },
  });
  const result = await observe(arena.market, POSITION, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const chain = (name: string, domain: number) => {
    const agreed = {
      readContract: async ({ functionName }: { functionName: string }) =>
        functionName === 'freeOf' ? bond.free : MONEY,
    };
    const contracts = { collateralEscrow: '0x01', repaymentEscrow: '0x02', bonds: '0x04' };
    return [name, { name, domain, agreed, contracts } as unknown as Chain] as const;
  };
  const prospect = await gatherProspect(createAuctions().add(arena.market, result.observed, 0n), {
    chains: new Map([chain('alpha', HOME_DOMAIN), chain('gamma', PAY_DOMAIN)]),
    account: addressOf('x'),
    payer: addressOf('x'),
    inventory: {} as never,
    describe: async (_chain, address) => ({ address, symbol: 'T', decimals: 6 }),
    valueInDebt: async () => 1_050_000n,
    costs: [],
  });
  expect(blocks).toEqual([result.observed.intent.observedBlock]);
  return prospect?.options ?? [];
}

test('a local quote needs a bond of the fade penalty, a remote one what its order locks', async () => {
  const options = await optionsWith({ ranked: 10_000n, free: 10_000n });
  expect(options.map(({ mode, bond }) => [mode, bond.required])).toEqual([
    ['local', 10_000n],
    ['remote', 100_000n],
  ]);
  expect(options.map(isPayable)).toEqual([true, false]);
});

test('a bond that could leave within the hour is not bid with: the quote would not rank', async () => {
  const options = await optionsWith({ ranked: 9_999n, free: MONEY });
  expect(options.map(({ bond }) => bond.free)).toEqual([9_999n, 9_999n]);
  expect(options.map(isPayable)).toEqual([false, false]);
});

test('a bond that an order has locked since the observed block is not promised again', async () => {
  const options = await optionsWith({ ranked: MONEY, free: 9_999n });
  expect(options.map(isPayable)).toEqual([false, false]);
});
