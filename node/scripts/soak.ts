/**
 * Runs a node's insides through many hours of auctions, in minutes: `npm run soak`.
 *
 * The clock is virtual and the chain's answers are made up. Everything that could grow is real: the store on
 * disk, records in memory, auctions and their witnessed messages, quotes, votes, promises, counters and
 * housekeeping. Each auction is quoted in, tallied, voted on and awarded, and its order runs to its end.
 * Sockets, gossip and RPC are not part of it.
 *
 * Exits with 1 if memory after collection, open handles or disk still grow in the last third of the run.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { count, npmCommand, writeData } from '@gavel/contracts/command';
import { startProgress } from '@gavel/contracts/progress';
import { decodeAuctionMessage, decodeQuote, orderIdOf, quoteDigest, signTally } from '@gavel/protocol';
import { quote } from '@gavel/solver-sdk';
import { toHex } from 'viem';
import { addQuote, addTally, addVote, createAuctions } from '../src/auction/auctions.ts';
import { rankAsWitness } from '../src/auction/certify.ts';
import { observe } from '../src/auction/derive.ts';
import { createKeyGuard } from '../src/auction/key-guard.ts';
import { createRecorder } from '../src/auction/recorder.ts';
import { createAuctioneer } from '../src/auctioneer/award.ts';
import { forgetOld } from '../src/lifecycle/prune.ts';
import { createCounters } from '../src/observe/counters.ts';
import { createRegistry } from '../src/observe/gauges.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { isClosed } from '../src/order/views.ts';
import { createEngine } from '../src/orders/engine.ts';
import { createInventory } from '../src/solver/inventory.ts';
import { createSolver } from '../src/solver/quote.ts';
import type { QuoteRecord, VoteRecord } from '../src/store/records.ts';
import { openStore } from '../src/store/store.ts';
import { addressOf, createArena, keyOf, PAY_DOMAIN, PAYOUT } from '../test/arena.ts';
import { createWon, lifeOf, PAY_TOKEN } from '../test/orders.ts';

const { hours, perHour, json } = npmCommand(
  'soak',
  'Run a node through many hours of auctions under a virtual clock, and check that nothing grows.',
)
  .option('--hours <n>', 'virtual hours', count, 24)
  .option('--per-hour <n>', 'auctions in a virtual hour', count, 360)
  .option('--json <file>', 'also write the outcome as data')
  .parse()
  .opts<{ hours: number; perHour: number; json?: string }>();
const HOUR_MS = 3_600_000n;
const START = 1_800_000_000_000n;
/** Short enough that forgetting keeps up well before the middle of a day. */
const retention = { ordersHours: 3, quotesHours: 2, votesHours: 1, auctionsHours: 2, mostAuctions: 50_000 };

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const root = await mkdtemp(join(tmpdir(), 'gavel-soak-'));
const dir = join(root, 'store');
const log = silentLogger();
const registry = createRegistry();
const metrics = createCounters(registry);
const clock = { now: START };
const now = () => clock.now;
const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({ dir, log, now });
const engine = createEngine({
  orders: store.orders,
  onRecorded: (_, event) => metrics.count('order_event', { event: event.type }),
  onChanged: () => undefined,
  telemetry: { log, metrics },
  now,
});
const auctions = createAuctions();
const inventory = createInventory();
const template = await createWon();
let published: Uint8Array[] = [];
let tasks: { readonly name: string; readonly task: () => Promise<void> | void }[] = [];
const scheduler = {
  at: (_ms: bigint, name: string, task: () => Promise<void> | void) => void tasks.push({ name, task }),
};
const publish = async (_topic: string, bytes: Uint8Array) => {
  published.push(bytes);
  return true;
};
const recorder = createRecorder({
  competitions: store.competitions,
  rank: rankAsWitness,
  now,
  telemetry: { log, metrics },
});
const arrival = () => ({ at: now(), from: 'peer' });
const solver = createSolver({
  guard: createKeyGuard({ role: 'solver', telemetry: { log, metrics } }),
  key: keyOf('x'),
  account: addressOf('x'),
  payout: PAYOUT,
  strategy: { name: 'soak', options: {}, quote: () => quote(480_000n, PAY_DOMAIN) },
  quotes: store.quotes,
  inventory,
  closed: () => undefined,
  cap: (opportunity) => opportunity,
  onSent: () => undefined,
  scheduler,
  publish,
  now,
  async gather({ observed: { intent, digest, health } }) {
    const token = (address: `0x${string}`) => ({ address, symbol: 'T', decimals: 6 });
    const { repay, seizable, market, position, homeDomain, round, quoteBy, openBy } = intent;
    return {
      opportunity: {
        kind: 'auction',
        intent: digest,
        market,
        position,
        homeDomain,
        round,
        collateral: token(intent.collateral),
        debt: token(intent.debt),
        repay,
        seizable,
        tick: 50n,
        seizableInDebt: 1_050_000n,
        health,
        quoteBy,
        openBy,
      },
      options: [
        {
          domain: PAY_DOMAIN,
          mode: 'remote',
          token: token(PAY_TOKEN),
          payAmount: 1_000_501n,
          payInDebt: 1_000_501n,
          available: 10n ** 15n,
          handicapBps: 0,
          gasInDebt: 0n,
          bond: { required: 1n, free: 10n ** 15n },
        },
      ],
    };
  },
  epoch: async () => 0n,
  allow: async () => undefined,
  telemetry: { log, metrics },
});
const auctioneer = createAuctioneer({
  key: keyOf('a'),
  address: addressOf('a'),
  scheduler,
  publish,
  votes: store.votes,
  tallyWait: 400n,
  voteWait: 600n,
  chainTime: () => now() / 1_000n,
  now,
  isClockOff: () => false,
  onRanked: recorder.onRanked,
  guard: createKeyGuard({ role: 'auctioneer', telemetry: { log, metrics } }),
  telemetry: { log, metrics },
});

/** Holds one auction from its intent to its released payment. */
async function runAuction(number: number): Promise<void> {
  const arena = createArena({ at: (now() / 1_000n) * 1_000n });
  const result = await observe(arena.market, toHex(`position ${number}`), arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const { observed } = result;
  const auction = auctions.add(arena.market, observed, now());
  recorder.onIntent(auction);
  tasks = [];
  published = [];
  await solver.onIntent(auction);
  auctioneer.onIntent(auction);
  const signed = published.splice(0).map(decodeQuote);
  for (const one of signed) {
    const digest = quoteDigest(one.quote, arena.home);
    addQuote(auction, digest, one, true);
    recorder.onQuote(auction, digest, one, { ...arrival(), inTime: true });
  }
  const best = signed[0];
  if (best === undefined) throw new TypeError('the solver did not bid');
  const steps = tasks;
  clock.now = observed.intent.quoteBy;
  for (const { name, task } of steps) {
    if (name === 'second vote') continue;
    await task();
    for (const bytes of published.splice(0)) {
      const message = decodeAuctionMessage(bytes);
      if (message.kind === 'tally' && addTally(auction, addressOf('a'), message.tally))
        recorder.onTally(auction, addressOf('a'), message.tally, arrival());
      if (message.kind === 'vote' && addVote(auction, addressOf('a'), message.vote))
        recorder.onVote(auction, addressOf('a'), message.vote, arrival());
    }
    if (name === 'tally') {
      addTally(auction, addressOf('b'), signTally(observed.digest, [best], arena.home, keyOf('b')));
    }
  }
  if (auction.votes.length !== 1) throw new TypeError('the auctioneer did not vote');
  const order = {
    ...template.order,
    intent: observed.digest,
    quote: quoteDigest(best.quote, arena.home),
    positionKey: observed.positionKey,
    openBy: observed.intent.openBy,
  };
  const won = { ...template, order, orderId: orderIdOf(order) };
  for (const event of lifeOf(won)) {
    clock.now += 500n;
    await engine.record(observed.digest, [event]);
  }
  inventory.release(observed.digest);
  await recorder.written();
}

type Sample = {
  readonly hour: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly handles: number;
  readonly diskBytes: number;
  readonly orders: number;
};

async function sample(hour: number): Promise<Sample> {
  collect();
  const { heapUsed, rss, external } = process.memoryUsage();
  const sizes = await Promise.all(
    (await readdir(dir)).map(async (file) => (await stat(join(dir, file))).size),
  );
  return {
    hour,
    heapBytes: heapUsed + external,
    rssBytes: rss,
    handles: (await readdir('/proc/self/fd')).length,
    diskBytes: sizes.reduce((sum, size) => sum + size, 0),
    orders: engine.all().length,
  };
}

using progress = startProgress(`running ${hours} virtual hours of ${perHour} auctions`);
const began = performance.now();
const samples: Sample[] = [];
let auctionCount = 0;
for (let hour = 1; hour <= hours; hour++) {
  const from = START + BigInt(hour - 1) * HOUR_MS;
  for (let number = 0; number < perHour; number++) {
    // Orders take longer than the distance between auctions: the clock goes on from the later of the two.
    const due = from + (BigInt(number) * HOUR_MS) / BigInt(perHour);
    clock.now = due;
    await runAuction(auctionCount);
    auctionCount += 1;
  }
  clock.now = from + HOUR_MS;
  await forgetOld({ store, engine, retention, now, chainTimes: () => [now() / 1_000n] });
  samples.push(await sample(hour));
  progress.update(`hour ${hour} done, ${Math.round((samples.at(-1)?.heapBytes ?? 0) / 1e6)} MB of heap`);
}
const open = engine.all().filter((view) => !isClosed(view)).length;
await store.close();

/** Compares the middle of a run with its end, by the largest of each third. */
function growth(of: (sample: Sample) => number): number {
  const third = Math.floor(samples.length / 3);
  const most = (part: readonly Sample[]) => Math.max(...part.map(of));
  return most(samples.slice(2 * third)) / most(samples.slice(third, 2 * third));
}
const grown = {
  heap: growth(({ heapBytes }) => heapBytes),
  handles: growth(({ handles }) => handles),
  disk: growth(({ diskBytes }) => diskBytes),
};
const ok = open === 0 && (samples.length < 9 || Object.values(grown).every((factor) => factor < 1.1));
const outcome = {
  ok,
  hours,
  auctions: auctionCount,
  events: auctionCount * lifeOf(template).length,
  openOrders: open,
  retention,
  /** The most in the last third of the run, over the most in the middle one. */
  grown,
  seconds: Math.round((performance.now() - began) / 1_000),
  first: samples.at(0),
  middle: samples.at(Math.floor(samples.length / 2)),
  last: samples.at(-1),
  samples,
};
await writeData(json, outcome);
const { samples: _, ...summary } = outcome;
progress.print(JSON.stringify(summary, null, 2));
await rm(root, { recursive: true });
process.exitCode = ok ? 0 : 1;
