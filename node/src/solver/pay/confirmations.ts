import type { Config } from '../../config/schema.ts';

/**
 * How many blocks a landing must lie under before it is paid for, by its value. The last tier has no bound.
 */
export type ConfirmationTiers = NonNullable<Config['solver']>['confirmations'];

/**
 * Returns the confirmations that a payment needs: those of the first tier that reaches its value. `value` in
 * debt units, `decimals` of the debt token.
 */
export function confirmationsFor(tiers: ConfirmationTiers, value: bigint, decimals: number): number {
  const tier = tiers.find(({ upTo }) => upTo === undefined || value <= inUnits(upTo, decimals));
  return tier?.confirmations ?? Math.max(...tiers.map(({ confirmations }) => confirmations));
}

/** Scales whole tokens, rounding down: the bound is never taken for more than was written. */
function inUnits(whole: string, decimals: number): bigint {
  const [integer = '0', fraction = ''] = whole.split('.');
  return BigInt(integer + fraction.padEnd(decimals, '0').slice(0, decimals));
}
