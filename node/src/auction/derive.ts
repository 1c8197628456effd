import {
  BPS,
  deriveIntent,
  type Intent,
  intentDigest,
  isGavelError,
  type PositionKey,
  positionKey,
} from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Market } from './market.ts';
import { type BlockRef, type Council, type DebtTerms, HEALTHY, type Terms } from './rules.ts';

/**
 * Most that an adapter's `assess` names beyond what the protocol takes, basis points. A landing takes less by
 * that much, and the escrow refuses one below the minimum: such an auction could never land.
 */
const AHEAD_BPS = 200n;

/** The facts an intent was made from, all read at its observed block. */
export type Observation = {
  readonly intent: Intent;
  readonly digest: Hex;
  readonly positionKey: PositionKey;
  readonly terms: Terms;
  readonly debtTerms: DebtTerms;
  readonly council: Council;
  /** WAD. */
  readonly health: bigint;
};

/** Why a position has no intent at a block. */
export type NoIntent =
  | 'PAUSED'
  | 'OFF_SLOT'
  | 'HEALTHY'
  | 'NOTHING_TO_REPAY'
  | 'COLLATERAL_NOT_ALLOWED'
  | 'DEBT_NOT_SERVED'
  | 'BELOW_MINIMUM'
  | 'UNDERIVABLE';

/**
 * Derives the intent of a position at a block from the chain alone, as every node does. Rejects when the
 * chain cannot be asked, or the adapter reverts (a stale price, a position it does not know).
 */
export async function observe(
  market: Market,
  position: Hex,
  block: BlockRef,
): Promise<{ observed: Observation } | { none: NoIntent }> {
  const { reads, id } = market;
  const key = positionKey(id, position);
  const at = block.number;
  const [terms, paused, council] = await Promise.all([
    reads.terms(id, at),
    reads.isPaused(id, at),
    reads.council(id, at),
  ]);
  if (paused) return { none: 'PAUSED' };
  if (at % BigInt(terms.slot) !== 0n) return { none: 'OFF_SLOT' };
  const [assessment, round] = await Promise.all([
    reads.assess(terms.adapter, position, at),
    reads.round(key, at),
  ]);
  if (assessment.repay === 0n) return { none: assessment.health < HEALTHY ? 'NOTHING_TO_REPAY' : 'HEALTHY' };
  const [allowed, debtTerms] = await Promise.all([
    reads.isCollateral(id, assessment.collateral, at),
    reads.debtTerms(id, assessment.debt, at),
  ]);
  if (!allowed) return { none: 'COLLATERAL_NOT_ALLOWED' };
  if (/^0x0{40}$/.test(debtTerms.vault)) return { none: 'DEBT_NOT_SERVED' };
  if (assessment.repay * BPS < debtTerms.minRepay * (BPS + AHEAD_BPS)) return { none: 'BELOW_MINIMUM' };
  try {
    const facts = {
      homeDomain: market.domain,
      escrow: market.home.escrow,
      market: id,
      position,
      round,
      block,
    };
    const intent = deriveIntent({ ...facts, assessment, rules: terms });
    const digest = intentDigest(intent, market.home);
    return {
      observed: { intent, digest, positionKey: key, terms, debtTerms, council, health: assessment.health },
    };
  } catch (error) {
    // For instance collateral worth nothing: nothing can be seized, so there is nothing to bid for.
    if (isGavelError(error)) return { none: 'UNDERIVABLE' };
    throw error;
  }
}
