import { bondOf, fadePenaltyOf, type Intent, type Quote } from '@gavel/protocol';
import type { Terms } from './rules.ts';

/** The money of a quote's account and of the vault, read at the observed block; debt units. */
export type Funds = { readonly quotableBond: bigint; readonly idle: bigint; readonly balance: bigint };

/**
 * Tells whether the money behind a quote covers it: for a remote one the bond to lock and the vault's idle
 * float, for a local one the account's balance (its allowance may still come before the landing) and a bond
 * of the fade penalty. `keeperFee` in debt units.
 */
export function isCovered(
  quote: Quote,
  intent: Intent,
  terms: Terms,
  keeperFee: bigint,
  funds: Funds,
): boolean {
  const due = intent.repay + keeperFee;
  if (quote.payDomain === intent.homeDomain) {
    return funds.balance >= due && funds.quotableBond >= fadePenaltyOf(intent, terms);
  }
  return funds.idle >= due && funds.quotableBond >= bondOf(quote.ask, intent, terms);
}
