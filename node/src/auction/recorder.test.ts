import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  awardOf,
  encodeAuctionMessage,
  encodeIntent,
  encodeQuote,
  quoteDigest,
  type SignedQuote,
  signTally,
  signVote,
  tallyDigest,
  tallyId,
} from '@gavel/protocol';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Arena, addressOf, createArena, keyOf } from '../../test/arena.ts';
import type { TopicName } from '../gossip/validation.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import { openStore, type Store } from '../store/store.ts';
import { createAuctions } from './auctions.ts';
import { rankAsWitness } from './certify.ts';
import { type Competition, competitionOf } from './competition.ts';
import { createExchange } from './exchange.ts';
import { indexMarkets } from './market.ts';
import { createRecorder, type Recorder } from './recorder.ts';

const AT = 1_800_000_000_000n;

let root: string;
let store: Store<object, object, { intent: Hex }>;
const log = silentLogger();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gavel-recorder-'));
  store = await openStore({ dir: join(root, 'store'), log });
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

/** Messages as a node judges them, with a clock that tests set, and the recorder behind. */
function setUp(arena: Arena) {
  const clock = { now: AT + 100n };
  const metrics = createCounters();
  const now = () => clock.now;
  const recorder = createRecorder({
    competitions: store.competitions,
    rank: rankAsWitness,
    now,
    telemetry: { log, metrics },
  });
  const auctions = createAuctions();
  const validators = createExchange({
    recorder,
    auctions,
    findMarket: indexMarkets([arena.market]),
    now,
    clockTolerance: 50n,
    intentWaitMs: 0,
    block: (market, number) => market.reads.block(number),
    scheduler: { run: () => undefined },
    publish: async () => true,
    onIntent: () => undefined,
    onCertificate: () => undefined,
    telemetry: { log, metrics },
  });
  const send = async (topic: TopicName, bytes: Uint8Array, from = 'peer') => {
    const validation = await validators[topic](bytes, from);
    if (validation.outcome === 'accept') validation.deliver();
    return 'code' in validation ? validation.code : 'ACCEPTED';
  };
  return { clock, metrics, recorder, send, auctions };
}

async function recordOf(recorder: Recorder, intent: Hex): Promise<Competition> {
  await recorder.written();
  const competition = competitionOf(intent, await store.competitions.read(intent));
  if (competition === undefined) throw new TypeError('nothing is on record');
  return competition;
}

test('an auction is recorded from its intent to its certificate: who, when, taken or refused and why', async () => {
  const arena = createArena({ at: AT, solvers: ['w', 'x', 'y', 'z', 'late'] });
  const { clock, recorder, send } = setUp(arena);
  const { intent, digest, bytes } = await arena.intent();
  await send('intents', bytes, 'watcher');
  const digestOf = ({ quote }: SignedQuote) => quoteDigest(quote, arena.home).toLowerCase() as Hex;
  const asks = { w: 490_000n, x: 480_000n, y: 470_000n, z: 460_000n } as const;
  const quotes = Object.entries(asks).map(([name, ask]) => arena.quote(name, digest, { ask }));
  for (const quote of quotes) {
    clock.now += 10n;
    expect(await send('quotes', encodeQuote(quote), 'solver')).toBe('ACCEPTED');
  }
  const offTick = arena.quote('x', digest, { ask: 480_001n });
  expect(await send('quotes', encodeQuote(offTick), 'rogue')).toBe('OFF_TICK');
  // A copy is no second quote.
  expect(await send('quotes', encodeQuote(quotes[0] as SignedQuote), 'relay')).toBe('DUPLICATE');

  clock.now = intent.quoteBy + 20n;
  const late = arena.quote('late', digest, { ask: 450_000n });
  expect(await send('quotes', encodeQuote(late), 'solver')).toBe('ACCEPTED');
  const tooLate = arena.quote('late', digest, { ask: 440_000n });
  clock.now = intent.quoteBy + 51n;
  expect(await send('quotes', encodeQuote(tooLate), 'solver')).toBe('LATE');

  const council = ['a', 'b'];
  const tallies = council.map((name) => signTally(digest, quotes, arena.home, keyOf(name)));
  for (const tally of tallies)
    await send('awards', encodeAuctionMessage({ kind: 'tally', tally }), 'council');
  const ranked = [...quotes].reverse().slice(0, 3).map(digestOf);
  const award = awardOf(digest, 1, ranked);
  const cited = tallies.map(({ tally }, index) =>
    tallyId(tallyDigest(tally, arena.home), addressOf(council[index] ?? '')),
  );
  const votes = council.map((name) => ({ name, vote: signVote(award, cited, arena.home, keyOf(name)) }));
  for (const { vote } of votes) await send('awards', encodeAuctionMessage({ kind: 'vote', vote }), 'council');
  const signatures = [...votes]
    .sort((one, other) => (addressOf(one.name) < addressOf(other.name) ? -1 : 1))
    .map(({ vote }) => vote.signature);
  const certificate = { intent, award, quotes: [...quotes].reverse().slice(0, 3), signatures };
  clock.now += 5n;
  expect(await send('awards', encodeAuctionMessage({ kind: 'certificate', certificate }))).toBe('ACCEPTED');

  const record = await recordOf(recorder, digest);
  expect(record.opening).toMatchObject({ at: AT + 100n, market: 'arena', needed: 2, intent: { round: 0n } });
  expect(record.quotes.map(({ at, from, inTime }) => [at, from, inTime])).toEqual([
    [AT + 110n, 'solver', true],
    [AT + 120n, 'solver', true],
    [AT + 130n, 'solver', true],
    [AT + 140n, 'solver', true],
    [intent.quoteBy + 20n, 'solver', false],
  ]);
  expect(record.refused.map(({ code, from, at }) => [code, from, at])).toEqual([
    ['OFF_TICK', 'rogue', AT + 140n],
    ['LATE', 'solver', intent.quoteBy + 51n],
  ]);
  expect(record.tallies.map(({ author }) => author)).toEqual(council.map(addressOf));
  expect(record.votes.map(({ voter }) => voter)).toEqual(council.map(addressOf));
  expect(record.certificate).toMatchObject({ attempt: 1, ranked, signatures });
  expect(record.rankings).toMatchObject([{ own: false, attempt: 1, ranked }]);
  expect(record.statusOf(ranked[0] as Hex)).toEqual({ place: 1 });
  expect(record.statusOf(digestOf(quotes[0] as SignedQuote))).toEqual({ excluded: 'OUTBID' });
  expect(record.statusOf(digestOf(late))).toEqual({ excluded: 'LATE' });
});

test('a quote first seen beside a tally is recorded as that; one that too few tallies carry, too', async () => {
  const arena = createArena({ at: AT });
  const { clock, recorder, send, auctions } = setUp(arena);
  const { intent, digest, bytes } = await arena.intent();
  await send('intents', bytes);
  const hidden = arena.quote('x', digest);
  const alone = arena.quote('y', digest);
  await send('quotes', encodeQuote(alone));
  clock.now = intent.quoteBy + 1n;
  const tally = signTally(digest, [hidden], arena.home, keyOf('a'));
  await send('awards', encodeAuctionMessage({ kind: 'tally', tally }), 'council');
  const auction = auctions.get(digest);
  if (auction === undefined) throw new TypeError('no auction');
  recorder.onRanked(auction, 1, { ranked: [], excluded: [] });
  const record = await recordOf(recorder, digest);
  expect(record.quotes.at(-1)).toMatchObject({ author: addressOf('a'), inTime: false, from: 'council' });
  expect(record.statusOf(quoteDigest(alone.quote, arena.home).toLowerCase() as Hex)).toEqual({
    excluded: 'NOT_TALLIED',
  });
});

test('refused quotes beyond a number are dropped and counted, and the record says so', async () => {
  const arena = createArena({ at: AT });
  const { metrics, recorder, send } = setUp(arena);
  const { digest, bytes } = await arena.intent();
  await send('intents', bytes);
  for (let index = 1n; index <= 70n; index++) {
    await send('quotes', encodeQuote(arena.quote('x', digest, { ask: 480_000n + index })), 'rogue');
  }
  const record = await recordOf(recorder, digest);
  expect(record.refused.length).toBeLessThanOrEqual(64);
  expect(record.refused.length).toBeGreaterThan(60);
  expect(record.overflowed).toBe(true);
  expect(metrics.snapshot().competition_entry_dropped).toBeGreaterThan(0);
});

test('a node that was restarted goes on with the record, and writes nothing down twice', async () => {
  const arena = createArena({ at: AT });
  const { digest, bytes, intent } = await arena.intent();
  const before = setUp(arena);
  await before.send('intents', bytes);
  await before.send('quotes', encodeQuote(arena.quote('x', digest)));
  await before.recorder.written();
  const after = setUp(arena);
  after.clock.now = AT + 500n;
  await after.send('intents', encodeIntent(intent));
  await after.send('quotes', encodeQuote(arena.quote('x', digest)));
  await after.send('quotes', encodeQuote(arena.quote('y', digest)));
  after.recorder.onPassedOver(digest, digest, '0x1234');
  const record = await recordOf(after.recorder, digest);
  expect(record.opening.at).toBe(AT + 100n);
  expect(record.quotes.map(({ at }) => at)).toEqual([AT + 100n, AT + 500n]);
  expect(record.passedOver).toMatchObject([{ reason: '0x1234' }]);
  after.recorder.onPassedOver(`0x${'77'.repeat(32)}` as const, digest, '0x1234');
  await after.recorder.written();
  expect(await store.competitions.read(`0x${'77'.repeat(32)}` as const)).toEqual([]);
});
