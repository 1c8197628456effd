import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeIntent, encodeQuote } from '@gavel/protocol';
import { keccak256, numberToHex } from 'viem';
import { observe } from '../src/auction/derive.ts';
import type { BlockRef } from '../src/auction/rules.ts';
import { silentLogger } from '../src/observe/logger.ts';
import { createScheduler } from '../src/runtime/scheduler.ts';
import { Scope } from '../src/runtime/scope.ts';
import { createArena, POSITION } from '../test/arena.ts';
import { meshed, startNode, type TestNode } from '../test/auction-nodes.ts';
import { startCable } from '../test/cable.ts';

/*
 * Some of the nodes that `certificate-sockets` holds auctions among, in a thread of their own. All nodes
 * stand in a ring: the auctioneers, the solvers, those who only pass on, and last the one who announces.
 */

/** What a thread starts with. */
export type Part = {
  /** Nodes of the whole ring. */
  readonly count: number;
  /** Where this thread's nodes stand in it. */
  readonly places: readonly number[];
  /** Each node dials those so many places further on, and is dialled from as many places back. */
  readonly dials: readonly number[];
  /** Milliseconds from an intent's block to `quoteBy`. */
  readonly quoteWindow: number;
  /** Milliseconds that auctioneers wait for tallies, then for votes. */
  readonly tallyWait: number;
  readonly voteWait: number;
};

/** Where nodes listen, by their places. */
export type Addresses = readonly (readonly [place: number, address: string])[];

/** What a thread is told: first where all threads listen, and in the end to stop. */
export type Told =
  | { readonly type: 'addresses'; readonly addresses: Addresses }
  | { readonly type: 'auction'; readonly number: number; readonly block: bigint; readonly delayMs: number }
  | { readonly type: 'stop' };

/** What a thread answers: first where its nodes listen; nothing to being stopped. */
export type Answer =
  | { readonly type: 'listening'; readonly addresses: Addresses }
  | { readonly type: 'meshed' }
  | {
      readonly type: 'held';
      /**
       * Milliseconds after `quoteBy` when each node held the certificate; undefined for one that never did.
       */
      readonly delays: readonly (number | undefined)[];
      /** Connections of each node. */
      readonly peers: readonly number[];
    };

const AUCTIONEERS = ['a', 'b', 'c', 'd', 'e'];
const THRESHOLD = 3;
const SOLVERS = ['x', 'y', 'z', 'u', 'v'];

/** Milliseconds after `quoteBy` that a certificate is waited for: all votes are cast long before. */
const PATIENCE = 60_000;

const port = parentPort;
if (port === null) throw new TypeError('This is a thread of a benchmark');
const { count, places, dials, quoteWindow, tallyWait, voteWait } = workerData as Part;
const say = (answer: Answer) => port.postMessage(answer);
const scope = new Scope();
const now = () => BigInt(Date.now());
const { signal } = scope;
const clock = { now, scheduler: createScheduler({ now, signal, log: silentLogger() }) };
const made = createArena({
  auctioneers: AUCTIONEERS,
  threshold: THRESHOLD,
  solvers: SOLVERS,
  terms: { quoteWindow, slot: 1 },
  reads: { block: async (number) => blockAt(number) },
});
const arena = { ...made, clock };
let delayMs = 0;
const listening = Array.from({ length: count }, () => Promise.withResolvers<string>());
const nodes: { readonly place: number; readonly node: TestNode }[] = await Promise.all(
  places.map(async (place) => {
    const cables = dials.map(async (dial) => {
      const far = listening[(place + dial) % count];
      if (far === undefined) throw new RangeError('a ring has no end');
      return (await startCable(far.promise, scope, () => delayMs)).address;
    });
    const node = await startNode(AUCTIONEERS[place], arena, await Promise.all(cables), scope, {
      tallyWait: BigInt(tallyWait),
      voteWait: BigInt(voteWait),
      intentWaitMs: 500,
    });
    return { place, node };
  }),
);

port.on('message', (told: Told) => {
  answer(told).catch((cause: unknown) =>
    // The thread fails, and its starter receives the error.
    setImmediate(() => {
      throw cause;
    }),
  );
});
say({
  type: 'listening',
  addresses: nodes.map(({ place, node }) => [place, node.gossip.addresses()[0] ?? '']),
});

async function answer(told: Told): Promise<void> {
  switch (told.type) {
    case 'addresses':
      for (const [place, address] of told.addresses) listening[place]?.resolve(address);
      // Gossipsub is content with four.
      await meshed(
        nodes.map(({ node }) => node),
        () => Math.min(2 * dials.length, 4),
      );
      return say({ type: 'meshed' });
    case 'auction':
      delayMs = told.delayMs;
      return say({
        type: 'held',
        delays: await hold(told.number, told.block),
        peers: nodes.map(({ node }) => node.gossip.peers().length),
      });
    case 'stop':
      await scope.close();
      port?.close();
  }
}

/** Takes part in an auction. */
async function hold(number: number, block: bigint): Promise<(number | undefined)[]> {
  const position = numberToHex(BigInt(POSITION) + BigInt(number), { size: 64 });
  const seen = await observe(arena.market, position, blockAt(block));
  if (!('observed' in seen)) throw new TypeError(seen.none);
  const { intent, digest } = seen.observed;
  const delays = nodes.map((): number | undefined => undefined);
  const holding = nodes.map(async ({ node }, index) => {
    await node.until(() => node.auctions.get(digest)?.certificate !== undefined);
    delays[index] = Date.now() - Number(intent.quoteBy);
  });
  for (const { place, node } of nodes) {
    if (place === count - 1) await node.publish('intents', encodeIntent(intent), {});
    const solver = SOLVERS[place - AUCTIONEERS.length];
    if (solver !== undefined)
      void node
        .until(() => node.auctions.get(digest) !== undefined)
        .then(() =>
          node.publish('quotes', encodeQuote(arena.quote(solver, digest, { ask: askOf(place) })), {}),
        );
  }
  const ended = new AbortController();
  const patience = Number(intent.quoteBy) + PATIENCE - Date.now();
  const late = pause(patience, undefined, { signal: ended.signal }).catch(() => undefined); // no node was late
  await Promise.race([late, Promise.all(holding)]);
  ended.abort();
  return [...delays];
}

function askOf(place: number): bigint {
  return 450_000n + 1_000n * BigInt(place);
}

/** A chain with a block each second. */
function blockAt(number: bigint): BlockRef {
  return { number, hash: keccak256(numberToHex(number)), timestamp: number };
}
