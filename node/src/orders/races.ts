import type { RevertName } from '@gavel/abi';
import { isGavelError } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Counters } from '../observe/counters.ts';
import type { OrderView } from '../order/fold.ts';
import type { BatchStage } from './batcher.ts';
import type { Stage } from './runner.ts';

/** Reverts that only say that another keeper was faster. */
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

/** Tells whether an error is a race that another account won. */
export function isOvertaken(error: unknown): boolean {
  if (!isGavelError(error, 'REVERTED') && !isGavelError(error, 'FAILED')) return false;
  return OVERTAKEN.has(String(error.meta.errorName));
}

/** Know whether others have had their time to act first. */
export type Precedence = {
  /** Whether it is this keeper's precedence for a subject; its time begins with the first question. */
  hasCome(subject: string): boolean;
  /** Forgets a subject: the next question about it begins anew. */
  over(subject: string): void;
};

/** Creates turns. `patience` gives the milliseconds that others go first with a subject. */
export function createPrecedence(deps: {
  readonly now: () => bigint;
  readonly patience: (subject: string) => bigint;
}): Precedence {
  const { now, patience } = deps;
  const begun = new LRUCache<string, { at: bigint; wait: bigint }>({ max: 4_096 });
  return {
    hasCome(subject) {
      const first = begun.get(subject) ?? { at: now(), wait: patience(subject) };
      begun.set(subject, first);
      return now() >= first.at + first.wait;
    },
    over: (subject) => void begun.delete(subject),
  };
}

/**
 * Lets a stage wait its precedence among keepers, and makes losing a race a count, not a failure: it looks at
 * the chain again, and finds nothing left to do.
 */
export function racing(
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

/**
 * Runs a step of no order the same way: losing it to another keeper is a count. Returns whether it was done.
 */
export async function yieldingToFaster(
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

/** The same for a stage that serves many orders; its batcher does the waiting. */
export function racingBatch<V extends OrderView>(stage: BatchStage<V>, metrics: Counters): BatchStage<V> {
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
