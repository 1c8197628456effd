import { sameAddress } from '@gavel/protocol';
import type { Address } from 'viem';
import type { Config } from '../config/schema.ts';

/** What paying costs a solver, in one token of one chain. */
export type CostConfig = NonNullable<Config['solver']>['costs'][number];

/**
 * Scales a configured amount of whole tokens to units. Digits beyond the token's decimals round as told: a
 * bound down, so that it is never more than what was written, a cost up.
 */
export function unitsOf(whole: string, decimals: number, rounding: 'down' | 'up'): bigint {
  const [integer = '0', fraction = ''] = whole.split('.');
  const units = BigInt(integer + fraction.slice(0, decimals).padEnd(decimals, '0'));
  const isCut = /[1-9]/.test(fraction.slice(decimals));
  return rounding === 'up' && isCut ? units + 1n : units;
}

/**
 * Returns what a payment in a token of a chain costs the solver besides, debt units. A pay token is worth its
 * debt, so that whole tokens of the one are whole tokens of the other. A token without an entry costs
 * nothing.
 */
export function costInDebt(
  costs: readonly CostConfig[],
  { chain, token }: { readonly chain: string; readonly token: Address },
  debtDecimals: number,
): bigint {
  const entry = costs.find((cost) => cost.chain === chain && sameAddress(cost.token, token));
  return entry === undefined ? 0n : unitsOf(entry.perPayment, debtDecimals, 'up');
}
