import { sameAddress } from '@gavel/protocol';
import type { Address } from 'viem';
import type { Config } from '../../config/schema.ts';
import { unitsOf } from '../whole-tokens.ts';

/**
 * How many blocks a landing must lie under before it is paid for, by its value. The last tier has no bound.
 */
export type ConfirmationTiers = NonNullable<Config['solver']>['confirmations'];

/** What an order repaid: debt units of a token of a chain, by its name. */
export type Repaid = {
  readonly chain: string;
  readonly token: Address;
  readonly value: bigint;
  readonly decimals: number;
};

/**
 * Returns the confirmations that a payment needs: those of the first tier that reaches what was repaid, of
 * the debt token's own tiers if it has any and one of them reaches it.
 */
export function confirmationsFor(
  tiers: ConfirmationTiers,
  { chain, token, value, decimals }: Repaid,
): number {
  const own = tiers.filter(
    (tier) => tier.chain === chain && tier.token !== undefined && sameAddress(tier.token, token),
  );
  const common = own.length > 0 ? tiers.slice(-1) : tiers.filter((tier) => tier.token === undefined);
  const tier = [...own, ...common].find(
    ({ upTo }) => upTo === undefined || value <= unitsOf(upTo, decimals, 'down'),
  );
  return tier?.confirmations ?? Math.max(...tiers.map(({ confirmations }) => confirmations));
}
