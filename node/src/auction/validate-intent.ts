import { decodeIntent, type Intent, intentDigest, type Ms, toMs } from '@gavel/protocol';
import type { Hex } from 'viem';
import { revertOf } from '../chain/reverts.ts';
import type { Validation, Validator } from '../gossip/validation.ts';
import type { Auction, Auctions } from './auctions.ts';
import { type Observation, observe } from './derive.ts';
import { GAVEL_ERRORS } from './gavel-errors.ts';
import type { FindMarket, Market } from './market.ts';
import { asked, defer, ignore, type Judged, judged, reject } from './outcomes.ts';
import type { BlockRef } from './rules.ts';

/** The most that `quoteBy` may lie ahead, milliseconds; a market's own windows are far shorter. */
const HORIZON = 600_000n;

/** What judging intents takes. Times in milliseconds. */
export type IntentDeps = {
  readonly auctions: Auctions;
  readonly findMarket: FindMarket;
  readonly now: () => Ms;
  readonly clockTolerance: bigint;
  /**
   * Returns a block of a market's chain, waiting shortly for one that is about to come; undefined if it does
   * not.
   */
  readonly block: (market: Market, number: bigint) => Promise<BlockRef | undefined>;
  readonly onIntent: (auction: Auction) => void;
};

/**
 * Judges intents: an intent is good if deriving it again from the chain gives the same digest. Codes besides
 * those of decoding: UNKNOWN_MARKET, DUPLICATE, LATE, EARLY, BLOCK_UNKNOWN, FORK, CHAIN_UNKNOWN,
 * NOT_DERIVABLE, BENT.
 */
export function intentValidator(deps: IntentDeps): Validator {
  return async (bytes) => {
    const decoded = judged(() => decodeIntent(bytes));
    if ('refusal' in decoded) return decoded.refusal;
    const intent = decoded.ok;
    if (intent.quoteBy + deps.clockTolerance < deps.now())
      return ignore('LATE', { quoteBy: intent.quoteBy }).refusal;
    const recomputed = await recompute(intent, deps);
    if ('refusal' in recomputed) return recomputed.refusal;
    const { market, observed } = recomputed.ok;
    return accept(() => {
      if (deps.auctions.get(observed.digest) !== undefined) return;
      deps.onIntent(deps.auctions.add(market, observed, deps.now()));
    });
  };
}

/**
 * Derives an intent again from the chain and compares. Used for intents, and for those inside certificates.
 */
export async function recompute(
  intent: Intent,
  deps: Pick<IntentDeps, 'auctions' | 'findMarket' | 'now' | 'clockTolerance' | 'block'>,
): Promise<Judged<{ market: Market; observed: Observation }>> {
  const market = deps.findMarket(intent.market, intent.homeDomain, intent.escrow);
  if (market === undefined)
    return ignore('UNKNOWN_MARKET', { market: intent.market, homeDomain: intent.homeDomain });
  const digest = intentDigest(intent, market.home);
  if (deps.auctions.get(digest) !== undefined) return ignore('DUPLICATE', { intent: digest });
  const now = deps.now();
  if (toMs(intent.openBy) + deps.clockTolerance < now) return ignore('LATE', { openBy: intent.openBy });
  // Not held against the peer: it may be our clock that is wrong, and who is cut off from honest peers stays
  // wrong.
  if (intent.quoteBy > now + HORIZON) return defer('EARLY', { quoteBy: intent.quoteBy });

  const block = await asked(() => deps.block(market, intent.observedBlock));
  if ('refusal' in block) return block;
  if (block.ok === undefined) return defer('BLOCK_UNKNOWN', { observedBlock: intent.observedBlock });
  if (block.ok.hash.toLowerCase() !== intent.observedBlockHash) {
    return defer('FORK', { observedBlock: intent.observedBlock, ours: block.ok.hash });
  }
  const seen = block.ok;
  const own = await asked(() => observeOrRevert(market, intent.position, seen));
  if ('refusal' in own) return own;
  if ('none' in own.ok) return reject('NOT_DERIVABLE', { reason: own.ok.none });
  const { observed } = own.ok;
  if (observed.digest !== digest) return reject('BENT', { got: digest, expected: observed.digest });
  return { ok: { market, observed } };
}

/** Observes; an adapter that reverts at that block did so for the intent's sender too. */
async function observeOrRevert(
  market: Market,
  position: Hex,
  block: BlockRef,
): Promise<{ observed: Observation } | { none: string }> {
  try {
    return await observe(market, position, block);
  } catch (error) {
    const revert = revertOf(error, GAVEL_ERRORS);
    if (revert === undefined) throw error;
    return { none: revert.errorName ?? 'REVERTED' };
  }
}

/** Accept a message. */
export function accept(deliver: () => void): Validation {
  return { outcome: 'accept', deliver };
}
