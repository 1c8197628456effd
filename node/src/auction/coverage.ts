import { BPS, type Intent, mulDivDown, mulDivUp, type Quote } from '@gavel/protocol';
import type { Terms } from './rules.ts';

/**
 * Computes the bond a remote quote locks if the whole `repay` is taken, in debt units: the larger of the
 * stress move and the late penalty at the highest ask. The same as `CollateralEscrow._bondFor`.
 */
export function bondOf(
  ask: bigint,
  { repay, seizable }: Pick<Intent, 'repay' | 'seizable'>,
  terms: Terms,
): bigint {
  const ceiling = mulDivDown(seizable, BigInt(terms.maxAskBps), BPS);
  const rise = ceiling > ask ? ceiling - ask : 0n;
  const worth = mulDivUp(repay, BPS + BigInt(terms.bonusBps), BPS);
  const bounty = mulDivUp(repay, BigInt(terms.lateBountyBps), BPS);
  const penalty = bounty + mulDivUp(rise, worth, seizable > 0n ? seizable : 1n);
  const stress = mulDivUp(repay, BigInt(terms.stressBps), BPS);
  if (stress > penalty) return stress;
  return penalty;
}

/**
 * Computes what a quote forfeits if its money is not there at landing, debt units; the same as
 * `Landings.fade`. A local quote locks no bond, but without this much of one its promise would cost nothing
 * to break.
 */
export function fadePenaltyOf({ repay }: Pick<Intent, 'repay'>, { fadeBps }: Pick<Terms, 'fadeBps'>): bigint {
  return mulDivUp(repay, BigInt(fadeBps), BPS);
}

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
