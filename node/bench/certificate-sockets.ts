import { setTimeout as pause } from 'node:timers/promises';
import { encodeIntent, encodeQuote } from '@gavel/protocol';
import { keccak256, numberToHex } from 'viem';
import { TALLY_WAIT, VOTE_WAIT } from '../simulation/round.ts';
import { observe } from '../src/auction/derive.ts';
import type { BlockRef } from '../src/auction/rules.ts';
import { Scope } from '../src/scope.ts';
import { type Arena, createArena, POSITION } from '../test/arena.ts';
import { meshed, nodeAt, startNode, type TestNode } from '../test/auction-nodes.ts';
import { startCable } from '../test/cable.ts';
import { CERTIFICATE_ROWS, certificateReadings, HOPS } from './certificate.ts';
import type { Benchmark, Reading } from './measure.ts';

const AUCTIONEERS = ['a', 'b', 'c', 'd', 'e'];
const THRESHOLD = 3;
const SOLVERS = ['x', 'y', 'z', 'u', 'v'];

/**
 * Nodes in a ring: the auctioneers, the solvers, and those who only pass on. Each dials those so many places further on, and is
 * dialled from as many places back. `quoteWindow`: milliseconds from an intent's block, up to a second old already, to `quoteBy`; long
 * enough for every quote to be everywhere in time, however little of the processors the nodes get.
 */
const SIZES = {
  full: { nodes: 30, dials: [1, 5, 12], auctions: 4, quoteWindow: 6_000 },
  tiny: { nodes: 11, dials: [1, 3], auctions: 1, quoteWindow: 4_000 },
} as const;

/**
 * Milliseconds after `quoteBy` when an auction has failed that nobody holds a certificate of: all votes are cast long before. And when
 * everybody must hold one that somebody does.
 */
const NOBODY_AFTER = 5_000;
const EVERYBODY_BY = 30_000;
/** Auctions in a row that may fail. */
const MOST_FAILED = 5;

/**
 * Hold auctions among 30 real nodes in this process, each with its store on disk, over libp2p on loopback: TCP, noise, yamux and
 * gossipsub. All bytes between two nodes go through a cable that delays them. Only the chain is made up.
 */
export const certificateSockets: Benchmark = {
  name: 'certificate-sockets',
  what: '30 nodes over TCP in one process, 3 of 5 auctioneers: from quoteBy until a node holds the certificate',
  repetitions: 3,
  rows: CERTIFICATE_ROWS,
  async prepare(size) {
    const { nodes: count, dials, auctions, quoteWindow } = SIZES[size];
    const scope = new Scope();
    let delayMs = 0;
    const arena = createArena({
      auctioneers: AUCTIONEERS,
      threshold: THRESHOLD,
      solvers: SOLVERS,
      terms: { quoteWindow, slot: 1 },
      reads: { block: async (number) => blockAt(number) },
    });
    try {
      const nodes = await startRing({ count, dials, arena, scope, delayMs: () => delayMs });
      let held = 0;
      return {
        async repeat() {
          const readings: Reading[] = [];
          for (const hop of HOPS) {
            delayMs = hop;
            const delays: number[] = [];
            for (let auction = 0; auction < auctions; auction++)
              delays.push(...(await holdOne(() => hold(nodes, arena, ++held))));
            readings.push(...certificateReadings(hop, delays));
          }
          if (nodes.some(({ gossip }) => gossip.peers().length !== 2 * dials.length))
            throw new TypeError('Nodes are connected otherwise than by their cables');
          return readings;
        },
        close: () => scope.close(),
      };
    } catch (cause) {
      await scope.close();
      throw cause;
    }
  },
};

/** Start nodes that are connected by cables, and wait until each passes messages on to most of its peers. */
async function startRing(options: {
  readonly count: number;
  readonly dials: readonly number[];
  readonly arena: Arena;
  readonly scope: Scope;
  readonly delayMs: () => number;
}): Promise<TestNode[]> {
  const { count, dials, arena, scope, delayMs } = options;
  const places = Array.from({ length: count }, (_, place) => ({
    place,
    started: Promise.withResolvers<string>(),
  }));
  const nodes = await Promise.all(
    places.map(async ({ place, started }) => {
      const cables = dials.map(async (dial) => {
        const far = places[(place + dial) % count];
        if (far === undefined) throw new RangeError('a ring has no end');
        return (await startCable(far.started.promise, scope, delayMs)).address;
      });
      const node = await startNode(AUCTIONEERS[place], arena, await Promise.all(cables), scope, {
        tallyWait: BigInt(TALLY_WAIT),
        voteWait: BigInt(VOTE_WAIT),
      });
      const [address = ''] = node.gossip.addresses();
      started.resolve(address);
      return node;
    }),
  );
  // Gossipsub is content with four.
  await meshed(nodes, () => Math.min(2 * dials.length, 4));
  return nodes;
}

/**
 * Hold auctions until one comes to a certificate. Where nodes get too little of the processors, quotes or tallies are late for some,
 * and votes fall apart; the next slot's auction is then the one that counts. How many failed is said.
 */
async function holdOne(play: () => Promise<readonly number[] | undefined>): Promise<readonly number[]> {
  for (let failed = 0; failed < MOST_FAILED; failed++) {
    const delays = await play();
    if (delays !== undefined) return delays;
    process.stderr.write('an auction came to no certificate, and is held anew\n');
  }
  throw new TypeError(`${MOST_FAILED} auctions in a row came to no certificate`);
}

/** Hold an auction; returns how many milliseconds after `quoteBy` each node held its certificate, or nothing if none did. */
async function hold(
  nodes: readonly TestNode[],
  arena: Arena,
  place: number,
): Promise<readonly number[] | undefined> {
  const position = numberToHex(BigInt(POSITION) + BigInt(place), { size: 64 });
  const seen = await observe(arena.market, position, blockAt(BigInt(Math.floor(Date.now() / 1_000))));
  if (!('observed' in seen)) throw new TypeError(seen.none);
  const { intent, digest } = seen.observed;
  const holding = nodes.map(async (node) => {
    await node.until(() => node.book.get(digest)?.certificate !== undefined);
    return Date.now() - Number(intent.quoteBy);
  });
  const bidding = SOLVERS.map(async (solver, index) => {
    const node = nodeAt(nodes, AUCTIONEERS.length + index);
    await node.until(() => node.book.get(digest) !== undefined);
    const quote = arena.quote(solver, digest, { ask: 450_000n + 1_000n * BigInt(index) });
    await node.publish('quotes', encodeQuote(quote), {}); // refused if it is late
  });
  const announcer = nodeAt(nodes, nodes.length - 1);
  if (!(await announcer.publish('intents', encodeIntent(intent), {})))
    throw new TypeError('the intent was refused');
  const holders = () => nodes.filter(({ book }) => book.get(digest)?.certificate !== undefined).length;
  const ended = new AbortController();
  const after = (ms: number) =>
    pause(Number(intent.quoteBy) + ms - Date.now(), undefined, { ref: false, signal: ended.signal });
  const late = async () => {
    await after(NOBODY_AFTER);
    if (holders() === 0) return undefined;
    await after(EVERYBODY_BY);
    throw new TypeError(`${holders()} of ${nodes.length} nodes hold the certificate of an auction`);
  };
  try {
    return await Promise.race([
      late(),
      Promise.all([...bidding, ...holding]).then(() => Promise.all(holding)),
    ]);
  } finally {
    ended.abort();
  }
}

/** A chain with a block each second. */
function blockAt(number: bigint): BlockRef {
  return { number, hash: keccak256(numberToHex(number)), timestamp: number };
}
