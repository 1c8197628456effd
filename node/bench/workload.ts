import {
  awardDigest,
  awardOf,
  type Certificate,
  encodeAuctionMessage,
  type Home,
  quoteDigest,
  type SignedQuote,
  signDigest,
  signTally,
  signVote,
} from '@gavel/protocol';
import { type Hex, keccak256, toHex } from 'viem';
import { type Observation, observe } from '../src/auction/derive.ts';
import type { Market } from '../src/auction/market.ts';
import type { HomeReads } from '../src/auction/rules.ts';
import { memoize } from '../src/runtime/memo.ts';
import { addressOf, createArena, keyOf } from '../test/arena.ts';

/** Five auctioneers, ascending by address, of whom three decide. */
export const AUCTIONEERS: readonly string[] = ['a', 'b', 'c', 'd', 'e'].sort((a, b) =>
  addressOf(a) < addressOf(b) ? -1 : 1,
);
export const THRESHOLD = 3;
/** Solvers with a registered key, payout and bond. */
export const SOLVERS: readonly string[] = Array.from({ length: 64 }, (_, index) => `solver ${index}`);
/** Unix milliseconds of the observed block. */
export const START = 1_800_000_000_000n;

/**
 * What signs and what is signed for: a market whose chain answers at once, and answers on record are
 * remembered as always.
 */
export type Place = {
  readonly market: Market;
  readonly home: Home;
  /** Derives the intent of a position of its own: `name` is made its bytes. */
  observe(name: string): Promise<Observation>;
  /** Signs a solver's quote; `step` makes it dearer by so many ticks. */
  quote(solver: number, intent: Hex, step?: number): SignedQuote;
};

/** Builds a place. */
export function createPlace(): Place {
  const arena = createArena({
    auctioneers: AUCTIONEERS,
    threshold: THRESHOLD,
    solvers: SOLVERS,
    at: START,
  });
  const market = { ...arena.market, reads: remembered(arena.market.reads) };
  return {
    market,
    home: arena.home,
    async observe(name) {
      const result = await observe(market, toHex(name), arena.block);
      if ('none' in result) throw new TypeError(`There is no intent: ${result.none}`);
      return result.observed;
    },
    quote: (solver, intent, step = 0) =>
      arena.quote(SOLVERS[solver] ?? 'nobody', intent, { ask: 50n * BigInt(9_000 + solver * 4 + step) }),
  };
}

/** An auctioneer's tally of these quotes. */
export function tallyBytes(
  author: string,
  intent: Hex,
  quotes: readonly SignedQuote[],
  home: Home,
): Uint8Array {
  return encodeAuctionMessage({ kind: 'tally', tally: signTally(intent, quotes, home, keyOf(author)) });
}

/** An auctioneer's first vote for these quotes, citing as many tallies as there are auctioneers. */
export function voteBytes(voter: string, intent: Hex, ranked: readonly Hex[], home: Home): Uint8Array {
  const cited = AUCTIONEERS.map((author) => keccak256(toHex(`${intent} ${author}`)));
  const vote = signVote(awardOf(intent, 1, ranked), cited, home, keyOf(voter));
  return encodeAuctionMessage({ kind: 'vote', vote });
}

/** A certificate of these quotes, best first. */
export function certificateBytes(
  { intent, digest }: Observation,
  quotes: readonly SignedQuote[],
  home: Home,
): Uint8Array {
  const award = awardOf(
    digest,
    1,
    quotes.map(({ quote }) => quoteDigest(quote, home)),
  );
  const signatures = AUCTIONEERS.slice(0, THRESHOLD).map((voter) =>
    signDigest(awardDigest(award, home), keyOf(voter)),
  );
  const certificate: Certificate = { intent, award, quotes, signatures };
  return encodeAuctionMessage({ kind: 'certificate', certificate });
}

/** Remembers answers as a node does, see `createHomeReads`. */
function remembered(reads: HomeReads): HomeReads {
  const most = 4_096;
  return {
    block: reads.block,
    terms: memoize(most, reads.terms),
    debtTerms: memoize(most, reads.debtTerms),
    route: memoize(most, reads.route),
    council: memoize(most, reads.council),
    isCollateral: memoize(most, reads.isCollateral),
    isPaused: memoize(most, reads.isPaused),
    round: memoize(most, reads.round),
    assess: memoize(most, reads.assess),
    isKey: memoize(most, reads.isKey),
    isPayout: memoize(most, reads.isPayout),
    isLive: memoize(most, reads.isLive),
    suspendedUntil: memoize(most, reads.suspendedUntil),
    quotableBond: memoize(most, reads.quotableBond),
    idle: memoize(most, reads.idle),
    balance: memoize(most, reads.balance),
  };
}
