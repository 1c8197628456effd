import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, encodeAuctionMessage, encodeQuote, rankedOf, signTally } from '@gavel/protocol';
import type { Hex } from 'viem';
import { afterEach, expect, test } from 'vitest';
import { type Auction, type Book, createBook } from '../src/auction/book.ts';
import { indexMarkets } from '../src/auction/market.ts';
import { createAuctioneer, type VoteRecord } from '../src/flow/award.ts';
import { createExchange } from '../src/flow/exchange.ts';
import { createKeyGuard } from '../src/flow/key-guard.ts';
import { createPublish, type Publish } from '../src/flow/publish.ts';
import type { QuoteRecord } from '../src/flow/quote.ts';
import { createScheduler } from '../src/flow/scheduler.ts';
import { createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { type Gossip, startGossip } from '../src/p2p/gossip.ts';
import { Scope } from '../src/scope.ts';
import { openStore } from '../src/store/store.ts';
import { type Arena, type ArenaOptions, addressOf, createArena, keyOf } from './arena.ts';

const TALLY_WAIT = 250n;
const VOTE_WAIT = 400n;

/** A node that exchanges messages over a real network, and reads a made-up chain. */
type TestNode = {
  readonly gossip: Gossip;
  readonly book: Book;
  readonly publish: Publish;
  /** Resolves with the first certificate this node accepts. */
  readonly certificate: Promise<{ auction: Auction; certificate: Certificate }>;
};

const scopes: Scope[] = [];
afterEach(async () => {
  for (const scope of scopes.splice(0)) await scope.close();
});

/** Start nodes on loopback, each connected to the first: auctioneers of these names, `undefined` for one that only listens. */
async function startNodes(names: readonly (string | undefined)[], arena: Arena): Promise<TestNode[]> {
  const scope = new Scope();
  scopes.push(scope);
  const nodes: TestNode[] = [];
  for (const name of names) {
    const bootstrap = nodes[0]?.gossip.addresses() ?? [];
    nodes.push(await startNode(name, arena, bootstrap, scope));
  }
  await joined(nodes);
  return nodes;
}

async function startNode(
  name: string | undefined,
  arena: Arena,
  bootstrap: string[],
  scope: Scope,
): Promise<TestNode> {
  const dir = await mkdtemp(join(tmpdir(), 'gavel-auction-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }));
  const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({
    dir: join(dir, 'store'),
    log: silentLogger(),
  });
  scope.defer(() => store.close());
  const { signal } = scope;
  const log = silentLogger();
  const counters = createCounters();
  const now = () => BigInt(Date.now());
  const scheduler = createScheduler({ now, signal, log });
  const book = createBook();
  let gossip: Gossip | undefined;
  const publish = createPublish({
    send: async (topic, bytes) => gossip?.publish(topic, bytes),
    log,
    counters,
  });
  const auctioneer =
    name === undefined
      ? undefined
      : createAuctioneer({
          key: keyOf(name),
          address: addressOf(name),
          scheduler,
          publish,
          votes: store.votes,
          tallyWait: TALLY_WAIT,
          voteWait: VOTE_WAIT,
          chainTime: () => undefined,
          now,
          isClockOff: () => false,
          guard: createKeyGuard({ role: 'auctioneer', log, counters }),
          log,
          counters,
        });
  const { promise, resolve } = Promise.withResolvers<{ auction: Auction; certificate: Certificate }>();
  const validators = createExchange({
    book,
    findMarket: indexMarkets([arena.market]),
    now,
    clockTolerance: 500n,
    intentWaitMs: 500,
    block: (market, number) => market.reads.block(number),
    scheduler,
    publish,
    onIntent: (auction) => auctioneer?.onIntent(auction),
    onCertificate: (auction, certificate) => resolve({ auction, certificate }),
    log,
    counters,
  });
  gossip = await startGossip({
    network: 'arena',
    p2p: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, identity: join(dir, 'identity.key'), maxPeers: 20 },
    validators,
    log,
    counters,
    signal,
  });
  scope.defer(gossip.stop);
  return { gossip, book, publish, certificate: promise };
}

/** Wait until every node forwards every topic to somebody, and the first to everybody. */
async function joined(nodes: readonly TestNode[]): Promise<void> {
  const others = nodes.length - 1;
  const ready = () =>
    nodes.every(({ gossip }, index) =>
      (['intents', 'quotes', 'awards'] as const).every(
        (topic) => gossip.mesh(topic).length >= (index === 0 ? others : 1),
      ),
    );
  await new Promise<void>((resolve) => {
    const ends = nodes.map(({ gossip }) => gossip.onPeers(check));
    function check() {
      if (!ready()) return;
      for (const end of ends) end();
      resolve();
    }
    check();
  });
}

function nodeAt(nodes: readonly TestNode[], index: number): TestNode {
  const node = nodes[index];
  if (node === undefined) throw new RangeError(`there is no node ${index}`);
  return node;
}

/** Make an arena whose quotes close a second or so from now. */
function soon(options: ArenaOptions = {}): Arena {
  const at = (BigInt(Date.now()) / 1_000n) * 1_000n;
  return createArena({ at, terms: { quoteWindow: 2_200 }, ...options });
}

/** Publish an intent and three quotes from a listening node; returns the digest and who should win, best first. */
async function bid(node: TestNode, arena: Arena): Promise<{ intent: Hex; order: string[] }> {
  const { digest, bytes } = await arena.intent();
  expect(await node.publish('intents', bytes, {})).toBe(true);
  for (const [solver, ask] of [
    ['x', 490_000n],
    ['y', 470_000n],
    ['z', 480_000n],
  ] as const) {
    expect(await node.publish('quotes', encodeQuote(arena.quote(solver, digest, { ask })), {})).toBe(true);
  }
  return { intent: digest, order: ['y', 'z', 'x'] };
}

/** Wait for a moment of the auction, milliseconds since 1970. */
function reached(ms: bigint): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Number(ms - BigInt(Date.now()))));
}

function expectOrder({ certificate }: { certificate: Certificate }, order: readonly string[]): void {
  expect(certificate.quotes.map(({ quote }) => quote.solver)).toEqual(order.map(addressOf));
  expect(rankedOf(certificate.award)).toHaveLength(order.length);
}

test('three auctioneers agree on one ranking, and everybody gets the certificate', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', 'b', 'c', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 3), arena);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate))) {
    expectOrder(result, order);
    expect(result.certificate.award.attempt).toBe(1);
    expect(result.certificate.signatures).toHaveLength(2);
  }
});

test('one dead auctioneer of three stops nothing', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const { order } = await bid(nodeAt(nodes, 2), arena);
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});

test('two dead auctioneers of three leave no certificate', async () => {
  const arena = soon();
  const nodes = await startNodes(['a', undefined], arena);
  const { intent } = await bid(nodeAt(nodes, 1), arena);
  const auction = nodeAt(nodes, 1).book.get(intent);
  const end = (auction?.observed.intent.quoteBy ?? 0n) + TALLY_WAIT + VOTE_WAIT + 200n;
  const over = reached(end).then(() => 'none');
  expect(await Promise.race([nodeAt(nodes, 1).certificate, over])).toBe('none');
  expect(auction?.tallies.map(({ author }) => author)).toEqual([addressOf('a')]);
  expect(auction?.votes.every(({ vote }) => BigInt(vote.award.first) === 0n)).toBe(true);
});

test('an auctioneer with two tallies can neither slip in its friend nor hide a rival', async () => {
  const arena = soon({ solvers: ['x', 'y', 'z', 'friend'] });
  const nodes = await startNodes(['a', 'b', undefined], arena);
  const listener = nodeAt(nodes, 2);
  const { intent, order } = await bid(listener, arena);
  const auction = listener.book.get(intent);
  const { quoteBy } = auction?.observed.intent ?? { quoteBy: 0n };
  // The third auctioneer signs one tally with a late friend's quote, and another without the best rival.
  const late = arena.quote('friend', intent, { ask: 450_000n });
  const rival = arena.quote('x', intent, { ask: 490_000n });
  await reached(quoteBy);
  for (const quotes of [[late], [rival]]) {
    const tally = signTally(intent, quotes, arena.home, keyOf('c'));
    expect(await listener.publish('awards', encodeAuctionMessage({ kind: 'tally', tally }), {})).toBe(true);
  }
  for (const result of await Promise.all(nodes.map(({ certificate }) => certificate)))
    expectOrder(result, order);
});
