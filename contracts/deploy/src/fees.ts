import type { Chain } from './chain.ts';
import { DeployError } from './errors.ts';

/** What a unit of gas costs, wei. */
export interface Fees {
  readonly baseFee: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** The highest `maxFeePerGas` that the file allows, or five times the first offer. */
  readonly limit: bigint;
  /** The same for `maxPriorityFeePerGas`. */
  readonly tipLimit: bigint;
}

/** How much more than the first offer is paid without a cap in the file. */
const MOST_RAISES = 5n;

/**
 * Reads the fees of the newest block, and offers twice its base fee within the file's caps. Throws
 * WRONG_CHAIN.
 */
export async function feesOf(chain: Chain): Promise<Fees> {
  const { name, transactions } = chain.config;
  const { baseFeePerGas: baseFee } = await chain.ask((client) => client.getBlock());
  if (baseFee === null) {
    throw new DeployError('WRONG_CHAIN', 'the chain has no base fee, so its fees cannot be capped', {
      meta: { chain: name },
    });
  }
  const tip = await chain.ask((client) => client.estimateMaxPriorityFeePerGas());
  const offered = baseFee * 2n + tip;
  const limit = transactions.maxFee ?? offered * MOST_RAISES;
  const maxFeePerGas = least(offered, limit);
  return {
    baseFee,
    maxFeePerGas,
    maxPriorityFeePerGas: least(tip, transactions.maxPriorityFee ?? tip, maxFeePerGas),
    limit,
    tipLimit: transactions.maxPriorityFee ?? limit,
  };
}

/** Returns higher fees that a pool takes as a replacement; undefined beyond the limit. */
export function raised(fees: Fees): Fees | undefined {
  const more = (fee: bigint) => fee + fee / 4n + 1n;
  const maxFeePerGas = more(fees.maxFeePerGas);
  const maxPriorityFeePerGas = more(fees.maxPriorityFeePerGas);
  if (maxFeePerGas > fees.limit || maxPriorityFeePerGas > fees.tipLimit) return undefined;
  return { ...fees, maxFeePerGas, maxPriorityFeePerGas };
}

function least(first: bigint, ...rest: readonly bigint[]): bigint {
  return rest.reduce((low, one) => (one < low ? one : low), first);
}
