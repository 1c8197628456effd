import type { Intent, Ms, PositionKey, QuoteDigest, SignedQuote, Vote } from '@gavel/protocol';
import type { Address, Hex } from 'viem';

/*
 * The record of one auction as this node witnessed it: what came, when, from whom, and what was made of it.
 * Entries are facts and only added; what is shown is nothing but their fold. `at` is when this node learnt
 * it, Unix milliseconds; `from` the peer that brought it, which need not be its author. What became of the
 * award is on the record of its order.
 */

/** How something arrived. */
export type Arrival = { readonly at: Ms; readonly from: string };

/** Everything that can be witnessed of one auction. */
export type CompetitionEntry =
  /** Comes first. `needed`: tallies that must carry a quote for it to count. */
  | {
      readonly type: 'intent';
      readonly at: Ms;
      readonly market: string;
      readonly chain: string;
      readonly positionKey: PositionKey;
      readonly intent: Intent;
      readonly needed: number;
    }
  /** A good quote. `author`: of the tally beside which it was first seen. */
  | (Arrival & {
      readonly type: 'quote';
      readonly digest: Hex;
      readonly signed: SignedQuote;
      readonly inTime: boolean;
      readonly author?: Address;
    })
  /**
   * A quote that broke a rule, or came too late even for the clocks' tolerance: nothing in it need be true.
   */
  | (Arrival & { readonly type: 'refused'; readonly code: string; readonly signed: SignedQuote })
  /** More quotes were refused than are kept. */
  | { readonly type: 'overflow'; readonly at: Ms }
  | (Arrival & {
      readonly type: 'tally';
      readonly author: Address;
      readonly id: Hex;
      readonly quotes: readonly Hex[];
      readonly signature: Hex;
    })
  | (Arrival & { readonly type: 'vote'; readonly voter: Address; readonly vote: Vote })
  /** How this node ranks the quotes that enough tallies carry, by the chain's facts. `own`: it voted so. */
  | {
      readonly type: 'ranking';
      readonly at: Ms;
      readonly attempt: number;
      readonly own: boolean;
      readonly ranked: readonly Hex[];
      readonly excluded: readonly { readonly digest: Hex; readonly reason: string }[];
    }
  | (Arrival & {
      readonly type: 'certificate';
      readonly attempt: number;
      readonly ranked: readonly Hex[];
      readonly signatures: readonly Hex[];
    })
  /** The escrow tried a ranked quote and went on to the next. */
  | { readonly type: 'passedOver'; readonly at: Ms; readonly quote: QuoteDigest; readonly reason: Hex };

/** One type's shape. */
export type EntryOf<Type extends CompetitionEntry['type']> = Extract<CompetitionEntry, { type: Type }>;

/** What became of a quote. */
export type QuoteStatus =
  | { readonly place: number }
  /** A rule of the ranking, `LATE`, or `NOT_TALLIED`: too few tallies carry it. */
  | { readonly excluded: string }
  | undefined;

/** An auction, from its record. */
export type Competition = {
  readonly digest: Hex;
  readonly opening: EntryOf<'intent'>;
  readonly quotes: readonly EntryOf<'quote'>[];
  readonly refused: readonly EntryOf<'refused'>[];
  /** Whether refused quotes are missing, there having been too many. */
  readonly overflowed: boolean;
  readonly tallies: readonly EntryOf<'tally'>[];
  readonly votes: readonly EntryOf<'vote'>[];
  readonly rankings: readonly EntryOf<'ranking'>[];
  readonly certificate: EntryOf<'certificate'> | undefined;
  readonly passedOver: readonly EntryOf<'passedOver'>[];
  statusOf(quote: QuoteDigest): QuoteStatus;
};

/** Fold the entries of an auction, oldest first; undefined if its opening is missing. */
export function competitionOf(digest: Hex, entries: readonly CompetitionEntry[]): Competition | undefined {
  const of = <Type extends CompetitionEntry['type']>(type: Type) =>
    entries.filter((entry): entry is EntryOf<Type> => entry.type === type);
  const [opening] = of('intent');
  if (opening === undefined) return undefined;
  const certificate = of('certificate').at(-1);
  const rankings = of('ranking');
  const quotes = of('quote');
  return {
    digest,
    opening,
    quotes,
    refused: of('refused'),
    overflowed: of('overflow').length > 0,
    tallies: of('tally'),
    votes: of('vote'),
    rankings,
    certificate,
    passedOver: of('passedOver'),
    statusOf(quote) {
      const ranking = rankings.findLast(({ attempt }) => attempt === certificate?.attempt) ?? rankings.at(-1);
      const ranked = certificate?.ranked ?? ranking?.ranked;
      if (ranked === undefined) return undefined;
      const place = ranked.indexOf(quote);
      if (place >= 0) return { place: place + 1 };
      const reason = ranking?.excluded.find((item) => item.digest === quote)?.reason;
      if (reason !== undefined) return { excluded: reason };
      const known = quotes.find((item) => item.digest === quote);
      return { excluded: known?.inTime === false ? 'LATE' : 'NOT_TALLIED' };
    },
  };
}
