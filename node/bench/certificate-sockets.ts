import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TALLY_WAIT, VOTE_WAIT } from '../simulation/round.ts';
import { CERTIFICATE_ROWS, certificateReadings, HOPS } from './certificate.ts';
import type { Answer, Part, Told } from './certificate-worker.ts';
import type { Benchmark, Reading } from './measure.ts';

/**
 * How many nodes, in how many threads. `quoteWindow`: milliseconds from an intent's block, up to a second old
 * already, to `quoteBy`; long enough for quotes to be everywhere in time, however little of the processors
 * the nodes get. The tiny size, of which no figure counts, leaves tallies and votes as much time.
 */
const SIZES = {
  full: {
    ring: { count: 30, dials: [1, 5, 12], quoteWindow: 6_000, tallyWait: TALLY_WAIT, voteWait: VOTE_WAIT },
    threads: 6,
    auctions: 4,
  },
  tiny: {
    ring: { count: 11, dials: [1, 3], quoteWindow: 4_000, tallyWait: 2_000, voteWait: 5_000 },
    threads: 1,
    auctions: 1,
  },
} as const;

/** Auctions in a row that may fail. */
const MOST_FAILED = 5;

/**
 * Auctions among 30 real nodes, each with its store on disk, over libp2p on loopback: TCP, noise, yamux and
 * gossipsub. All bytes between two nodes go through a cable that delays them. Only the chain is made up.
 */
export const certificateSockets: Benchmark = {
  name: 'certificate-sockets',
  what: '30 nodes over TCP on one machine, 3 of 5 auctioneers: from quoteBy until a node holds the certificate',
  repetitions: 3,
  rows: CERTIFICATE_ROWS,
  async prepare(size) {
    const { threads, auctions, ...sized } = SIZES[size];
    const ring = await startRing(sized.ring, threads);
    return {
      async repeat() {
        const readings: Reading[] = [];
        for (const hop of HOPS) {
          const delays: number[] = [];
          for (let auction = 0; auction < auctions; auction++) delays.push(...(await ring.hold(hop)));
          readings.push(...certificateReadings(hop, delays));
        }
        return readings;
      },
      close: ring.close,
    };
  },
};

type Ring = {
  /** Holds an auction; returns how many milliseconds after `quoteBy` each node held its certificate. */
  hold(delayMs: number): Promise<number[]>;
  close(): Promise<void>;
};

/**
 * Starts nodes that are connected by cables, and waits until each passes messages on to most of its peers.
 */
async function startRing(ring: Omit<Part, 'places'>, threads: number): Promise<Ring> {
  const places = Array.from({ length: ring.count }, (_, place) => place);
  const workers = Array.from({ length: threads }, (_, thread) => {
    const part: Part = { ...ring, places: places.filter((place) => place % threads === thread) };
    return new Worker(new URL('./certificate-worker.ts', import.meta.url), { workerData: part });
  });
  const ask = (told?: Told): Promise<Answer[]> =>
    Promise.all(
      workers.map(async (worker) => {
        const answered = once(worker, 'message');
        if (told !== undefined) worker.postMessage(told);
        return (await answered)[0] as Answer;
      }),
    );
  const end = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  try {
    const listening = await ask();
    const addresses = listening.flatMap((answer) => (answer.type === 'listening' ? answer.addresses : []));
    await ask({ type: 'addresses', addresses });
  } catch (cause) {
    await end();
    throw cause;
  }

  let number = 0;
  const holdOne = async (delayMs: number): Promise<(number | undefined)[]> => {
    const block = BigInt(Math.floor(Date.now() / 1_000));
    const answers = await ask({ type: 'auction', number: ++number, block, delayMs });
    const held = answers.filter((answer) => answer.type === 'held');
    // Fewer is a cable that is being dialled anew.
    if (held.some(({ peers }) => peers.some((count) => count > 2 * ring.dials.length)))
      throw new TypeError('Nodes are connected otherwise than by their cables');
    return held.flatMap(({ delays }) => delays);
  };
  return {
    /*
     * Where nodes get too little of the processors, quotes or tallies are late for some, and votes fall
     * apart. The next auction is then the one that counts, and how often that was is said.
     */
    async hold(delayMs) {
      for (let failed = 0; failed < MOST_FAILED; failed++) {
        const held = await holdOne(delayMs);
        const delays = held.filter((delay) => delay !== undefined);
        if (delays.length === ring.count) return delays;
        if (delays.length > 0)
          throw new TypeError(`${delays.length} of ${ring.count} nodes hold the certificate of an auction`);
        process.stderr.write('an auction came to no certificate, and is held anew\n');
      }
      throw new TypeError(`${MOST_FAILED} auctions in a row came to no certificate`);
    },
    async close() {
      const running = workers.filter(({ threadId }) => threadId !== -1);
      const exits = running.map((worker) => once(worker, 'exit'));
      for (const worker of running) worker.postMessage({ type: 'stop' } satisfies Told);
      await Promise.all(exits);
    },
  };
}
