import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, encodeQuote } from '@gavel/protocol';
import type { Hex } from 'viem';
import { type Auction, type Auctions, createAuctions } from '../src/auction/auctions.ts';
import { createExchange } from '../src/auction/exchange.ts';
import { createKeyGuard } from '../src/auction/key-guard.ts';
import { indexMarkets } from '../src/auction/market.ts';
import { createAuctioneer } from '../src/auctioneer/award.ts';
import type { AdmissionLimits } from '../src/gossip/admission.ts';
import { type Gossip, startGossip } from '../src/gossip/gossip.ts';
import { createPublish, type Publish } from '../src/gossip/publish.ts';
import { TOPIC_NAMES, type TopicName } from '../src/gossip/validation.ts';
import { type Counters, createCounters } from '../src/observe/counters.ts';
import { type RecordingLogger, recordingLogger } from '../src/observe/testing/recording-logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { Scope } from '../src/runtime/scope.ts';
import type { QuoteRecord, VoteRecord } from '../src/store/records.ts';
import { openStore } from '../src/store/store.ts';
import { type Arena, type ArenaOptions, addressOf, createArena, keyOf } from './arena.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

/**
 * Windows of the arena and waits of its auctioneers, milliseconds: they end when a test moves the time on.
 */
const QUOTE_WINDOW = 2_000;
const TALLY_WAIT = 250n;
const VOTE_WAIT = 400n;

/**
 * Milliseconds of real time a message waits for its intent: longer than an intent can take to come by another
 * way.
 */
const INTENT_WAIT_MS = 120_000;

/** An arena, and the clock that its nodes live by. */
export type TimedArena<Clock = Pick<TestClock, 'now' | 'scheduler'>> = Arena & { readonly clock: Clock };

/** A node that exchanges messages over a real network, and reads a made-up chain. */
export type TestNode = {
  readonly gossip: Gossip;
  readonly auctions: Auctions;
  readonly publish: Publish;
  /** Resolves with the first certificate this node accepts. */
  readonly certificate: Promise<{ auction: Auction; certificate: Certificate }>;
  readonly metrics: Counters;
  readonly logged: RecordingLogger;
  /** Messages that a validator saw, by topic. */
  readonly judged: Record<TopicName, number>;
  /** Every certificate this node accepted. */
  readonly certificates: readonly Certificate[];
  /** Waits until `done` holds; asked after every count, and whenever peers change. */
  until(done: () => boolean): Promise<void>;
};

const scopes: Scope[] = [];

/** Opens a scope that `closeAll` closes. */
export function openScope(): Scope {
  const scope = new Scope();
  scopes.push(scope);
  return scope;
}

/** Stops every node started since. */
export async function closeAll(): Promise<void> {
  for (const scope of scopes.splice(0)) await scope.close();
}

/**
 * Starts nodes on loopback, each connected to the first: auctioneers of these names, `undefined` for one that
 * only listens.
 */
export async function startNodes(
  names: readonly (string | undefined)[],
  arena: TimedArena,
): Promise<TestNode[]> {
  const scope = openScope();
  const nodes: TestNode[] = [];
  for (const name of names) {
    const bootstrap = nodes[0]?.gossip.addresses() ?? [];
    nodes.push(await startNode(name, arena, bootstrap, scope));
  }
  await joined(nodes);
  return nodes;
}

export async function startNode(
  name: string | undefined,
  arena: TimedArena,
  bootstrap: readonly string[],
  scope: Scope,
  options: {
    readonly limits?: AdmissionLimits;
    readonly maxPeers?: number;
    /** Milliseconds of the arena's clock. */
    readonly tallyWait?: bigint;
    readonly voteWait?: bigint;
    /** Milliseconds of real time. */
    readonly intentWaitMs?: number;
  } = {},
): Promise<TestNode> {
  const { limits, maxPeers = 50, intentWaitMs = INTENT_WAIT_MS } = options;
  const { tallyWait = TALLY_WAIT, voteWait = VOTE_WAIT } = options;
  const { now, scheduler } = arena.clock;
  const dir = await mkdtemp(join(tmpdir(), 'gavel-auction-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }));
  const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({
    dir: join(dir, 'store'),
    log: recordingLogger().log,
    now,
  });
  scope.defer(() => store.close());
  const { signal } = scope;
  const logged = recordingLogger();
  const { log } = logged;
  const plain = createCounters();
  const waiting = new Set<() => void>();
  const metrics: Counters = {
    ...plain,
    count: (...event) => {
      plain.count(...event);
      queueMicrotask(() => {
        for (const check of waiting) check();
      });
    },
  };
  const auctions = createAuctions();
  let gossip: Gossip | undefined;
  const publish = createPublish({
    send: async (topic, bytes) => gossip?.publish(topic, bytes),
    telemetry: { log, metrics },
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
          tallyWait,
          voteWait,
          chainTime: () => undefined,
          now,
          isClockOff: () => false,
          guard: createKeyGuard({ role: 'auctioneer', telemetry: { log, metrics } }),
          telemetry: { log, metrics },
        });
  const { promise, resolve } = Promise.withResolvers<{ auction: Auction; certificate: Certificate }>();
  const certificates: Certificate[] = [];
  const judged: Record<TopicName, number> = { intents: 0, quotes: 0, awards: 0 };
  const exchange = createExchange({
    auctions,
    findMarket: indexMarkets([arena.market]),
    now,
    clockTolerance: 500n,
    intentWaitMs,
    block: (market, number) => market.reads.block(number),
    scheduler,
    publish,
    onIntent: (auction) => auctioneer?.onIntent(auction),
    onCertificate: (auction, certificate) => {
      certificates.push(certificate);
      resolve({ auction, certificate });
    },
    telemetry: { log, metrics },
  });
  const counting = (topic: TopicName) => (bytes: Uint8Array, from: string) => {
    judged[topic] += 1;
    return exchange[topic](bytes, from);
  };
  const started = await startGossip({
    network: 'arena',
    p2p: {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: [...bootstrap],
      identity: join(dir, 'identity.key'),
      maxPeers,
    },
    validators: { intents: counting('intents'), quotes: counting('quotes'), awards: counting('awards') },
    telemetry: { log, metrics },
    signal,
    ...(limits === undefined ? {} : { limits }),
  });
  gossip = started;
  scope.defer(started.stop);
  const until = (done: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const stopListening = started.onPeers(() => check());
      const check = () => {
        if (!done()) return;
        waiting.delete(check);
        stopListening();
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    gossip: started,
    auctions,
    publish,
    certificate: promise,
    metrics,
    logged,
    judged,
    certificates,
    until,
  };
}

/** Waits until every node forwards every topic to a peer, and the first to all. */
export function joined(nodes: readonly TestNode[]): Promise<void> {
  const others = nodes.length - 1;
  return meshed(nodes, (index) => (index === 0 ? others : 1));
}

/** Waits until every node forwards every topic to so many peers, by the node's place. */
export async function meshed(nodes: readonly TestNode[], least: (index: number) => number): Promise<void> {
  const ready = () =>
    nodes.every(({ gossip }, index) =>
      TOPIC_NAMES.every((topic) => gossip.mesh(topic).length >= least(index)),
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

export function nodeAt(nodes: readonly TestNode[], index: number): TestNode {
  const node = nodes[index];
  if (node === undefined) throw new RangeError(`there is no node ${index}`);
  return node;
}

/** Creates an arena and the clock of its nodes, which shows the time of the observed block. */
export function timedArena(options: ArenaOptions = {}): TimedArena<TestClock> {
  const at = 1_800_000_000_000n;
  const arena = createArena({ at, terms: { quoteWindow: QUOTE_WINDOW }, ...options });
  return { ...arena, clock: createTestClock(at) };
}

/**
 * Publish an intent and three quotes from a listening node; returns the digest and who should win, best
 * first.
 */
export async function bid(node: TestNode, arena: Arena): Promise<{ intent: Hex; order: string[] }> {
  const { digest, bytes } = await arena.intent();
  if (!(await node.publish('intents', bytes, {}))) throw new TypeError('the intent was refused');
  for (const [solver, ask] of [
    ['x', 490_000n],
    ['y', 470_000n],
    ['z', 480_000n],
  ] as const) {
    if (!(await node.publish('quotes', encodeQuote(arena.quote(solver, digest, { ask })), {})))
      throw new TypeError('a quote was refused');
  }
  return { intent: digest, order: ['y', 'z', 'x'] };
}

/** Waits until every one of these nodes knows an auction, and `done` holds for each. */
export async function everywhere(
  nodes: readonly TestNode[],
  intent: Hex,
  done: (auction: Auction) => boolean,
): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      node.until(() => {
        const auction = node.auctions.get(intent);
        return auction !== undefined && done(auction);
      }),
    ),
  );
}

/**
 * The steps of an auction: what each one moves the time to. Each waits first for what the auctioneers need
 * for it.
 */
export type Steps = {
  /** Ends the quotes, once all of these nodes have so many of them. */
  closeQuotes(nodes: readonly TestNode[], quotes: number): Promise<void>;
  /** Brings the first votes, once all of these nodes have so many tallies. */
  castFirst(nodes: readonly TestNode[], tallies: number): Promise<void>;
  /** Brings the second votes, once all of these nodes have so many votes. */
  castSecond(nodes: readonly TestNode[], votes: number): Promise<void>;
};

/** Returns the steps of the auction of an intent. */
export async function stepsOf(arena: TimedArena<TestClock>): Promise<Steps> {
  const { intent, digest } = await arena.intent();
  const { quoteBy } = intent;
  return {
    async closeQuotes(nodes, quotes) {
      await everywhere(nodes, digest, ({ inTime }) => inTime.size === quotes);
      await arena.clock.moveTo(quoteBy);
    },
    async castFirst(nodes, tallies) {
      await everywhere(nodes, digest, (auction) => auction.tallies.length === tallies);
      await arena.clock.moveTo(quoteBy + TALLY_WAIT);
    },
    async castSecond(nodes, votes) {
      await everywhere(nodes, digest, (auction) => auction.votes.length === votes);
      await arena.clock.moveTo(quoteBy + TALLY_WAIT + VOTE_WAIT);
    },
  };
}
