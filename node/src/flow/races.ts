import { isGavelError } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Hex } from 'viem';
import type { Counters } from '../observe/counters.ts';
import type { OrderView } from '../order/fold.ts';
import type { BatchStage } from './batcher.ts';
import type { Stage } from './runner.ts';

/** Reverts that only say that another keeper was faster. */
const OVERTAKEN = new Set([
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

/** Tell whether an error is a race that somebody else won. */
export function isOvertaken(error: unknown): boolean {
  if (!isGavelError(error, 'REVERTED') && !isGavelError(error, 'FAILED')) return false;
  return OVERTAKEN.has(String(error.meta.errorName));
}

/**
 * Let a stage wait its turn among keepers, and make losing a race a count, not a failure: it looks at the chain again, and
 * finds nothing left to do. `patience` gives the milliseconds that others go first.
 */
export function racing(
  stage: Stage,
  deps: {
    readonly counters: Counters;
    readonly now: () => bigint;
    readonly patience: (view: OrderView, stage: string) => bigint;
  },
): Stage {
  const { counters, now, patience } = deps;
  const noticed = new LRUCache<Hex, { at: bigint; wait: bigint }>({ max: 1_024 });
  return {
    ...stage,
    run(view) {
      const first = noticed.get(view.intent) ?? { at: now(), wait: patience(view, stage.name) };
      noticed.set(view.intent, first);
      if (now() < first.at + first.wait) return Promise.resolve([]);
      return stage.run(view).catch((error: unknown) => lost(error, stage.name, counters, []));
    },
  };
}

/** The same for a stage that serves many orders; its batcher does the waiting. */
export function racingBatch(stage: BatchStage, counters: Counters): BatchStage {
  return {
    ...stage,
    run: (views) => stage.run(views).catch((error: unknown) => lost(error, stage.name, counters, new Map())),
  };
}

function lost<T>(error: unknown, stage: string, counters: Counters, nothing: T): T {
  if (!isOvertaken(error)) throw error;
  counters.count('race_lost', { stage });
  return nothing;
}
