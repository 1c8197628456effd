import {
  backstopVaultAbi,
  collateralEscrowAbi,
  liquidationAdapterAbi,
  marketRegistryAbi,
  solverBondsAbi,
} from '@gavel/abi';
import { BlockNotFoundError, type PublicClient } from 'viem';
import type { Chain } from '../chain/client.ts';
import { balanceOf } from '../chain/erc20.ts';
import { memoize } from '../runtime/memo.ts';
import type { BlockRef, HomeReads } from './rules.ts';

/** Answers kept of each kind. */
const KEPT = 4_096;

/** Reads a home chain by what enough endpoints say, each answer remembered by block. */
export function createHomeReads(chain: Chain): HomeReads {
  const { agreed: client, contracts } = chain;
  const { registry, bonds, collateralEscrow: escrow } = contracts;
  const ofRegistry = { address: registry, abi: marketRegistryAbi } as const;
  const ofBonds = { address: bonds, abi: solverBondsAbi } as const;
  return {
    block: (number) => readBlock(client, number),
    terms: memoize(KEPT, async (market, blockNumber) => {
      const [terms] = await client.readContract({
        ...ofRegistry,
        functionName: 'terms',
        args: [market],
        blockNumber,
      });
      return terms;
    }),
    debtTerms: memoize(KEPT, (market, debt, blockNumber) =>
      client.readContract({ ...ofRegistry, functionName: 'debtTerms', args: [market, debt], blockNumber }),
    ),
    route: memoize(KEPT, (market, debt, domain, blockNumber) =>
      client.readContract({
        ...ofRegistry,
        functionName: 'route',
        args: [market, debt, domain],
        blockNumber,
      }),
    ),
    council: memoize(KEPT, async (market, blockNumber) => {
      const call = { ...ofRegistry, functionName: 'auctioneers', args: [market], blockNumber } as const;
      const [members, threshold] = await client.readContract(call);
      return { members, threshold };
    }),
    isCollateral: memoize(KEPT, (market, token, blockNumber) =>
      client.readContract({
        ...ofRegistry,
        functionName: 'isCollateral',
        args: [market, token],
        blockNumber,
      }),
    ),
    isPaused: memoize(KEPT, (market, blockNumber) =>
      client.readContract({ ...ofRegistry, functionName: 'isPaused', args: [market], blockNumber }),
    ),
    round: memoize(KEPT, (key, blockNumber) =>
      client.readContract({
        address: escrow,
        abi: collateralEscrowAbi,
        functionName: 'rounds',
        args: [key],
        blockNumber,
      }),
    ),
    assess: memoize(KEPT, async (address, position, blockNumber) => {
      const assess = {
        address,
        abi: liquidationAdapterAbi,
        functionName: 'assess',
        args: [position],
      } as const;
      const [collateral, debt, repay, seizable, health] = await client.readContract({
        ...assess,
        blockNumber,
      });
      return { collateral, debt, repay, seizable, health };
    }),
    isKey: memoize(KEPT, (account, key, quoteBy, blockNumber) =>
      client.readContract({ ...ofBonds, functionName: 'isKey', args: [account, key, quoteBy], blockNumber }),
    ),
    isPayout: memoize(KEPT, (account, payout, quoteBy, blockNumber) =>
      client.readContract({
        ...ofBonds,
        functionName: 'isPayout',
        args: [account, payout, quoteBy],
        blockNumber,
      }),
    ),
    isLive: memoize(KEPT, (account, epoch, quoteBy, blockNumber) =>
      client.readContract({
        ...ofBonds,
        functionName: 'isLive',
        args: [account, epoch, quoteBy],
        blockNumber,
      }),
    ),
    suspendedUntil: memoize(KEPT, (account, blockNumber) =>
      client.readContract({ ...ofBonds, functionName: 'suspendedUntil', args: [account], blockNumber }),
    ),
    quotableBond: memoize(KEPT, (account, token, blockNumber) =>
      client.readContract({ ...ofBonds, functionName: 'quotableOf', args: [account, token], blockNumber }),
    ),
    idle: memoize(KEPT, (address, blockNumber) =>
      client.readContract({ address, abi: backstopVaultAbi, functionName: 'lendable', blockNumber }),
    ),
    balance: memoize(KEPT, (account, address, blockNumber) =>
      balanceOf(client, address, account, blockNumber),
    ),
  };
}

async function readBlock(client: PublicClient, blockNumber: bigint): Promise<BlockRef | undefined> {
  try {
    const { number, hash, timestamp } = await client.getBlock({ blockNumber });
    return { number, hash, timestamp };
  } catch (error) {
    if (error instanceof BlockNotFoundError) return undefined;
    throw error;
  }
}
