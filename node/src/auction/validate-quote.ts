import {
  decodeQuote,
  isOnTick,
  type Ms,
  type SignedQuote,
  toMs,
  type VerifiedQuote,
  verifyQuote,
} from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Validator } from '../gossip/validation.ts';
import { type Auction, type Auctions, addQuote, hasRoom } from './auctions.ts';
import type { Arrival } from './competition.ts';
import { asked, defer, ignore, type Judged, judged, type Refusal, reject } from './outcomes.ts';
import { accept } from './validate-intent.ts';

/** What judging quotes takes. Times in milliseconds. */
export type QuoteDeps = {
  readonly auctions: Auctions;
  readonly now: () => Ms;
  readonly clockTolerance: bigint;
  /** How long to wait for an intent that is still being judged. */
  readonly intentWaitMs: number;
  readonly onQuote: (
    auction: Auction,
    digest: Hex,
    signed: SignedQuote,
    arrival: Arrival & { readonly inTime: boolean },
  ) => void;
  /** A quote for a known auction was not taken, for this reason; not called for copies. */
  readonly onRefused?: (auction: Auction, signed: SignedQuote, code: string, arrival: Arrival) => void;
};

/**
 * Judges quotes. Codes besides those of decoding: UNKNOWN_INTENT, LATE, DUPLICATE, TOO_MANY_QUOTES, and those
 * of `checkQuote`. A quote that comes after `quoteBy`, but within the clocks' tolerance, is forwarded and not
 * counted here.
 */
export function quoteValidator(deps: QuoteDeps): Validator {
  return async (bytes, from) => {
    const decoded = judged(() => decodeQuote(bytes));
    if ('refusal' in decoded) return decoded.refusal;
    const signed = decoded.ok;
    // Arrival counts, not the end of the checks: those wait for a chain.
    const receivedAt = deps.now();
    const auction = await deps.auctions.find(signed.quote.intent, deps.intentWaitMs);
    if (auction === undefined) return defer('UNKNOWN_INTENT', { intent: signed.quote.intent }).refusal;
    const { quoteBy } = auction.observed.intent;
    const arrival = { at: receivedAt, from };
    const refuse = (refusal: Refusal) => {
      if (refusal.code !== 'DUPLICATE') deps.onRefused?.(auction, signed, refusal.code, arrival);
      return refusal;
    };
    if (receivedAt > quoteBy + deps.clockTolerance)
      return refuse(ignore('LATE', { quoteBy, receivedAt }).refusal);
    const checked = await checkQuote(auction, signed);
    if ('refusal' in checked) return refuse(checked.refusal);
    const digest = checked.ok;
    if (auction.inTime.has(digest)) return refuse(ignore('DUPLICATE', { quote: digest }).refusal);
    if (!auction.quotes.has(digest) && !hasRoom(auction, signed.quote.solver)) {
      return refuse(ignore('TOO_MANY_QUOTES', { solver: signed.quote.solver }).refusal);
    }
    const inTime = receivedAt <= quoteBy;
    return accept(() => {
      addQuote(auction, digest, signed, inTime);
      deps.onQuote(auction, digest, signed, { ...arrival, inTime });
    });
  };
}

/**
 * Checks a quote against its intent, and its account's key, payout and epoch at the observed block; returns
 * its digest. `known`: what its signature proves, if that was found before. Codes: OVER_ASKING, OFF_TICK,
 * ROUTE_OFF, BAD_SIGNATURE, NOT_A_KEY, NOT_A_PAYOUT, EPOCH_ENDED, SUSPENDED, CHAIN_UNKNOWN.
 */
export async function checkQuote(
  auction: Auction,
  signed: SignedQuote,
  known?: VerifiedQuote,
): Promise<Judged<Hex>> {
  const { market, observed } = auction;
  const { intent } = observed;
  const { quote } = signed;
  if (quote.ask > intent.seizable)
    return reject('OVER_ASKING', { ask: quote.ask, seizable: intent.seizable });
  if (!isOnTick(quote.ask, intent.seizable))
    return reject('OFF_TICK', { ask: quote.ask, seizable: intent.seizable });
  const verified = judged(() => known ?? verifyQuote(signed, market.home));
  if ('refusal' in verified) return verified;
  const { digest, signer } = verified.ok;
  if (auction.quotes.get(digest)?.signature === signed.signature) return { ok: digest };

  const { reads } = market;
  const at = intent.observedBlock;
  const facts = await asked(() =>
    Promise.all([
      quote.payDomain === intent.homeDomain
        ? true
        : reads.route(market.id, intent.debt, quote.payDomain, at).then(({ enabled }) => enabled),
      reads.isKey(quote.solver, signer, intent.quoteBy, at),
      reads.isPayout(quote.solver, quote.payout, intent.quoteBy, at),
      reads.isLive(quote.solver, quote.epoch, intent.quoteBy, at),
      reads.suspendedUntil(quote.solver, at),
    ]),
  );
  if ('refusal' in facts) return facts;
  const [routeOn, isKey, isPayout, isLive, suspendedUntil] = facts.ok;
  if (!routeOn) return reject('ROUTE_OFF', { payDomain: quote.payDomain });
  if (!isKey) return reject('NOT_A_KEY', { solver: quote.solver, signer });
  if (!isPayout) return reject('NOT_A_PAYOUT', { solver: quote.solver, payout: quote.payout });
  if (!isLive) return reject('EPOCH_ENDED', { solver: quote.solver, epoch: quote.epoch });
  // The escrow would pass it over at landing.
  if (toMs(suspendedUntil) > intent.quoteBy)
    return reject('SUSPENDED', { solver: quote.solver, suspendedUntil });
  return { ok: digest };
}
