import type { Seconds } from '@gavel/protocol';
import type { Telemetry } from '../observe/telemetry.ts';
import {
  type Exchange,
  epochOfExchange,
  epochOfHeads,
  type Interval,
  isBeyond,
  isWithin,
  offsetOf,
  putTogether,
  type SeenHead,
} from './estimate.ts';

/**
 * What is known of the wall clock. `right`: within its bound for sure. `off`: beyond it for sure.
 * `uncertain`: measured, but the uncertainty leaves open which. `unknown`: nothing to measure it by, or
 * chains and peers contradict each other.
 */
export const CLOCK_STATES = ['right', 'off', 'uncertain', 'unknown'] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

/** What is known of the wall clock. Milliseconds; positive: it is ahead. */
export type ClockReading = {
  readonly state: ClockState;
  readonly offsetMs: number | undefined;
  /** How far the truth may lie from it; undefined if there is no bound. */
  readonly uncertaintyMs: number | undefined;
  /** Witnesses heard of late. */
  readonly chains: number;
  readonly peers: number;
};

/** Measures the wall clock, and stand in for it while it is off. */
export type ClockWatch = {
  /** The time to go by, Unix milliseconds: the wall clock's, or the best estimate while that is off. */
  now(): bigint;
  /** Whether the wall clock is beyond its bound for sure. Nothing may be promised by it then. */
  isOff(): boolean;
  reading(): ClockReading;
  /** The wall clock as it is, milliseconds. */
  wall(): number;
  /** Milliseconds of a clock that cannot be set. */
  steady(): number;
  /** A chain's agreed head arrived just now; `timestamp` in seconds. */
  sawHead(chain: { readonly name: string; readonly config: HeadPace }, head: { timestamp: Seconds }): void;
  /** A peer told its time. */
  heard(peer: string, exchange: Exchange): void;
};

type HeadPace = { readonly pollMs: number; readonly maxLagBlocks: number };

/** Heads kept of each chain, and how old evidence may be, milliseconds. */
const MOST_HEADS = 16;
const HEADS_KEPT_MS = 600_000;
const ANSWERS_KEPT_MS = 35_000;
const MOST_PEERS = 64;

/**
 * Part of the bound within which a clock that was off counts as right again: at the bound itself it would
 * flutter.
 */
const RETURN_PART = 0.75;

/**
 * Watches a wall clock. It is off once it is beyond `maxOffsetMs` for sure; evidence that is lost or
 * contradicts itself changes nothing. Whether it is off is judged anew at each question, so that a jump is
 * noticed before anything follows from it.
 */
export function createClockWatch(options: {
  readonly wall: () => number;
  readonly steady: () => number;
  readonly maxOffsetMs: number;
  /** Chains that will tell of their heads: before most of them have, none is believed. */
  readonly chains: number;
  readonly telemetry: Telemetry;
  /** Takes the same lines, for listeners beside the log. */
  readonly tell: (msg: string, fields: Record<string, unknown>) => void;
}): ClockWatch {
  const { wall, steady, maxOffsetMs } = options;
  const { log, metrics } = options.telemetry;
  const heads = new Map<string, { pace: HeadPace; seen: SeenHead[] }>();
  const answers = new Map<string, { readonly at: number; readonly epoch: Interval }>();
  let known: { readonly epoch: Interval | undefined; readonly chains: number; readonly peers: number } = {
    epoch: undefined,
    chains: 0,
    peers: 0,
  };
  let gatheredAt = Number.NEGATIVE_INFINITY;
  /** The last epoch known: good for long, since it is of the steady clock. */
  let epoch: Interval | undefined;
  let isOff = false;
  let mayBeOff = false;
  let contradicted = false;

  const gather = (now: number) => {
    gatheredAt = now;
    for (const chain of heads.values()) chain.seen = chain.seen.filter(({ at }) => at > now - HEADS_KEPT_MS);
    for (const [peer, { at }] of answers) if (at <= now - ANSWERS_KEPT_MS) answers.delete(peer);
    const heard = [...heads.values()].flatMap(({ seen, pace }) => epochOfHeads(seen, pace) ?? []);
    const chains = heard.length * 2 > options.chains ? heard : [];
    const peers = [...answers.values()].map((answer) => answer.epoch);
    const found = putTogether(chains, peers);
    known = { epoch: found.epoch, chains: chains.length, peers: peers.length };
    if (found.epoch !== undefined) epoch = found.epoch;
    if (found.contradicts && !contradicted)
      log.warn({ chains: known.chains, peers: known.peers }, 'chains and peers differ about the time');
    contradicted = found.contradicts;
  };

  const judge = (): Interval | undefined => {
    const clocks = { wall: wall(), steady: steady() };
    if (clocks.steady - gatheredAt > 1_000) gather(clocks.steady);
    const offset = epoch && offsetOf(epoch, clocks);
    if (offset === undefined || known.epoch === undefined) return offset;
    const measured = { offsetMs: Math.round(offset.best), ...uncertaintyOf(offset) };
    const fields = { ...measured, maxOffsetMs, chains: known.chains, peers: known.peers };
    const seems = Math.abs(offset.best) > (mayBeOff ? maxOffsetMs * RETURN_PART : maxOffsetMs);
    const beyond = isBeyond(offset, isOff ? maxOffsetMs * RETURN_PART : maxOffsetMs);
    if (seems && !mayBeOff && !beyond) log.warn(fields, 'clock may be off: the measurement is not certain');
    mayBeOff = seems;
    if (beyond === isOff) return offset;
    isOff = beyond;
    if (isOff) {
      metrics.count('clock_off');
      log.error(fields, 'clock is off: no quotes and no votes until it is right. Set it by NTP');
      options.tell('clock is off', fields);
    } else {
      log.info(fields, 'clock is right again');
      options.tell('clock is right again', fields);
    }
    return offset;
  };

  const stateOf = (offset: Interval | undefined): ClockState => {
    if (isOff) return 'off';
    if (known.epoch === undefined || offset === undefined) return 'unknown';
    return isWithin(offset, maxOffsetMs) ? 'right' : 'uncertain';
  };

  return {
    wall,
    steady,
    now() {
      const offset = judge();
      const time = wall();
      return BigInt(Math.floor(isOff && offset !== undefined ? time - offset.best : time));
    },
    isOff() {
      judge();
      return isOff;
    },
    reading() {
      const offset = judge();
      const { uncertaintyMs } = offset === undefined ? {} : uncertaintyOf(offset);
      return {
        state: stateOf(offset),
        offsetMs: offset?.best,
        uncertaintyMs,
        chains: known.chains,
        peers: known.peers,
      };
    },
    sawHead({ name, config: pace }, { timestamp }) {
      const at = steady();
      const { seen } = heads.get(name) ?? { seen: [] };
      heads.set(name, {
        pace,
        seen: [...seen, { timestamp: Number(timestamp) * 1_000, at }].slice(-MOST_HEADS),
      });
      gather(at);
    },
    heard(peer, exchange) {
      const epoch = epochOfExchange(exchange);
      if (epoch === undefined) {
        metrics.count('clock_answer_refused');
        return;
      }
      const at = steady();
      answers.delete(peer);
      if (answers.size < MOST_PEERS) answers.set(peer, { at, epoch });
      gather(at);
    },
  };
}

function uncertaintyOf({ least, best, most }: Interval): { uncertaintyMs?: number } {
  const widest = Math.max(most - best, best - least);
  return Number.isFinite(widest) ? { uncertaintyMs: Math.ceil(widest) } : {};
}
