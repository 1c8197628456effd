import { encodeQuote, quoteDigest, recoverSigner, type SignedQuote } from '@gavel/protocol';
import { type Hex, recoverAddress } from 'viem';
import { createAuctions } from '../src/auction/auctions.ts';
import type { Observation } from '../src/auction/derive.ts';
import { createExchange } from '../src/auction/exchange.ts';
import { indexMarkets } from '../src/auction/market.ts';
import { createAdmission } from '../src/gossip/admission.ts';
import type { TopicName, Validator } from '../src/gossip/validation.ts';
import { createCounters } from '../src/observe/counters.ts';
import { createRegistry } from '../src/observe/gauges.ts';
import { silentLogger } from '../src/observe/logger.ts';
import { alternately, type Benchmark, type Reading, rateOf } from './measure.ts';
import { recoverAuctionMessage, recoverQuote } from './viem.ts';
import {
  AUCTIONEERS,
  certificateBytes,
  createPlace,
  type Place,
  SOLVERS,
  tallyBytes,
  voteBytes,
} from './workload.ts';

const BASELINE = 'decode, then for each signature viem’s recoverTypedDataAddress, and nothing else';

/** The work that every check of a message needs: it bounds the speed. */
const RECOVERY = 'signers of quotes, recovered from ready digests';

/** Auctions a repetition goes through, and messages of them that the far slower baseline goes through. */
const SIZES = { full: { auctions: 16, compared: 96 }, tiny: { auctions: 1, compared: 1 } } as const;

/** A kind of message: its topic, what is made for one auction, and what the baseline does with each. */
type Kind = {
  readonly row: string;
  readonly topic: TopicName;
  /** Whether messages pass the admission of peers' messages before they reach the validator. */
  readonly door?: true;
  /** Signatures in a message of this kind: that many fewer messages are made. */
  readonly signatures: number;
  readonly make: (observed: Observation, place: Place) => Uint8Array[];
};

const KINDS: readonly Kind[] = [
  { row: 'quotes', topic: 'quotes', signatures: 1, make: quotesOf },
  { row: 'quotes, from the wire on', topic: 'quotes', door: true, signatures: 1, make: quotesOf },
  { row: 'tallies of eight unseen quotes', topic: 'awards', signatures: 9, make: talliesOf },
  { row: 'votes', topic: 'awards', signatures: 2, make: votesOf },
  { row: 'certificates with three unseen quotes', topic: 'awards', signatures: 6, make: certificatesOf },
];

/**
 * Judges messages as they come from peers: decode, canonical form, digests, signers, registered keys, the
 * auctions.
 */
export const validate: Benchmark = {
  name: 'validate',
  what: 'gossip messages judged by a node on one core, every message and signature a new one',
  repetitions: 9,
  rows: [
    ...KINDS.map(({ row }) => ({
      name: row,
      unit: '/s' as const,
      baseline: BASELINE,
      ...(row === 'quotes' && { aim: { figure: 12_000, ratio: 15 } }),
    })),
    { name: RECOVERY, unit: '/s', baseline: 'viem’s recoverAddress from the same digests' },
  ],
  async prepare(size) {
    const place = createPlace();
    return {
      async repeat(turn) {
        const readings: Reading[] = [];
        for (const kind of KINDS) readings.push(await measure(kind, turn, { place, ...SIZES[size] }));
        readings.push(await measureRecovery(turn, { place, ...SIZES[size] }));
        return readings;
      },
      close: async () => undefined,
    };
  },
};

/** How much to do, and where. */
type Extent = { readonly place: Place; readonly auctions: number; readonly compared: number };

async function measureRecovery(turn: number, { place, auctions, compared }: Extent): Promise<Reading> {
  const observed = await observeAll(`${RECOVERY} ${turn}`, auctions, place);
  const signed = observed.flatMap(({ digest }) => SOLVERS.map((_, solver) => place.quote(solver, digest)));
  const ready = signed.map(({ quote, signature }) => ({ hash: quoteDigest(quote, place.home), signature }));
  const figures = await alternately(
    turn,
    () => rateOf(ready, async ({ hash, signature }) => recoverSigner(hash, signature)),
    () => rateOf(ready.slice(0, compared), (one) => recoverAddress(one)),
  );
  return { row: RECOVERY, ...figures };
}

function observeAll(name: string, auctions: number, place: Place): Promise<Observation[]> {
  return Promise.all(Array.from({ length: auctions }, (_, index) => place.observe(`${name} ${index}`)));
}

async function measure(kind: Kind, turn: number, { place, auctions, compared }: Extent): Promise<Reading> {
  const observed = await observeAll(`${kind.row} ${turn}`, auctions, place);
  const messages = observed.flatMap((one) => kind.make(one, place));
  const judge = createJudge(kind, observed, place);
  const recover = kind.topic === 'quotes' ? recoverQuote : recoverAuctionMessage;
  const sample = messages.slice(0, Math.max(1, Math.floor(compared / kind.signatures)));
  const figures = await alternately(
    turn,
    () => rateOf(messages, judge),
    () => rateOf(sample, (bytes) => recover(bytes, place.home)),
  );
  return { row: kind.row, ...figures };
}

/**
 * Builds the judges of messages as a node has them: a fresh set of auctions, the exchange, and the admission
 * before it.
 */
function createJudge(
  { topic, door }: Kind,
  observed: readonly Observation[],
  { market }: Place,
): (bytes: Uint8Array) => Promise<void> {
  const auctions = createAuctions();
  const quoteBy = observed[0]?.intent.quoteBy ?? 0n;
  const now = () => (topic === 'quotes' ? quoteBy - 100n : quoteBy + 500n);
  for (const one of observed) auctions.add(market, one, now());
  const log = silentLogger();
  const metrics = createCounters(createRegistry());
  const validators = createExchange({
    auctions,
    findMarket: indexMarkets([market]),
    now,
    clockTolerance: 500n,
    intentWaitMs: 0,
    block: (_market, number) => market.reads.block(number),
    onIntent: () => undefined,
    onCertificate: () => undefined,
    scheduler: { run: () => undefined },
    publish: async () => true,
    telemetry: { log, metrics },
  });
  if (door === undefined) return (bytes) => judgeBy(validators[topic], bytes);
  // Sixteen peers, none of them held back.
  const limits = { burst: 1_000_000, perSecond: 1_000_000, inFlight: 256, waiting: 512 };
  const admission = createAdmission({ validators, limits, telemetry: { log, metrics } });
  let peer = 0;
  return async (bytes) => {
    peer = (peer + 1) % 16;
    const judgement = await admission.fromPeer(topic, bytes, `peer ${peer}`);
    if (judgement.outcome !== 'accept') throw new TypeError(`A good message was refused: ${judgement.code}`);
  };
}

async function judgeBy(validator: Validator, bytes: Uint8Array): Promise<void> {
  const judgement = await validator(bytes, 'peer');
  if (judgement.outcome !== 'accept') throw new TypeError(`A good message was refused: ${judgement.code}`);
  judgement.deliver();
}

/** Two quotes of each solver. */
function quotesOf({ digest }: Observation, place: Place): Uint8Array[] {
  return SOLVERS.flatMap((_, solver) => [0, 1].map((step) => encodeQuote(place.quote(solver, digest, step))));
}

/** A tally of each auctioneer, all of different quotes. */
function talliesOf({ digest }: Observation, place: Place): Uint8Array[] {
  return AUCTIONEERS.map((author, index) => {
    const quotes = Array.from({ length: 8 }, (_, solver) => place.quote(8 * index + solver, digest));
    return tallyBytes(author, digest, quotes, place.home);
  });
}

/** A first vote of each auctioneer, no two alike, so that no certificate comes of them. */
function votesOf({ digest }: Observation, place: Place): Uint8Array[] {
  return AUCTIONEERS.map((voter, index) => {
    const ranked = rankedDigests([index, index + 1, index + 2], digest, place);
    return voteBytes(voter, digest, ranked, place.home);
  });
}

function rankedDigests(solvers: readonly number[], intent: Hex, place: Place): Hex[] {
  return solvers.map((solver) => quoteDigest(place.quote(solver, intent).quote, place.home));
}

/** The one certificate of an auction. */
function certificatesOf(observed: Observation, place: Place): Uint8Array[] {
  const quotes: SignedQuote[] = [0, 1, 2].map((solver) => place.quote(solver, observed.digest));
  return [certificateBytes(observed, quotes, place.home)];
}
