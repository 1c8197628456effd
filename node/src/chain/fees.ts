import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';

/** EIP-1559 prices, wei per gas. */
export type Fees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** Nodes take a replacement only for an eighth more. */
const BUMP = { numerator: 9n, denominator: 8n };

/**
 * Prices a transaction such that it outlives a few blocks of rising base fee, within the configured cap and,
 * if that is less, within what `affordable` wei buys of `gas`. Throws FEE_CAP if gas costs more than the cap
 * now, OUT_OF_GAS_MONEY if more than can be afforded.
 */
export function priceWithin(
  chain: Pick<Chain, 'name' | 'config'>,
  estimate: Fees,
  { gas, balance, value, from }: { gas: bigint; balance: bigint; value: bigint; from: string },
): Fees {
  const cap = chain.config.fees.maxFeeGwei;
  const meta = { chain: chain.name, from };
  if (estimate.maxFeePerGas > cap) {
    throw new ChainError('FEE_CAP', 'Gas costs more than fees.maxFeeGwei allows: wait, or raise it', {
      meta: { ...meta, price: estimate.maxFeePerGas, cap },
      retry: true,
    });
  }
  const least = value + gas * estimate.maxFeePerGas;
  if (balance < least) {
    throw new ChainError(
      'OUT_OF_GAS_MONEY',
      'The key has too little native currency for this transaction: send it some',
      { meta: { ...meta, balance, needed: least }, retry: true },
    );
  }
  const affordable = gas === 0n ? cap : (balance - value) / gas;
  const wished = estimate.maxFeePerGas * 2n;
  const maxFeePerGas = [wished, cap, affordable].reduce((a, b) => (a < b ? a : b));
  const { maxPriorityFeePerGas: tip } = estimate;
  return { maxFeePerGas, maxPriorityFeePerGas: tip < maxFeePerGas ? tip : maxFeePerGas };
}

/**
 * Prices a replacement: an eighth more than before, or what is asked now if that is more. Undefined above
 * `cap`, wei per gas.
 */
export function raise(before: Fees, estimate: Fees, cap: bigint): Fees | undefined {
  const more = (price: bigint) => (price * BUMP.numerator) / BUMP.denominator + 1n;
  const higher = (a: bigint, b: bigint) => (a > b ? a : b);
  const maxFeePerGas = higher(more(before.maxFeePerGas), estimate.maxFeePerGas);
  if (maxFeePerGas > cap) return undefined;
  const tip = higher(more(before.maxPriorityFeePerGas), estimate.maxPriorityFeePerGas);
  return { maxFeePerGas, maxPriorityFeePerGas: tip < maxFeePerGas ? tip : maxFeePerGas };
}
