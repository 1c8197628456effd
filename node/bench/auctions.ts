import {
  decodeAuctionMessage,
  encodeIntent,
  encodeQuote,
  quoteDigest,
  type SignedQuote,
} from '@gavel/protocol';
import { createAuctions } from '../src/auction/auctions.ts';
import type { Observation } from '../src/auction/derive.ts';
import { createExchange } from '../src/auction/exchange.ts';
import { createKeyGuard } from '../src/auction/key-guard.ts';
import { indexMarkets } from '../src/auction/market.ts';
import { createAuctioneer } from '../src/auctioneer/award.ts';
import type { TopicName } from '../src/gossip/validation.ts';
import { createCounters } from '../src/observe/counters.ts';
import { createRegistry } from '../src/observe/gauges.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { VoteRecord } from '../src/store/records.ts';
import { addressOf, keyOf } from '../test/arena.ts';
import { alternately, type Benchmark, rateOf } from './measure.ts';
import { recoverAuctionMessage, recoverQuote, recoverTallyAlone } from './viem.ts';
import { AUCTIONEERS, createPlace, type Place, tallyBytes, voteBytes } from './workload.ts';

const ROW = 'auctions of one auctioneer';
/** Auctions of a repetition, and of them those whose signatures the baseline checks. */
const SIZES = { full: { auctions: 100, compared: 3 }, tiny: { auctions: 1, compared: 1 } } as const;
const QUOTES = 8;
const [OWN = 'a', ...OTHERS] = AUCTIONEERS;

/** Everything that an auctioneer receives of an auction. */
type Heard = {
  readonly observed: Observation;
  readonly intent: Uint8Array;
  readonly quotes: readonly Uint8Array[];
  readonly tallies: readonly Uint8Array[];
  readonly votes: readonly Uint8Array[];
};

/**
 * Holds auctions as one of five auctioneers of whom three decide: intent, eight quotes, tallies, votes,
 * certificate.
 */
export const auctions: Benchmark = {
  name: 'auctions',
  what: 'whole auctions that one auctioneer of five takes part in, from the intent to the certificate of three, no network or disk',
  repetitions: 7,
  rows: [
    {
      name: ROW,
      unit: '/s',
      baseline:
        'checking an auction’s eight quotes, four tallies and two votes that came, each signature once, by viem, and nothing else',
    },
  ],
  async prepare(size) {
    const place = createPlace();
    const { auctions: count, compared } = SIZES[size];
    return {
      async repeat(turn) {
        const heard = await Promise.all(
          Array.from({ length: count }, (_, index) => hear(`auction ${turn} ${index}`, place)),
        );
        const hold = createNode(place);
        const figures = await alternately(
          turn,
          () => rateOf(heard, hold),
          () => rateOf(heard.slice(0, compared), (one) => checkByViem(one, place)),
        );
        return [{ row: ROW, ...figures }];
      },
      close: async () => undefined,
    };
  },
};

/** Makes the messages of the others: all saw the same quotes in time, and rank them alike. */
async function hear(position: string, place: Place): Promise<Heard> {
  const observed = await place.observe(position);
  const { digest } = observed;
  const quotes: SignedQuote[] = Array.from({ length: QUOTES }, (_, solver) => place.quote(solver, digest));
  const ranked = quotes.slice(0, 3).map(({ quote }) => quoteDigest(quote, place.home));
  return {
    observed,
    intent: encodeIntent(observed.intent),
    quotes: quotes.map(encodeQuote),
    tallies: OTHERS.map((author) => tallyBytes(author, digest, quotes, place.home)),
    votes: OTHERS.slice(0, 2).map((voter) => voteBytes(voter, digest, ranked, place.home)),
  };
}

/**
 * Builds an auctioneer's node whose clock and network are this function's: it holds one auction after the
 * other.
 */
function createNode(place: Place): (heard: Heard) => Promise<void> {
  const log = silentLogger();
  const metrics = createCounters(createRegistry());
  const auctions = createAuctions();
  let time = 0n;
  let steps: { readonly name: string; readonly task: () => Promise<void> | void }[] = [];
  const now = () => time;
  const scheduler = {
    at: (_ms: bigint, name: string, task: () => Promise<void> | void) => void steps.push({ name, task }),
    run: (name: string, task: () => Promise<void> | void) => void steps.push({ name, task }),
  };
  const publish = async (topic: TopicName, bytes: Uint8Array) => {
    await judge(topic, bytes);
    return true;
  };
  const auctioneer = createAuctioneer({
    key: keyOf(OWN),
    address: addressOf(OWN),
    scheduler,
    publish,
    votes: votesInMemory(),
    tallyWait: 400n,
    voteWait: 600n,
    chainTime: () => time / 1_000n,
    now,
    isClockOff: () => false,
    guard: createKeyGuard({ role: 'auctioneer', telemetry: { log, metrics } }),
    telemetry: { log, metrics },
  });
  const validators = createExchange({
    auctions,
    findMarket: indexMarkets([place.market]),
    now,
    clockTolerance: 500n,
    intentWaitMs: 0,
    block: (_market, number) => place.market.reads.block(number),
    onIntent: auctioneer.onIntent,
    onCertificate: () => undefined,
    scheduler,
    publish,
    telemetry: { log, metrics },
  });
  const judge = async (topic: TopicName, bytes: Uint8Array) => {
    const judgement = await validators[topic](bytes, 'peer');
    if (judgement.outcome !== 'accept') throw new TypeError(`A good message was refused: ${judgement.code}`);
    judgement.deliver();
  };
  const take = async (name: string) => {
    const due = steps.filter((step) => step.name === name);
    steps = steps.filter((step) => step.name !== name);
    for (const { task } of due) await task();
  };
  return async ({ observed, intent, quotes, tallies, votes }) => {
    const { quoteBy } = observed.intent;
    time = quoteBy - 500n;
    await judge('intents', intent);
    for (const bytes of quotes) await judge('quotes', bytes);
    time = quoteBy;
    await take('tally');
    for (const bytes of tallies) await judge('awards', bytes);
    time = quoteBy + 400n;
    await take('first vote');
    for (const bytes of votes) await judge('awards', bytes);
    await take('publish certificate');
    if (auctions.get(observed.digest)?.certificate === undefined)
      throw new TypeError('No certificate came of it');
    steps = [];
  };
}

function votesInMemory() {
  const records = new Map<string, VoteRecord>();
  return {
    get: async (key: string) => records.get(key),
    put: async (key: string, vote: VoteRecord) => void records.set(key, vote),
  };
}

async function checkByViem({ quotes, tallies, votes }: Heard, { home }: Place): Promise<void> {
  for (const bytes of quotes) await recoverQuote(bytes, home);
  for (const bytes of tallies) {
    const message = decodeAuctionMessage(bytes);
    // The quotes beside a tally were checked when they came.
    if (message.kind === 'tally') await recoverTallyAlone(message.tally, home);
  }
  for (const bytes of votes) await recoverAuctionMessage(bytes, home);
}
