import {
  type Certificate,
  type IntentDigest,
  type Ms,
  type QuoteDigest,
  quoteDigest,
  type Ranking,
  rankedOf,
  type SignedQuote,
  type SignedTally,
  tallyDigest,
  tallyId,
  type Vote,
} from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Address, Hex } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import type { Competitions } from '../store/competitions.ts';
import type { Auction } from './auctions.ts';
import type { Arrival, CompetitionEntry } from './competition.ts';

/**
 * Refused quotes kept of one auction: any peer can send as many as it likes. All else is kept, the
 * auctions bounds.
 */
const MOST_REFUSED = 64;

/** Auctions whose record is at hand; others are read again when something is added. */
const AT_HAND = 512;

/** Writes down what is witnessed of auctions. Never throws: what cannot be written is told. */
export type Recorder = {
  onIntent(auction: Auction): void;
  onQuote(
    auction: Auction,
    digest: Hex,
    signed: SignedQuote,
    arrival: Arrival & { readonly inTime: boolean },
  ): void;
  onRefused(auction: Auction, signed: SignedQuote, code: string, arrival: Arrival): void;
  onTally(auction: Auction, author: Address, signed: SignedTally, arrival: Arrival): void;
  onVote(auction: Auction, voter: Address, vote: Vote, arrival: Arrival): void;
  /** This node's auctioneer votes by this ranking. */
  onRanked(auction: Auction, attempt: number, ranking: Ranking): void;
  onCertificate(auction: Auction, certificate: Certificate, arrival: Arrival): void;
  onPassedOver(intent: IntentDigest, quote: QuoteDigest, reason: Hex): void;
  /** Resolves when everything witnessed so far is written. */
  written(): Promise<void>;
};

/** What is known of a record without reading it again. */
type Record = {
  exists: boolean;
  /** Digests of quotes on record, ids of tallies, ballots of votes, attempts of certificates and rankings. */
  readonly known: Set<string>;
  refused: number;
};

/** Creates the recorder. `rank` ranks as an auctioneer would, for nodes that are none. */
export function createRecorder(deps: {
  readonly competitions: Competitions;
  readonly rank: (auction: Auction, attempt: number) => Promise<Ranking>;
  /** Milliseconds. */
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
}): Recorder {
  const { competitions, rank, now } = deps;
  const { log, metrics } = deps.telemetry;
  const atHand = new LRUCache<Hex, Record>({ max: AT_HAND });
  const mutex = createKeyedMutex();
  const writing = new Set<Promise<void>>();

  const recordOf = async (intent: IntentDigest): Promise<Record> => {
    const known = atHand.get(intent);
    if (known !== undefined) return known;
    const record: Record = { exists: false, known: new Set(), refused: 0 };
    for (const entry of await competitions.read(intent)) ingest(record, entry);
    atHand.set(intent, record);
    return record;
  };

  /**
   * Adds what is new of these entries; `opening` begins a record that is not there, without it nothing is
   * begun.
   */
  const add = (
    intent: IntentDigest,
    entries: readonly CompetitionEntry[],
    opening?: CompetitionEntry,
  ): Promise<void> => {
    const task = mutex(intent, async () => {
      const record = await recordOf(intent);
      if (!record.exists && opening === undefined) return;
      const given = record.exists || opening === undefined ? entries : [opening, ...entries];
      const fresh = given.flatMap((entry) => {
        const marks = marksOf(entry);
        if (marks.some((mark) => record.known.has(mark))) return [];
        if (entry.type !== 'refused' || record.refused < MOST_REFUSED) return [entry];
        metrics.count('competition_entry_dropped');
        const overflow: CompetitionEntry = { type: 'overflow', at: entry.at };
        return record.known.has('overflow') ? [] : [overflow];
      });
      for (const entry of fresh) ingest(record, entry);
      if (fresh.length > 0) await competitions.append(intent, fresh);
    }).catch((error: unknown) => {
      metrics.count('competition_not_recorded');
      log.warn({ err: error, intent }, 'competition not recorded');
    });
    writing.add(task);
    return task.finally(() => writing.delete(task));
  };
  const addTo = (auction: Auction, ...entries: CompetitionEntry[]) =>
    add(auction.observed.digest, entries, openingOf(auction));

  const rankAsWitness = async (auction: Auction, attempt: number): Promise<void> => {
    const { digest } = auction.observed;
    const { known } = await recordOf(digest);
    if (known.has(`ranking ${attempt}`)) return;
    const ranking = await rank(auction, attempt);
    await addTo(auction, rankingEntry(ranking, { attempt, own: false, at: now() }));
  };

  return {
    onIntent: (auction) => void addTo(auction),
    onQuote: (auction, digest, signed, arrival) =>
      void addTo(auction, { type: 'quote', digest, signed, ...arrival }),
    onRefused: (auction, signed, code, arrival) =>
      void addTo(auction, { type: 'refused', code, signed, ...arrival }),
    onTally(auction, author, { tally, quotes, signature }, arrival) {
      const { home } = auction.market;
      const id = tallyId(tallyDigest(tally, home), author);
      const beside = quotes.map((signed): CompetitionEntry => {
        const digest = quoteDigest(signed.quote, home);
        return { type: 'quote', digest, signed, inTime: false, author, ...arrival };
      });
      void addTo(auction, ...beside, {
        type: 'tally',
        author,
        id,
        quotes: tally.quotes,
        signature,
        ...arrival,
      });
    },
    onVote: (auction, voter, vote, arrival) => void addTo(auction, { type: 'vote', voter, vote, ...arrival }),
    onRanked: (auction, attempt, ranking) =>
      void addTo(auction, rankingEntry(ranking, { attempt, own: true, at: now() })),
    onCertificate(auction, { award, quotes, signatures }, arrival) {
      const { attempt } = award;
      const ranked = rankedOf(award);
      const unseen = quotes.map((signed, index): CompetitionEntry => {
        const digest = ranked[index] ?? quoteDigest(signed.quote, auction.market.home);
        return { type: 'quote', digest, signed, inTime: false, ...arrival };
      });
      void addTo(auction, ...unseen, { type: 'certificate', attempt, ranked, signatures, ...arrival });
      const ranking = rankAsWitness(auction, attempt).catch((error: unknown) => {
        // The certificate stands; only why others are not in it stays unsaid.
        metrics.count('competition_not_ranked');
        log.debug({ err: error, intent: auction.observed.digest }, 'competition not ranked');
      });
      writing.add(ranking);
      void ranking.finally(() => writing.delete(ranking));
    },
    onPassedOver: (intent, quote, reason) =>
      void add(intent, [{ type: 'passedOver', at: now(), quote, reason }]),
    async written() {
      while (writing.size > 0) await Promise.all(writing);
    },
  };
}

function openingOf({ market, observed, receivedAt }: Auction): CompetitionEntry {
  const { intent, positionKey, council } = observed;
  return {
    type: 'intent',
    at: receivedAt,
    market: market.name,
    chain: market.chain,
    positionKey,
    intent,
    needed: council.members.length - council.threshold + 1,
  };
}

function rankingEntry(
  { ranked, excluded }: Ranking,
  parts: { readonly attempt: number; readonly own: boolean; readonly at: Ms },
): CompetitionEntry {
  return {
    type: 'ranking',
    ...parts,
    ranked: ranked.map(({ digest }) => digest),
    excluded: excluded.map(({ digest, reason }) => ({ digest, reason })),
  };
}

/** Names of what an entry says, so that it is recorded once, over restarts too. */
function marksOf(entry: CompetitionEntry): string[] {
  switch (entry.type) {
    case 'intent':
    case 'overflow':
      return [entry.type];
    case 'quote':
      return [`quote ${entry.digest}`];
    case 'tally':
      return [`tally ${entry.id}`];
    case 'vote':
      return [`vote ${entry.vote.ballot}`];
    case 'ranking':
      return [`ranking ${entry.attempt}`];
    case 'certificate':
      return [`certificate ${entry.attempt}`];
    case 'passedOver':
      return [`passedOver ${entry.quote}`];
    case 'refused':
      return [];
  }
}

function ingest(record: Record, entry: CompetitionEntry): void {
  record.exists = true;
  for (const mark of marksOf(entry)) record.known.add(mark);
  if (entry.type === 'refused') record.refused += 1;
}
