import type { Random } from '@gavel/solver-sdk/testing';
import { createAuctions } from '../src/auction/auctions.ts';
import { createExchange } from '../src/auction/exchange.ts';
import { indexMarkets, type Market } from '../src/auction/market.ts';
import { createAdmission, type Judgement } from '../src/gossip/admission.ts';
import { createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { Shot } from './stage.ts';
import { CLOCK_TOLERANCE, type Staged } from './world.ts';

/** How long a message may wait for its intent, milliseconds; the node's own. */
const INTENT_WAIT_MS = 1_500;

/**
 * Makes a node's admission over the real validators. Their chain answers truly, and their waiting takes no
 * time.
 */
export function createNode(market: Market, start: bigint) {
  const log = silentLogger();
  const metrics = createCounters();
  let now = start;
  let told = 0;
  let waiting: { readonly ms: number; readonly task: () => void }[] = [];
  let scheduled: (() => unknown)[] = [];
  const tell = () => {
    told += 1;
  };
  const auctions = createAuctions({
    after(ms, task) {
      const entry = { ms, task };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
  });
  const validators = createExchange({
    auctions,
    findMarket: indexMarkets([market]),
    now: () => now,
    clockTolerance: CLOCK_TOLERANCE,
    intentWaitMs: INTENT_WAIT_MS,
    block: (of, number) => of.reads.block(number),
    scheduler: {
      run(_name, task) {
        tell();
        scheduled.push(task);
      },
    },
    publish: async (topic, bytes) => (await admission.fromSelf(topic, bytes, 'self')).outcome === 'accept',
    onIntent: tell,
    onQuote: tell,
    onVote: tell,
    onCertificate: tell,
    telemetry: { log, metrics },
  });
  const plenty = Number.MAX_SAFE_INTEGER;
  const limits = { burst: plenty, perSecond: plenty, inFlight: plenty, waiting: plenty };
  const admission = createAdmission({ validators, limits, telemetry: { log, metrics } });

  /** Writes down what is held of an auction, as far as a message could change it. */
  const printOf = (digest: `0x${string}`): string => {
    const auction = auctions.get(digest);
    if (auction === undefined) return '-';
    const { quotes, inTime, tallies, flooders, votes, certificate } = auction;
    const counts = [quotes, inTime, flooders].map(({ size }) => size);
    return [...counts, tallies.length, votes.length, certificate !== undefined].join();
  };
  return {
    printOf,
    time: () => now,
    setTime(time: bigint) {
      now = time;
    },
    /** Writes down what is held of auctions, and how often anything that acts on messages was told of one. */
    state: (auctions: readonly Staged[]) =>
      `${told};${auctions.map(({ digest }) => printOf(digest)).join(';')}`,
    /**
     * Judges messages sent at the same time; undefined for one without an answer when all waiting has ended.
     */
    async judge(shots: readonly Shot[], random: Random): Promise<(Judgement | undefined)[]> {
      const judgements: (Judgement | undefined)[] = shots.map(() => undefined);
      for (const [index, { topic, bytes }] of shots.entries()) {
        void admission.fromPeer(topic, bytes, `peer ${random.int(0, 9)}`).then((judgement) => {
          judgements[index] = judgement;
        });
      }
      const areAnswered = () => judgements.every((judgement) => judgement !== undefined);
      await settled(areAnswered);
      for (const { ms, task } of waiting) if (ms <= INTENT_WAIT_MS) task();
      await settled(areAnswered);
      return judgements;
    },
    /** Publishes what the messages so far made this node want to publish: certificates. */
    async runScheduled() {
      const due = scheduled;
      scheduled = [];
      for (const task of due) await task();
    },
  };
}

/**
 * Turns of the event loop after which all work that waits for promises alone, or in the fair queue, has
 * ended.
 */
const MOST_TURNS = 20;

async function settled(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS && !isDone(); turn++)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
}
