import {
  type AddressKey,
  type AuthoredTally,
  type Award,
  addressKey,
  awardDigest,
  type Candidate,
  type Certificate,
  type Citation,
  type IntentDigest,
  type PositionKey,
  type SignedQuote,
  type SignedTally,
  tallyDigest,
  tallyId,
  type Vote,
} from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Address, Hex } from 'viem';
import type { Observation } from './derive.ts';
import type { Market } from './market.ts';

/** Auctions remembered; the oldest are forgotten first. */
const MOST_AUCTIONS = 2_048;
/** Quotes kept of one auction, and of one account in it. */
const MOST_QUOTES = 256;
const MOST_QUOTES_OF_ACCOUNT = 4;
/** Messages of one auctioneer kept: two that conflict prove all there is to prove. */
const MOST_OF_AUCTIONEER = 2;
/** Callers that may wait for an intent at the same time. */
const MOST_WAITING = 1_024;

/** A verified vote. */
export type KnownVote = { readonly voter: Address; readonly award: Hex; readonly vote: Vote };

/** One auction as this node has seen it. Everything in it has been verified. Times in milliseconds. */
export type Auction = {
  readonly market: Market;
  readonly observed: Observation;
  readonly receivedAt: bigint;
  /** By digest; also those first seen beside a tally. */
  readonly quotes: Map<Hex, SignedQuote>;
  /** How many of them are each account's. */
  readonly quotesOf: Map<AddressKey, number>;
  /** Digests of the quotes this node received by `quoteBy`. */
  readonly inTime: Set<Hex>;
  readonly tallies: AuthoredTally[];
  /** Authors of more tallies than are kept: other nodes may have kept others of theirs. */
  readonly flooders: Set<Address>;
  readonly votes: KnownVote[];
  /** Subjects that their own key disavowed. */
  readonly disavowed: Set<Hex>;
  certificate: Certificate | undefined;
};

/** Remembers live auctions, bounded, in memory. */
export type Auctions = {
  get(intent: IntentDigest): Auction | undefined;
  /**
   * Waits up to `ms` for an intent that may be on its way; undefined if it does not come, or too many wait.
   */
  find(intent: IntentDigest, ms: number): Promise<Auction | undefined>;
  /** Adds an auction; returns the one that is there if it came before. */
  add(market: Market, observed: Observation, receivedAt: bigint): Auction;
  /** The auctions of one position and round, latest first. */
  of(positionKey: PositionKey, round: bigint): Auction[];
  /** Every remembered auction. */
  all(): Auction[];
};

/** Calls back after `ms` milliseconds; returns what calls it off. */
export type After = (ms: number, task: () => void) => () => void;

/** Waits in real time, without keeping the process alive. */
const realTime: After = (ms, task) => {
  const timer = setTimeout(task, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

/**
 * Creates an empty set of auctions. `after` is how callers wait for an intent: in real time unless told
 * otherwise.
 */
export function createAuctions({ after = realTime }: { readonly after?: After } = {}): Auctions {
  const auctions = new LRUCache<Hex, Auction>({ max: MOST_AUCTIONS });
  const waiting = new Map<Hex, Set<(auction: Auction) => void>>();
  let waiters = 0;
  return {
    get: (intent) => auctions.get(intent),
    find(intent, ms) {
      const known = auctions.get(intent);
      if (known !== undefined || ms <= 0 || waiters >= MOST_WAITING) return Promise.resolve(known);
      return new Promise((resolve) => {
        const callbacks = waiting.get(intent) ?? new Set();
        waiting.set(intent, callbacks);
        const finish = (auction: Auction | undefined) => {
          callOff();
          waiters -= 1;
          callbacks.delete(finish);
          if (callbacks.size === 0) waiting.delete(intent);
          resolve(auction);
        };
        const callOff = after(ms, () => finish(undefined));
        waiters += 1;
        callbacks.add(finish);
      });
    },
    add(market, observed, receivedAt) {
      const { digest } = observed;
      const known = auctions.get(digest);
      if (known !== undefined) return known;
      const auction = emptyAuction(market, observed, receivedAt);
      auctions.set(digest, auction);
      for (const callback of [...(waiting.get(digest) ?? [])]) callback(auction);
      return auction;
    },
    all: () => [...auctions.values()],
    of(positionKey, round) {
      return [...auctions.values()].filter(
        ({ observed }) => observed.positionKey === positionKey && observed.intent.round === round,
      );
    },
  };
}

/** Makes an auction of which nothing is known but its intent. */
export function emptyAuction(market: Market, observed: Observation, receivedAt: bigint): Auction {
  return {
    market,
    observed,
    receivedAt,
    quotes: new Map(),
    quotesOf: new Map(),
    inTime: new Set(),
    tallies: [],
    flooders: new Set(),
    votes: [],
    disavowed: new Set(),
    certificate: undefined,
  };
}

/** Tells whether an auction has room for another quote of an account. */
export function hasRoom(auction: Auction, account: Address): boolean {
  if (auction.quotes.size >= MOST_QUOTES) return false;
  return (auction.quotesOf.get(addressKey(account)) ?? 0) < MOST_QUOTES_OF_ACCOUNT;
}

/** Takes a verified quote; `inTime` if this node received it by `quoteBy`. */
export function addQuote(auction: Auction, digest: Hex, signed: SignedQuote, inTime: boolean): void {
  if (!auction.quotes.has(digest)) {
    auction.quotes.set(digest, signed);
    const account = addressKey(signed.quote.solver);
    auction.quotesOf.set(account, (auction.quotesOf.get(account) ?? 0) + 1);
  }
  if (inTime) auction.inTime.add(digest);
}

/** Takes a verified tally, and the quotes beside it. Returns false if it adds nothing. */
export function addTally(auction: Auction, author: Address, signed: SignedTally): boolean {
  const id = tallyId(tallyDigest(signed.tally, auction.market.home), author);
  const own = auction.tallies.filter((known) => known.author === author);
  if (own.some((known) => known.id === id)) return false;
  if (own.length >= MOST_OF_AUCTIONEER) {
    auction.flooders.add(author);
    return false;
  }
  auction.tallies.push({ id, author, tally: signed.tally });
  for (const [index, quote] of signed.quotes.entries()) {
    const listed = signed.tally.quotes[index];
    if (listed !== undefined) addQuote(auction, listed, quote, false);
  }
  return true;
}

/**
 * Tells whether another tally of an author would say anything: two that differ do, and a third, that there
 * are more.
 */
export function wantsTally(auction: Auction, author: Address): boolean {
  return !auction.flooders.has(author);
}

/** Tells whether another vote of a voter in an attempt would say anything. */
export function wantsVote(auction: Auction, voter: Address, attempt: number): boolean {
  const own = auction.votes.filter((known) => known.voter === voter && known.vote.award.attempt === attempt);
  return own.length < MOST_OF_AUCTIONEER;
}

/** Takes a verified vote. Returns false if it adds nothing. */
export function addVote(auction: Auction, voter: Address, vote: Vote): boolean {
  const award = awardDigest(vote.award, auction.market.home);
  const own = auction.votes.filter(
    (known) => known.voter === voter && known.vote.award.attempt === vote.award.attempt,
  );
  if (own.some((known) => known.vote.ballot === vote.ballot) || own.length >= MOST_OF_AUCTIONEER)
    return false;
  auction.votes.push({ voter, award, vote });
  return true;
}

/** Returns what the first votes seen so far cited. */
export function firstCitations(auction: Auction): Citation[] {
  return auction.votes
    .filter(({ vote }) => vote.award.attempt === 1)
    .map(({ voter, vote }) => ({ voter, cited: vote.cited }));
}

/** Returns the named quotes that are known, as candidates for ranking. */
export function candidatesOf(auction: Auction, digests: Iterable<Hex>): Candidate[] {
  return [...digests].flatMap((digest) => {
    const signed = auction.quotes.get(digest);
    return signed === undefined ? [] : [{ digest, signed }];
  });
}

/**
 * Finds an award that enough auctioneers voted for and that ranks anything, with their signatures; undefined
 * if none.
 */
export function agreed(auction: Auction): { award: Award; signatures: Hex[] } | undefined {
  const byAward = new Map<Hex, Map<Address, Vote>>();
  for (const { voter, award, vote } of auction.votes) {
    const voters = byAward.get(award) ?? new Map<Address, Vote>();
    byAward.set(award, voters.set(voter, vote));
  }
  for (const voters of byAward.values()) {
    const [vote] = voters.values();
    if (vote === undefined || BigInt(vote.award.first) === 0n) continue;
    if (voters.size < auction.observed.council.threshold) continue;
    return { award: vote.award, signatures: [...voters.values()].map(({ signature }) => signature) };
  }
  return undefined;
}
