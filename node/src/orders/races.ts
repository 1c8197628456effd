import type { RevertName } from '@gavel/abi';
import { isGavelError, type Ms } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Counters } from '../observe/counters.ts';
import type { OrderView } from '../order/fold.ts';
import type { BatchStage } from './batcher.ts';
import type { Stage } from './runner.ts';

/** Reverts of a transaction whose effect another account brought about first. */
const OVERTAKEN: ReadonlySet<string> = new Set<RevertName>([
  'NothingToReturn',
  'WrongState',
  'NoVerdict',
  'AlreadyFilled',
  'UnknownFill',
  'NotOpen',
  'NotOnSale',
  'NothingHeld',
  'AlreadyFlagged',
  'NotFlagged',
  'NothingToForward',
  'PlaceTaken',
  'WrongLotState',
]);

/** Tells whether an error means that another account won the race. */
export function isOvertaken(error: unknown): boolean {
  if (!isGavelError(error, 'REVERTED') && !isGavelError(error, 'FAILED')) return false;
  return OVERTAKEN.has(String(error.meta.errorName));
}

/** The time that other keepers have to act first, by subject. */
export type Precedence = {
  /** Tells whether this keeper may act on a subject. The others' time begins with the first question. */
  hasCome(subject: string): boolean;
  /** Forgets a subject: the next question about it begins anew. */
  forget(subject: string): void;
};

/** Creates the precedence. `patience` gives the milliseconds that others go first with a subject. */
export function createPrecedence(deps: {
  readonly now: () => Ms;
  readonly patience: (subject: string) => bigint;
}): Precedence {
  const { now, patience } = deps;
  const begun = new LRUCache<string, { at: Ms; wait: bigint }>({ max: 4_096 });
  return {
    hasCome(subject) {
      const first = begun.get(subject) ?? { at: now(), wait: patience(subject) };
      begun.set(subject, first);
      return now() >= first.at + first.wait;
    },
    forget: (subject) => void begun.delete(subject),
  };
}

/**
 * Returns a stage that waits for its precedence and counts a lost race instead of failing. After a lost race
 * the stage looks at the chain again and finds nothing left to do.
 */
export function withPrecedence(
  stage: Stage,
  deps: { readonly metrics: Counters; readonly precedence: Precedence },
): Stage {
  const { metrics, precedence } = deps;
  return {
    ...stage,
    run(view) {
      if (!precedence.hasCome(`${stage.name}:${view.intent}`)) return Promise.resolve([]);
      return stage.run(view).catch((error: unknown) => lost(error, stage.name, metrics, []));
    },
  };
}

/** Runs a task of no order and counts a lost race instead of failing. Returns whether the task was done. */
export async function runRace(
  what: string,
  metrics: Counters,
  task: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    return lost(error, what, metrics, false);
  }
}

/** Returns a batch stage that counts a lost race instead of failing. Its batcher waits for precedence. */
export function countingLostRaces<V extends OrderView>(
  stage: BatchStage<V>,
  metrics: Counters,
): BatchStage<V> {
  return {
    ...stage,
    run: (views) => stage.run(views).catch((error: unknown) => lost(error, stage.name, metrics, new Map())),
  };
}

function lost<T>(error: unknown, stage: string, metrics: Counters, nothing: T): T {
  if (!isOvertaken(error)) throw error;
  metrics.count('race_lost', { stage });
  return nothing;
}
