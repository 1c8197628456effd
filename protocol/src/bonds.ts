import { BPS } from './limits.ts';
import type { Intent } from './messages/intent.ts';
import { mulDivDown, mulDivUp } from './primitives.ts';

/** The rules of a market that a bond follows from, basis points: fields of the contracts' `MarketTerms`. */
export type BondTerms = {
  /** Part of the repaid amount that covers a move of the price. */
  readonly stressBps: number;
  /** The highest ask of a late fill, part of what can be seized. */
  readonly maxAskBps: number;
  /** Fixed bounty of a late fill, part of the repaid amount. */
  readonly lateBountyBps: number;
  /** The most that the protocol's liquidation bonus can be. */
  readonly bonusBps: number;
};

/**
 * Computes the bond that a remote quote locks if the whole `repay` is taken, debt units, rounded up: the
 * larger of the stress move and the late penalty at the highest ask. The same as `Landings` computes with
 * `Amounts.latePenalty`; vectors hold both.
 */
export function bondOf(
  ask: bigint,
  { repay, seizable }: Pick<Intent, 'repay' | 'seizable'>,
  terms: BondTerms,
): bigint {
  const ceiling = mulDivDown(seizable, BigInt(terms.maxAskBps), BPS);
  const rise = ceiling > ask ? ceiling - ask : 0n;
  const worth = mulDivUp(repay, BPS + BigInt(terms.bonusBps), BPS);
  const bounty = mulDivUp(repay, BigInt(terms.lateBountyBps), BPS);
  const penalty = bounty + mulDivUp(rise, worth, seizable > 0n ? seizable : 1n);
  const stress = mulDivUp(repay, BigInt(terms.stressBps), BPS);
  return stress > penalty ? stress : penalty;
}

/**
 * Computes what a quote forfeits if its money is not there at landing, debt units, rounded up; the same as
 * `Landings.fade`. A local quote locks no bond, but without this much of one its promise would cost nothing
 * to break.
 */
export function fadePenaltyOf({ repay }: Pick<Intent, 'repay'>, terms: { readonly fadeBps: number }): bigint {
  return mulDivUp(repay, BigInt(terms.fadeBps), BPS);
}
