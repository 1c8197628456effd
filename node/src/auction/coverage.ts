import { BPS, type Intent, mulDivDown, mulDivUp, type Quote } from '@gavel/protocol';
import type { Terms } from './rules.ts';

/**
 * Compute the bond a remote quote locks if the whole `repay` is taken, in debt units: the larger of the stress move and
 * the late penalty at the highest ask. The same as `CollateralEscrow._bondFor`.
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

/** The money of a quote's account and of the vault, read at the observed block; debt units. */
export type Funds = { readonly freeBond: bigint; readonly idle: bigint; readonly balance: bigint };

/**
 * Tell whether the money behind a quote covers it: for a remote one free bond and the vault's idle float, for a local one
 * the account's balance (its allowance may still come before the landing). `keeperFee` in debt units.
 */
export function isCovered(
  quote: Quote,
  intent: Intent,
  terms: Terms,
  keeperFee: bigint,
  funds: Funds,
): boolean {
  const due = intent.repay + keeperFee;
  if (quote.payDomain === intent.homeDomain) return funds.balance >= due;
  return funds.idle >= due && funds.freeBond >= bondOf(quote.ask, intent, terms);
}
