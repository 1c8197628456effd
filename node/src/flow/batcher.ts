import { isGavelError } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import type { Engine } from './engine.ts';
import type { Scheduler } from './scheduler.ts';

/** A step that serves many orders with one message. */
export type BatchStage = {
  readonly name: string;
  due(view: OrderView): boolean;
  /** Name the message an order can travel in: orders of one key can share. */
  keyOf(view: OrderView): string;
  /** Serve these orders of one key; returns what was learnt about each. Orders not served are offered again. */
  run(views: readonly OrderView[]): Promise<ReadonlyMap<Hex, readonly OrderEvent[]>>;
};

/** How long orders wait for company, and how many travel together at most. */
export type BatchLimits = { readonly maxFills: number; readonly maxAgeMs: number };

/** The longest pause after failures, milliseconds. */
const LONGEST_MS = 30_000n;

/** Collect due orders and serve each group when it is full, or when its oldest member has waited long enough. */
export function createBatcher(deps: {
  readonly stage: BatchStage;
  readonly limits: BatchLimits;
  /** Milliseconds that other keepers go first with a group. */
  readonly patience: (view: OrderView, key: string) => bigint;
  readonly engine: Pick<Engine, 'get' | 'record'>;
  readonly scheduler: Scheduler;
  readonly now: () => bigint;
  readonly log: Logger;
  readonly counters: Counters;
}): { consider(view: OrderView): void } {
  const { stage, limits, patience, engine, scheduler, now, log, counters } = deps;
  const groups = new Map<string, { intents: Set<Hex>; running: boolean; failures: number }>();

  const groupOf = (key: string) => {
    const group = groups.get(key) ?? { intents: new Set<Hex>(), running: false, failures: 0 };
    groups.set(key, group);
    return group;
  };
  const pauseAfter = (failures: number) => {
    const pause = BigInt(Math.max(limits.maxAgeMs, 250)) * 2n ** BigInt(Math.min(failures, 6));
    return pause < LONGEST_MS ? pause : LONGEST_MS;
  };
  const flush = async (key: string): Promise<void> => {
    const group = groupOf(key);
    if (group.running) return;
    const views = [...group.intents].flatMap((intent) => engine.get(intent) ?? []);
    for (const view of views) if (!stage.due(view)) group.intents.delete(view.intent);
    const due = views.filter(stage.due).slice(0, limits.maxFills);
    if (due.length === 0) return;
    group.running = true;
    try {
      const learnt = await stage.run(due);
      for (const [intent, events] of learnt) await engine.record(intent, events);
      group.failures = 0;
    } catch (error) {
      group.failures += 1;
      counters.count('stage_failed', {
        stage: stage.name,
        code: isGavelError(error) ? error.code : 'UNEXPECTED',
      });
      log.warn(
        { err: error, stage: stage.name, orders: due.length, failures: group.failures },
        'stage failed',
      );
    } finally {
      group.running = false;
    }
    scheduler.at(now() + pauseAfter(group.failures), stage.name, () => flush(key));
  };

  return {
    consider(view) {
      if (!stage.due(view)) return;
      const key = stage.keyOf(view);
      const group = groupOf(key);
      if (group.intents.has(view.intent)) return;
      group.intents.add(view.intent);
      const full = group.intents.size >= limits.maxFills;
      const wait = (full ? 0n : BigInt(limits.maxAgeMs)) + patience(view, key);
      scheduler.at(now() + wait, stage.name, () => flush(key));
    },
  };
}
