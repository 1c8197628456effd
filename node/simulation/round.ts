import {
  awardDigest,
  awardOf,
  type Certificate,
  decodeAuctionMessage,
  encodeAuctionMessage,
  encodeQuote,
  quoteDigest,
  type SignedQuote,
  signTally,
  signVote,
  tallyDigest,
  tallyId,
} from '@gavel/protocol';
import { createRandom, type Random } from '@gavel/solver-sdk/testing';
import { type Hex, keccak256, toHex } from 'viem';
import { type Auction, type Auctions, createAuctions } from '../src/auction/auctions.ts';
import { observe } from '../src/auction/derive.ts';
import { createExchange } from '../src/auction/exchange.ts';
import { createKeyGuard } from '../src/auction/key-guard.ts';
import { indexMarkets } from '../src/auction/market.ts';
import type { BlockRef } from '../src/auction/rules.ts';
import { createAuctioneer } from '../src/auctioneer/award.ts';
import { createPublish } from '../src/gossip/publish.ts';
import { createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import { StoreError } from '../src/store/errors.ts';
import type { VoteRecord } from '../src/store/records.ts';
import type { Votes } from '../src/store/votes.ts';
import { announce } from '../src/watcher/announce.ts';
import { addressOf, createArena, keyOf, POSITION } from '../test/arena.ts';
import { createNetwork, type Weather } from './network.ts';
import { createVirtualTimeline } from './timeline.ts';

/** The outcome of a round; `broken` names each property that did not hold. */
export type RoundOutcome = {
  readonly seed: number;
  readonly council: string;
  readonly liars: number;
  readonly weather: 'calm' | 'rough';
  /** Slots until the first certificate; undefined if there was none. */
  readonly slots: number | undefined;
  /** Whether certificates of both attempts of one intent could be made, for different rankings. */
  readonly bothAttempts: boolean;
  /**
   * Milliseconds from `quoteBy` until each node that came to hold the first intent's certificate had it,
   * ascending.
   */
  readonly delays: readonly number[];
  readonly broken: readonly string[];
};

/** The conditions of a round that may be fixed instead of drawn. */
export type Conditions = { readonly council: Council; readonly weather: Weather };

/** n auctioneers, of whom k decide. */
type Council = readonly [n: number, k: number];

const NODES = 30;
const START = 1_700_000_000_000;
const BLOCK_MS = 2_000;
/** Milliseconds; the configuration's defaults. */
export const TALLY_WAIT = 400;
export const VOTE_WAIT = 600;
const MOST_SLOTS = 6;
const SLOT_MS = 2 * BLOCK_MS;
/** Milliseconds after a certificate within which every node must have it. */
const SPREAD_MS = 3_000;
const COUNCILS: readonly [Council, ...Council[]] = [
  [3, 2],
  [5, 3],
  [7, 5],
];
const SOLVERS = ['x', 'y', 'z', 'u', 'v', 'friend'];
const CALM: Weather = { leastDelay: 1, mostDelay: 40, drop: 0.05, duplicate: 0.1 };

/**
 * Plays one liquidation among 30 nodes, slot by slot until it has a certificate: the real auction code over a
 * network, clocks and liars that `seed` alone decides, or with these conditions and no liars. The n
 * auctioneers are nodes 0 to n − 1, the first of them liars.
 */
export async function playRound(seed: number, fixed?: Conditions): Promise<RoundOutcome> {
  const random = createRandom(seed);
  const timeline = createVirtualTimeline(START);
  const [n, k] = fixed?.council ?? random.pick(COUNCILS);
  const calm = fixed !== undefined || random.chance(0.6);
  const liars = fixed !== undefined ? 0 : calm ? random.int(0, n - k) : random.int(0, n);
  const drawn: Weather = calm
    ? CALM
    : { leastDelay: 1, mostDelay: random.int(20, 500), drop: random.int(0, 50) / 100, duplicate: 0.2 };
  const weather = fixed?.weather ?? drawn;
  const network = createNetwork({ timeline, random, size: NODES, degree: 6, weather });
  const arena = createSimulatedArena(n, k);
  const world: World = { random, timeline, network, arena, n, k, liars, certificates: [], failures: [] };
  const nodes = Array.from({ length: NODES }, (_, index) => startNode(index, calm ? 20 : 300, world));
  if (!calm) drawPartitions(world);

  for (let slot = 0; slot < MOST_SLOTS; slot++) {
    for (const node of nodes.slice(NODES - 3)) timeline.at(START + slot * SLOT_MS, () => node.announce(slot));
  }
  const end = START + MOST_SLOTS * SLOT_MS;
  await timeline.run(end, () => world.certificates.length > 0);
  const first = world.certificates[0];
  if (first !== undefined) await timeline.run(first.at + SPREAD_MS, () => false);
  return judgeRound({ seed, calm, world, nodes });
}

type World = {
  readonly random: Random;
  readonly timeline: ReturnType<typeof createVirtualTimeline>;
  readonly network: ReturnType<typeof createNetwork>;
  readonly arena: ReturnType<typeof createArena>;
  readonly n: number;
  readonly k: number;
  readonly liars: number;
  readonly certificates: { node: number; at: number; intent: Hex; award: Hex; certificate: Certificate }[];
  readonly failures: unknown[];
};

type SimulatedNode = { readonly auctions: Auctions; announce(slot: number): Promise<void> };

function blockAt(number: bigint): BlockRef {
  const timestamp = BigInt(START / 1_000) + (number - 100n) * BigInt(BLOCK_MS / 1_000);
  return { number, hash: keccak256(toHex(number)), timestamp };
}

function createSimulatedArena(n: number, k: number) {
  return createArena({
    auctioneers: Array.from({ length: n }, (_, index) => `auctioneer ${index}`),
    threshold: k,
    solvers: SOLVERS,
    at: BigInt(START),
    terms: { quoteWindow: 1_500, landingWindow: 8 },
    reads: { block: async (number) => blockAt(number) },
  });
}

/** Cuts the network in two for a while, now and then. */
function drawPartitions({ random, timeline, network }: World): void {
  for (let time = START; time < START + MOST_SLOTS * SLOT_MS; time += random.int(500, 6_000)) {
    const cut = random.chance(0.5);
    const groups = network.groups.map(() => (cut && random.chance(0.4) ? 1 : 0));
    timeline.at(time, () => {
      network.groups.splice(0, groups.length, ...groups);
      return false;
    });
  }
}

function startNode(index: number, mostSkew: number, world: World): SimulatedNode {
  const { random, timeline, network, arena, n, liars } = world;
  const skew = random.int(-mostSkew, mostSkew);
  const now = () => BigInt(Math.floor(timeline.now() + skew));
  const log = silentLogger();
  const metrics = createCounters();
  const run = (task: () => unknown) => async () => {
    try {
      await task();
    } catch (error) {
      world.failures.push(error);
    }
  };
  const scheduler = {
    at: (ms: bigint, _name: string, task: () => unknown) => timeline.at(Number(ms) - skew, run(task)),
    run: (_name: string, task: () => unknown) => timeline.at(timeline.now(), run(task)),
  };
  const auctions = createAuctions({
    after(ms, task) {
      let on = true;
      timeline.at(timeline.now() + ms, () => (on ? task() : false));
      return () => {
        on = false;
      };
    },
  });
  const publish = createPublish({
    telemetry: { log, metrics },
    send: async (topic, bytes) => {
      const judgement = await network.publish(index, topic, bytes);
      if (judgement.outcome !== 'accept') throw new StoreError('CONFLICT', judgement.code);
    },
  });
  const honest =
    index >= liars && index < n
      ? createAuctioneer({
          key: keyOf(`auctioneer ${index}`),
          address: addressOf(`auctioneer ${index}`),
          scheduler,
          publish,
          votes: votesInMemory(),
          tallyWait: BigInt(TALLY_WAIT),
          voteWait: BigInt(VOTE_WAIT),
          chainTime: () => BigInt(START / 1_000 + 2 * Math.floor((timeline.now() - START) / BLOCK_MS)),
          now,
          isClockOff: () => false,
          guard: createKeyGuard({ role: 'auctioneer', telemetry: { log, metrics } }),
          telemetry: { log, metrics },
        })
      : undefined;
  const validators = createExchange({
    auctions,
    findMarket: indexMarkets([arena.market]),
    now,
    clockTolerance: 500n,
    intentWaitMs: 1_500,
    block: async (_market, number) => blockAt(number),
    scheduler,
    publish,
    onIntent(auction) {
      honest?.onIntent(auction);
      if (index < liars) lie(index, auction, world);
      const solver = SOLVERS[index - n];
      if (solver !== undefined) bid(index, solver, auction, world);
    },
    onVote: (auction, voter, vote) =>
      timeline.at(
        timeline.now(),
        run(() => honest?.onVote(auction, voter, vote)),
      ),
    onCertificate(auction, certificate) {
      const award = awardDigest(certificate.award, arena.home);
      const at = timeline.now();
      world.certificates.push({ node: index, at, intent: auction.observed.digest, award, certificate });
    },
    telemetry: { log, metrics },
  });
  network.attach(index, { validators, onFailure: (error) => world.failures.push(error) });
  return {
    auctions,
    async announce(slot) {
      const seen = await observe(arena.market, POSITION, blockAt(100n + BigInt(2 * slot)));
      const waits = { tallyWait: BigInt(TALLY_WAIT), voteWait: BigInt(VOTE_WAIT) };
      if ('observed' in seen)
        await announce(arena.market, seen.observed, { auctions, publish, now, log, ...waits });
    },
  };
}

/** Holds votes as the store does, in memory. */
function votesInMemory(): Votes<VoteRecord> {
  const records = new Map<string, VoteRecord>();
  return {
    get: async (key) => records.get(key),
    async put(key, vote, replaces = () => false) {
      const earlier = records.get(key);
      if (earlier !== undefined && earlier.intent !== vote.intent && !replaces(earlier))
        throw new StoreError('CONFLICT', 'Another vote is on record');
      records.set(key, vote);
    },
  };
}

/**
 * Bids: most solvers soon, one close to `quoteBy`, and the liars' friend after it, lowest of all, to the
 * liars alone.
 */
function bid(index: number, solver: string, auction: Auction, world: World): void {
  const { random, timeline, network, arena, liars } = world;
  const quoteBy = Number(auction.observed.intent.quoteBy);
  const isFriend = solver === 'friend';
  const ask = 50n * BigInt(isFriend ? 8_000 : random.int(9_000, 9_900));
  const bytes = encodeQuote(arena.quote(solver, auction.observed.digest, { ask }));
  if (isFriend) {
    for (let liar = 0; liar < liars; liar++)
      timeline.at(quoteBy + 60, () => network.send(index, liar, 'quotes', bytes));
    return;
  }
  const at = solver === 'v' ? quoteBy + random.int(-200, 100) : timeline.now() + random.int(10, 300);
  timeline.at(at, () => network.publish(index, 'quotes', bytes));
}

/**
 * Lies: tallies and votes of any content, several that contradict each other, each to some nodes only, close
 * to the honest auctioneers' own times; or silence; or what others said, said again.
 */
function lie(index: number, auction: Auction, { random, timeline, network, arena, n }: World): void {
  if (random.chance(0.2)) return;
  const { digest: intent, intent: terms } = auction.observed;
  const { home } = arena.market;
  const key = keyOf(`auctioneer ${index}`);
  const quoteBy = Number(terms.quoteBy);
  const friend = arena.quote('friend', intent, { ask: 50n * 8_000n });
  const times = [
    quoteBy - 20,
    quoteBy + 60,
    quoteBy + TALLY_WAIT - 60,
    quoteBy + TALLY_WAIT + VOTE_WAIT - 60,
  ];
  const sendToSome = (bytes: Uint8Array) => {
    const share = random.pick([0.2, 0.5, 1]);
    for (let node = 0; node < NODES; node++)
      if (random.chance(node < n ? share : share / 4)) network.send(index, node, 'awards', bytes);
  };
  const some = <T>(values: readonly T[], most: number): T[] =>
    values.filter(() => random.chance(0.6)).slice(0, most);
  const known = (): SignedQuote[] => {
    const byAccount = new Map([...auction.quotes.values()].map((signed) => [signed.quote.solver, signed]));
    byAccount.set(friend.quote.solver, friend);
    return [...byAccount.values()];
  };
  for (let count = random.int(1, 4); count > 0; count--) {
    timeline.at(random.pick([times[0] ?? 0, ...times.slice(1)]) + random.int(0, 80), () => {
      const tally = signTally(intent, some(known(), 8), home, key);
      sendToSome(encodeAuctionMessage({ kind: 'tally', tally }));
    });
    timeline.at(random.pick([times[2] ?? 0, times[3] ?? 0]) + random.int(0, 80), () => {
      const ranked = some(known(), 3).map(({ quote }) => quoteDigest(quote, home));
      const ids = auction.tallies.map(({ author, tally }) => tallyId(tallyDigest(tally, home), author));
      const attempt = random.chance(0.6) ? 1 : 2;
      const vote = signVote(awardOf(intent, attempt, ranked), some([...new Set(ids)], 16), home, key);
      sendToSome(encodeAuctionMessage({ kind: 'vote', vote }));
    });
  }
  timeline.at(quoteBy + random.int(0, 1_500), () => {
    const [old] = network.sent.slice(random.int(0, Math.max(0, network.sent.length - 1)));
    if (old !== undefined)
      for (let node = 0; node < NODES; node++) network.send(index, node, old.topic, old.bytes);
  });
}

function judgeRound(round: {
  readonly seed: number;
  readonly calm: boolean;
  readonly world: World;
  readonly nodes: readonly SimulatedNode[];
}): RoundOutcome {
  const { seed, calm, world, nodes } = round;
  const { n, k, liars, certificates, failures, arena, network } = world;
  const broken: string[] = [];
  if (failures.length > 0) broken.push(`something was thrown: ${String(failures[0])}`);

  // Votes that any node could have gathered, including those that reached no other node; a liar may sign any
  // vote.
  const possible = new Map<string, Map<Hex, Set<string>>>();
  for (const { topic, bytes } of network.sent) {
    const message = topic === 'awards' ? decodeAuctionMessage(bytes) : undefined;
    if (message?.kind !== 'vote' || BigInt(message.vote.award.first) === 0n) continue;
    const { award, signature } = message.vote;
    const attempts = possible.get(`${award.intent} ${award.attempt}`) ?? new Map<Hex, Set<string>>();
    possible.set(`${award.intent} ${award.attempt}`, attempts);
    const digest = awardDigest(award, arena.home);
    attempts.set(digest, (attempts.get(digest) ?? new Set<string>()).add(signature));
  }
  for (const [of, awards] of possible) {
    const enough = [...awards.values()].filter((signatures) => signatures.size >= k);
    if (enough.length > 1 && liars < 2 * k - n) broken.push(`two certificates of ${of}`);
  }

  const distinct = new Map(certificates.map((made) => [made.award, made]));
  for (const { certificate, intent } of distinct.values()) {
    for (const { quote } of certificate.quotes) {
      const digest = quoteDigest(quote, arena.home);
      const auctions = nodes.slice(liars, n).map(({ auctions }) => auctions.get(intent));
      const inTime = auctions.filter((auction) => auction?.inTime.has(digest)).length;
      if (liars < n - k + 1 && inTime < n - k + 1 - liars) broken.push('a late quote decided');
    }
  }

  const first = certificates[0];
  if (calm) {
    if (first === undefined) broken.push(`no certificate in ${MOST_SLOTS} slots`);
    else {
      const holders = nodes
        .slice(liars)
        .map(({ auctions }) => auctions.get(first.intent)?.certificate?.award);
      const same = holders.filter(
        (award) => award !== undefined && awardDigest(award, arena.home) === first.award,
      );
      if (same.length < holders.length) broken.push('a connected node has another certificate, or none');
      if (hides(first, nodes.slice(liars, n), arena)) broken.push('a quote that all saw in time was hidden');
    }
  }
  const rankings = new Map<Hex, Set<string>>();
  for (const { intent, certificate } of distinct.values()) {
    const { first: a, second: b, third: c } = certificate.award;
    rankings.set(intent, (rankings.get(intent) ?? new Set<string>()).add(`${a} ${b} ${c}`));
  }
  const slots =
    first === undefined ? undefined : 1 + Number(first.certificate.intent.observedBlock - 100n) / 2;
  const weather = calm ? ('calm' as const) : ('rough' as const);
  const bothAttempts = [...rankings.values()].some(({ size }) => size > 1);
  const delays = certificates
    .filter(({ intent }) => intent === first?.intent)
    .map(({ at, certificate }) => at - Number(certificate.intent.quoteBy))
    .sort((a, b) => a - b);
  return { seed, council: `${k} of ${n}`, liars, weather, slots, bothAttempts, delays, broken };
}

/**
 * Tells whether a quote that every honest auctioneer had in time, and that is cheaper than the winner, is not
 * ranked.
 */
function hides(
  { intent, certificate }: World['certificates'][number],
  honest: readonly SimulatedNode[],
  arena: World['arena'],
): boolean {
  const auctions = honest.map(({ auctions }) => auctions.get(intent));
  const [one] = auctions;
  const winner = certificate.quotes[0]?.quote.ask ?? 0n;
  const ranked = new Set(certificate.quotes.map(({ quote }) => quoteDigest(quote, arena.home)));
  return [...(one?.inTime ?? [])].some((digest) => {
    const ask = one?.quotes.get(digest)?.quote.ask ?? winner;
    return ask < winner && !ranked.has(digest) && auctions.every((auction) => auction?.inTime.has(digest));
  });
}
