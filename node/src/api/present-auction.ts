import { rankedOf, type SignedQuote, toMs } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { z } from 'zod';
import type { Competition, EntryOf } from '../auction/competition.ts';
import type { OrderView } from '../order/fold.ts';
import { compact, showOrder } from './present.ts';
import type * as schemas from './schemas.ts';

type Shown<Schema extends z.ZodType> = z.output<Schema>;

/** Puts an auction into plain JSON; `now` in milliseconds. */
export function showAuction(auction: Competition, now: bigint): Shown<typeof schemas.auction> {
  const { digest, opening, quotes, tallies, votes, certificate } = auction;
  const { intent } = opening;
  const byDigest = new Map(quotes.map((quote) => [quote.digest, quote]));
  return compact({
    intent: digest,
    market: opening.market,
    position: intent.position,
    positionKey: opening.positionKey,
    round: intent.round.toString(),
    phase: phaseOf({ ...intent, isAwarded: certificate !== undefined }, now),
    collateral: intent.collateral,
    debt: intent.debt,
    repay: intent.repay.toString(),
    seizable: intent.seizable.toString(),
    observedBlock: Number(intent.observedBlock),
    seenAt: Number(opening.at),
    quoteBy: Number(intent.quoteBy),
    openBy: Number(intent.openBy),
    quotes: quotes.map((quote) => showEntry(quote, auction)),
    tallies: tallies.length,
    votes: votes.length,
    certificate: certificate && {
      attempt: certificate.attempt,
      ranked: certificate.ranked.flatMap((ranked) => {
        const quote = byDigest.get(ranked);
        return quote === undefined ? [] : [showQuoted(ranked, quote.signed)];
      }),
    },
  });
}

/**
 * The same with everything witnessed of it, and with what became of the award, if this node has it on record.
 */
export function showCompetition(
  auction: Competition,
  order: OrderView | undefined,
  now: bigint,
): Shown<typeof schemas.auctionRecord> {
  const { refused, overflowed, tallies, votes, rankings, certificate, passedOver } = auction;
  return compact({
    ...showAuction(auction, now),
    record: compact({
      refused: refused.map(({ at, from, code, signed: { quote } }) => {
        const { solver, ask, payDomain } = quote;
        return { at: Number(at), from, code, solver, ask: ask.toString(), payDomain };
      }),
      refusedMissing: overflowed,
      talliesNeeded: auction.opening.needed,
      tallies: tallies.map(({ at, from, author, quotes }) => ({
        at: Number(at),
        from,
        author,
        quotes: [...quotes],
      })),
      votes: votes.map(({ at, from, voter, vote: { award, cited } }) => {
        const ranked = rankedOf(award);
        return { at: Number(at), from, voter, attempt: award.attempt, ranked, cited: [...cited] };
      }),
      rankings: rankings.map(({ at, attempt, own, ranked, excluded }) => ({
        at: Number(at),
        attempt,
        own,
        ranked: [...ranked],
        excluded: excluded.map((item) => ({ ...item })),
      })),
      certificate: certificate && {
        at: Number(certificate.at),
        from: certificate.from,
        attempt: certificate.attempt,
        ranked: [...certificate.ranked],
        signatures: certificate.signatures.length,
      },
      passedOver: passedOver.map(({ at, quote, reason }) => ({ at: Number(at), quote, reason })),
    }),
    order: order && showOrder(order),
  });
}

/** Tells how far an auction is; `openBy` in seconds, `quoteBy` and `now` in milliseconds. */
export function phaseOf(
  auction: { readonly quoteBy: bigint; readonly openBy: bigint; readonly isAwarded: boolean },
  now: bigint,
): Shown<typeof schemas.auction>['phase'] {
  const { quoteBy, openBy, isAwarded } = auction;
  if (isOver(openBy, now)) return 'over';
  if (isAwarded) return 'landing';
  return now < quoteBy ? 'quoting' : 'awarding';
}

/** Tells whether nothing of an auction can land any more; `openBy` in seconds, `now` in milliseconds. */
export function isOver(openBy: bigint, now: bigint): boolean {
  return now >= toMs(openBy + 1n);
}

function showEntry(
  { digest, signed, at, from, inTime, author }: EntryOf<'quote'>,
  { statusOf }: Competition,
): Shown<typeof schemas.auction>['quotes'][number] {
  const seen = { at: Number(at), from, inTime, besideTallyOf: author };
  return compact({ ...showQuoted(digest, signed), ...seen, ...statusOf(digest) });
}

function showQuoted(digest: Hex, { quote }: SignedQuote) {
  return { digest, solver: quote.solver, ask: quote.ask.toString(), payDomain: quote.payDomain };
}
