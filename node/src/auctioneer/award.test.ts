import {
  type AuctionMessage,
  decodeAuctionMessage,
  quoteDigest,
  signTally,
  type Vote,
  verifyDisavowal,
} from '@gavel/protocol';
import { keccak256, toHex } from 'viem';
import { expect, test } from 'vitest';
import { addressOf, createArena, keyOf } from '../../test/arena.ts';
import { type Auction, addQuote, addTally, addVote, createAuctions } from '../auction/auctions.ts';
import { tryCertificate } from '../auction/certify.ts';
import { observe } from '../auction/derive.ts';
import { createKeyGuard } from '../auction/key-guard.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { VoteRecord } from '../store/records.ts';
import type { Votes } from '../store/votes.ts';
import { createAuctioneer } from './award.ts';

/** Votes as the store keeps them, in memory. */
function memoryVotes(): Votes<VoteRecord> & { records: Map<string, VoteRecord> } {
  const records = new Map<string, VoteRecord>();
  return {
    records,
    get: async (key) => records.get(key),
    async put(key, vote, replaces = () => false) {
      const earlier = records.get(key);
      if (earlier !== undefined && earlier.intent !== vote.intent && !replaces(earlier)) {
        const { StoreError } = await import('../store/errors.ts');
        throw new StoreError('CONFLICT', 'Another vote is on record');
      }
      records.set(key, vote);
    },
  };
}

/** One auctioneer with a clock that tests step by hand, and what it published. */
function setUp(votes = memoryVotes(), time: bigint | undefined = undefined, name = 'a') {
  const metrics = createCounters();
  const guard = createKeyGuard({ role: 'auctioneer', telemetry: { log: silentLogger(), metrics } });
  const clock = { now: 0n, isOff: false };
  const tasks = new Map<string, () => Promise<void> | void>();
  const sent: AuctionMessage[] = [];
  const durable: number[] = [];
  const auctioneer = createAuctioneer({
    key: keyOf(name),
    address: addressOf(name),
    scheduler: { at: (_ms, what, task) => void tasks.set(what, task) },
    publish: async (_topic, bytes) => {
      durable.push(votes.records.size);
      sent.push(decodeAuctionMessage(bytes));
      return true;
    },
    votes,
    tallyWait: 100n,
    voteWait: 100n,
    chainTime: () => time,
    now: () => clock.now,
    isClockOff: () => clock.isOff,
    guard,
    telemetry: { log: silentLogger(), metrics },
  });
  const step = async (what: 'tally' | 'first vote' | 'second vote') => tasks.get(what)?.();
  const lastVote = (): Vote | undefined =>
    sent.flatMap((message) => (message.kind === 'vote' ? message.vote : [])).at(-1);
  return { auctioneer, sent, durable, step, lastVote, votes, tasks, clock, metrics, guard };
}

async function createAuction(arena = createArena(), at = arena.block): Promise<Auction> {
  const result = await observe(arena.market, toHex('position'), at);
  if ('none' in result) throw new TypeError(result.none);
  return createAuctions().add(arena.market, result.observed, 0n);
}

/** Gives an auction the quotes of these solvers, in time; returns their digests, best first. */
function withQuotes(auction: Auction, asks: Readonly<Record<string, bigint>>) {
  const arena = createArena();
  const entries = Object.entries(asks).sort(([, a], [, b]) => (a < b ? -1 : 1));
  return entries.map(([solver, ask]) => {
    const signed = arena.quote(solver, auction.observed.digest, { ask });
    const digest = quoteDigest(signed.quote, arena.home);
    addQuote(auction, digest, signed, true);
    return { digest, signed };
  });
}

test('a tally lists the quotes seen in time, best first, and a vote is durable before it is sent', async () => {
  const auction = await createAuction();
  const [best, second] = withQuotes(auction, { x: 490_000n, y: 470_000n });
  const node = setUp();
  node.auctioneer.onIntent(auction);
  await node.step('tally');
  const [tally] = node.sent;
  if (tally?.kind !== 'tally') throw new TypeError('no tally was sent');
  expect(tally.tally.tally.quotes).toEqual([best?.digest, second?.digest]);
  for (const name of ['a', 'b']) {
    addTally(
      auction,
      addressOf(name),
      signTally(auction.observed.digest, tally.tally.quotes, auction.market.home, keyOf(name)),
    );
  }
  await node.step('first vote');
  expect(node.lastVote()?.award).toMatchObject({ attempt: 1, first: best?.digest, second: second?.digest });
  expect(node.durable.at(-1)).toBe(1);
  expect(node.lastVote()?.cited).toHaveLength(2);
});

test('a quote that one tally of three carries is not counted at two of three', async () => {
  const auction = await createAuction();
  const quotes = withQuotes(auction, { x: 490_000n, y: 470_000n });
  const [late, known] = quotes;
  if (late === undefined || known === undefined) throw new TypeError('no quotes');
  const { home } = auction.market;
  const { digest } = auction.observed;
  addTally(auction, addressOf('a'), signTally(digest, [known.signed], home, keyOf('a')));
  addTally(auction, addressOf('b'), signTally(digest, [known.signed], home, keyOf('b')));
  addTally(auction, addressOf('c'), signTally(digest, [late.signed, known.signed], home, keyOf('c')));
  const node = setUp();
  node.auctioneer.onIntent(auction);
  await node.step('first vote');
  expect(node.lastVote()?.award.first).toBe(known.digest);
});

test('a second vote counts a tally that the first missed, if another auctioneer cited it', async () => {
  const auction = await createAuction();
  const [quote] = withQuotes(auction, { x: 490_000n });
  if (quote === undefined) throw new TypeError('no quote');
  const { home } = auction.market;
  const { digest } = auction.observed;
  const node = setUp();
  node.auctioneer.onIntent(auction);
  addTally(auction, addressOf('a'), signTally(digest, [quote.signed], home, keyOf('a')));
  await node.step('first vote');
  expect(BigInt(node.lastVote()?.award.first ?? 0n)).toBe(0n);

  // The others saw both tallies, and voted; theirs reaches this node together with their votes.
  addTally(auction, addressOf('b'), signTally(digest, [quote.signed], home, keyOf('b')));
  const own = node.lastVote();
  const theirs = await firstVoteOf('b', auction);
  if (own === undefined || theirs === undefined) throw new TypeError('no vote');
  addVote(auction, addressOf('a'), own);
  addVote(auction, addressOf('b'), theirs);
  expect(tryCertificate(auction)).toBeUndefined();
  // Only its author has cited b's tally yet, so it does not count.
  await node.step('second vote');
  expect(node.lastVote()?.award.attempt).toBe(1);
  const third = await firstVoteOf('c', auction);
  if (third === undefined) throw new TypeError('no vote');
  addVote(auction, addressOf('c'), third);
  await node.step('second vote');
  expect(node.lastVote()?.award).toMatchObject({ attempt: 2, first: quote.digest });
});

test('of an author who signed three tallies a second vote counts none, whichever two it kept', async () => {
  const arena = createArena();
  const votes: Vote[] = [];
  const auctions: Auction[] = [];
  const quotesOf = (auction: Auction) => withQuotes(auction, { x: 490_000n, y: 470_000n, z: 460_000n });
  const tallyOf = (auction: Auction, name: string, quotes: readonly number[]) => {
    const all = quotesOf(auction);
    const signed = quotes.flatMap((place) => all[place]?.signed ?? []);
    addTally(
      auction,
      addressOf(name),
      signTally(auction.observed.digest, signed, auction.market.home, keyOf(name)),
    );
  };
  // a and b saw each other's tallies, and a different first tally of c; the second vote finds c's others
  // known in part.
  for (const [name, own] of [
    ['a', 0],
    ['b', 2],
  ] as const) {
    const auction = await createAuction(arena);
    tallyOf(auction, 'a', [0, 1]);
    tallyOf(auction, 'b', [1, 2]);
    tallyOf(auction, 'c', [own]);
    const vote = await firstVoteOf(name, auction);
    if (vote !== undefined) votes.push(vote);
    for (const place of own === 0 ? [1, 2] : [1, 0]) tallyOf(auction, 'c', [place]);
    auctions.push(auction);
  }
  const rankings: (string | undefined)[] = [];
  for (const [index, name] of ['a', 'b'].entries()) {
    const auction = auctions[index];
    if (auction === undefined) throw new TypeError('no auction');
    for (const [place, voter] of ['a', 'b'].entries()) {
      const vote = votes[place];
      if (vote !== undefined) addVote(auction, addressOf(voter), vote);
    }
    const node = setUp(memoryVotes(), undefined, name);
    node.auctioneer.onIntent(auction);
    await node.step('second vote');
    rankings.push(node.lastVote()?.award.first);
  }
  expect(rankings).toEqual([quotesOf(auctions[0] as Auction)[1]?.digest, rankings[0]]);
});

/** Casts the first vote of another auctioneer on what an auction holds now. */
async function firstVoteOf(name: string, auction: Auction): Promise<Vote | undefined> {
  const node = setUp(memoryVotes(), undefined, name);
  node.auctioneer.onIntent(auction);
  await node.step('first vote');
  return node.lastVote();
}

test('a vote binds: another intent of the round gets none until openBy has passed on its chain', async () => {
  const votes = memoryVotes();
  const first = await createAuction();
  const later = createArena();
  const second = await createAuction(later, { ...later.block, number: 102n, hash: keccak256('0x66') });
  expect(second.observed.digest).not.toBe(first.observed.digest);
  expect(second.observed.positionKey).toBe(first.observed.positionKey);
  const { openBy } = first.observed.intent;

  const cast = async (auction: Auction, time: bigint | undefined) => {
    const [quote] = withQuotes(auction, { x: 490_000n });
    if (quote === undefined) throw new TypeError('no quote');
    for (const name of ['a', 'b']) {
      addTally(
        auction,
        addressOf(name),
        signTally(auction.observed.digest, [quote.signed], auction.market.home, keyOf(name)),
      );
    }
    const node = setUp(votes, time);
    node.auctioneer.onIntent(auction);
    await node.step('first vote');
    return node.lastVote();
  };
  const vote = await cast(first, undefined);
  expect(vote?.award.intent).toBe(first.observed.digest);
  expect(await cast(second, undefined)).toBeUndefined();
  expect(await cast(second, openBy)).toBeUndefined();
  // The same vote may be sent again, after a restart for instance: it is the one on record.
  expect(await cast(first, openBy)).toEqual(vote);
  expect((await cast(second, openBy + 1n))?.award.intent).toBe(second.observed.digest);
});

test('an auctioneer of other markets stays silent', async () => {
  const auction = await createAuction(createArena({ auctioneers: ['b', 'c', 'd'] }));
  withQuotes(auction, { x: 490_000n });
  const node = setUp();
  node.auctioneer.onIntent(auction);
  await node.step('tally');
  expect(node.sent).toEqual([]);
});

test('a ranking that fails while the chain does not answer is tried again as long as it counts', async () => {
  let down = true;
  const idle = async () => {
    if (down) throw new TypeError('no endpoint answers');
    return 10n ** 12n;
  };
  const arena = createArena({ reads: { idle } });
  const auction = await createAuction(arena);
  const [best] = withQuotes(auction, { x: 490_000n });
  if (best === undefined) throw new TypeError('no quote');
  const node = setUp();
  node.clock.now = auction.observed.intent.quoteBy;
  node.auctioneer.onIntent(auction);
  await node.step('tally');
  expect(node.sent).toEqual([]);
  down = false;
  await node.step('tally');
  expect(node.sent.map(({ kind }) => kind)).toEqual(['tally']);

  for (const name of ['a', 'b']) {
    addTally(
      auction,
      addressOf(name),
      signTally(auction.observed.digest, [best.signed], auction.market.home, keyOf(name)),
    );
  }
  down = true;
  node.clock.now += 100n;
  await node.step('first vote');
  expect(node.lastVote()).toBeUndefined();
  down = false;
  await node.step('first vote');
  expect(node.lastVote()?.award.first).toBe(best.digest);
  expect(node.metrics.snapshot()).toMatchObject({
    'auction_step_retried{step="tally"}': 1,
    'auction_step_retried{step="first vote"}': 1,
  });
});

test('a step that fails until the next begins is missed, and told', async () => {
  const arena = createArena({
    reads: {
      idle: async () => {
        throw new TypeError('no endpoint answers');
      },
    },
  });
  const auction = await createAuction(arena);
  withQuotes(auction, { x: 490_000n });
  const node = setUp();
  node.clock.now = auction.observed.intent.quoteBy + 99n;
  node.auctioneer.onIntent(auction);
  await node.step('tally');
  expect(node.metrics.snapshot()).toEqual({ 'auction_step_missed{step="tally"}': 1 });
});

test('a vote with our key that we have no record of ends our voting', async () => {
  const auction = await createAuction();
  const [best] = withQuotes(auction, { x: 490_000n });
  if (best === undefined) throw new TypeError('no quote');
  const [here, elsewhere] = [setUp(), setUp()];
  for (const node of [here, elsewhere]) node.auctioneer.onIntent(auction);
  for (const name of ['a', 'b']) {
    addTally(
      auction,
      addressOf(name),
      signTally(auction.observed.digest, [best.signed], auction.market.home, keyOf(name)),
    );
  }
  await elsewhere.step('first vote');
  const theirs = elsewhere.lastVote();
  if (theirs === undefined) throw new TypeError('no vote');
  await elsewhere.auctioneer.onVote(auction, addressOf('a'), theirs);
  expect(elsewhere.guard.isOurs()).toBe(true);
  await here.auctioneer.onVote(auction, addressOf('b'), theirs);
  expect(here.guard.isOurs()).toBe(true);
  await here.auctioneer.onVote(auction, addressOf('a'), theirs);
  expect(here.guard.isOurs()).toBe(false);
  await here.step('first vote');
  const [message, ...others] = here.sent;
  if (message?.kind !== 'disavowal') throw new TypeError('nothing was disavowed');
  expect(others).toEqual([]);
  expect(here.metrics.snapshot()).toMatchObject({
    'key_used_elsewhere{role="auctioneer"}': 1,
    'auction_step_withheld{step="first vote"}': 1,
  });

  addVote(auction, addressOf('a'), theirs);
  const signer = verifyDisavowal(message.disavowal, auction.market.home);
  await elsewhere.auctioneer.onDisavowal(auction, signer, message.disavowal.subject);
  expect(elsewhere.guard.isOurs()).toBe(false);
});

test('votes that were lost may still bind: none is cast until they cannot, and ours of then do not end our voting', async () => {
  const auction = await createAuction();
  const [best] = withQuotes(auction, { x: 490_000n });
  if (best === undefined) throw new TypeError('no quote');
  const { intent, terms } = auction.observed;
  for (const name of ['a', 'b']) {
    addTally(
      auction,
      addressOf(name),
      signTally(auction.observed.digest, [best.signed], auction.market.home, keyOf(name)),
    );
  }
  const before = setUp();
  before.auctioneer.onIntent(auction);
  await before.step('first vote');
  const lost = before.lastVote();
  if (lost === undefined) throw new TypeError('no vote');

  const lostAt = intent.quoteBy;
  const bound = (lostAt + BigInt(terms.quoteWindow)) / 1_000n + BigInt(terms.landingWindow) + 1n;
  for (const time of [undefined, intent.openBy, bound]) {
    const early = setUp(Object.assign(memoryVotes(), { lostAt }), time);
    early.auctioneer.onIntent(auction);
    await early.step('first vote');
    await early.step('second vote');
    expect(early.lastVote()).toBeUndefined();
    expect(early.votes.records.size).toBe(0);
    await early.auctioneer.onVote(auction, addressOf('a'), lost);
    expect(early.guard.isOurs()).toBe(true);
  }
  const late = setUp(Object.assign(memoryVotes(), { lostAt }), bound + 1n);
  late.auctioneer.onIntent(auction);
  await late.step('first vote');
  expect(late.lastVote()?.award.first).toBe(best.digest);
});

test('an auctioneer whose clock is off leaves tally and vote to others, and takes part again when it is right', async () => {
  const auction = await createAuction();
  const [quote] = withQuotes(auction, { x: 490_000n });
  if (quote === undefined) throw new TypeError('no quote');
  const { home } = auction.market;
  for (const name of ['b', 'c']) {
    addTally(auction, addressOf(name), signTally(auction.observed.digest, [quote.signed], home, keyOf(name)));
  }
  const node = setUp();
  node.clock.isOff = true;
  node.auctioneer.onIntent(auction);
  await node.step('tally');
  await node.step('first vote');
  expect(node.sent).toEqual([]);
  expect(node.votes.records.size).toBe(0);
  expect(node.metrics.snapshot()['auction_step_withheld{step="first vote"}']).toBe(1);
  node.clock.isOff = false;
  await node.step('second vote');
  await node.step('first vote');
  expect(node.lastVote()?.award.first).toBe(quote.digest);
});
