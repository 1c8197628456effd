import { type IntentDigest, isGavelError, type Ms } from '@gavel/protocol';
import type { Telemetry } from '../observe/telemetry.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { backoffMs } from '../runtime/backoff.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { Engine } from './engine.ts';

/** One step of an order's life, for any order. A step that is not due does nothing. */
export type Stage = {
  readonly name: string;
  /** Tells, by its record alone, whether the step has anything to do with an order. */
  due(view: OrderView): boolean;
  /**
   * Tells whether the time of a due step has come; always unless given. Asked at each recheck, so it sends no
   * request.
   */
  ripe?(view: OrderView): boolean;
  run(view: OrderView): Promise<readonly OrderEvent[]>;
  /** Milliseconds between runs while the step stays due; a second unless given. */
  readonly recheckMs?: bigint;
};

/**
 * A step as it is written: `due` proves the parts of the order that `ripe` and `run` need. `run` looks at the
 * chain, acts if it must, and returns what it learnt. The runner runs a step until the step is no longer due,
 * so `run` must find by itself that its effect is on the chain already.
 */
export type StageOf<V extends OrderView> = Omit<Stage, 'due' | 'ripe' | 'run'> & {
  due(view: OrderView): view is V;
  ripe?(view: V): boolean;
  run(view: V): Promise<readonly OrderEvent[]>;
};

/** Makes a step fit for any order: each part of it asks `due` first. */
export function defineStage<V extends OrderView>(stage: StageOf<V>): Stage {
  return {
    ...stage,
    due: (view) => stage.due(view),
    ripe: (view) => stage.due(view) && stage.ripe?.(view) !== false,
    run: async (view) => (stage.due(view) ? stage.run(view) : []),
  };
}

/** Waits before a step is run again, milliseconds: the least, and the most after failures. */
const RECHECK_MS = 1_000n;
const LONGEST_MS = 30_000;

/** The dependencies of the runner. */
export type RunnerDeps = {
  readonly engine: Pick<Engine, 'get' | 'record'>;
  readonly stages: readonly Stage[];
  readonly scheduler: Scheduler;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/**
 * Runs due stages of an order that changed; each (order, stage) at most once at a time, failures with growing
 * pauses.
 */
export function createRunner(deps: RunnerDeps): { consider(view: OrderView): void } {
  const { engine, stages, scheduler, now } = deps;
  const { log, metrics } = deps.telemetry;
  const busy = new Set<string>();

  const run = async (stage: Stage, intent: IntentDigest, failures: number): Promise<void> => {
    const key = `${stage.name}:${intent}`;
    const view = engine.get(intent);
    if (view === undefined || !stage.due(view)) {
      busy.delete(key);
      return;
    }
    let failed = failures;
    try {
      const events = stage.ripe?.(view) === false ? [] : await stage.run(view);
      failed = 0;
      if (events.length > 0) await engine.record(intent, events);
    } catch (error) {
      failed += 1;
      const code = isGavelError(error) ? error.code : 'UNEXPECTED';
      metrics.count('stage_failed', { stage: stage.name, code });
      log.warn(
        { err: error, stage: stage.name, intent, orderId: view.orderId, failures: failed },
        'stage failed',
      );
    }
    const recheck = stage.recheckMs ?? RECHECK_MS;
    const wait =
      failed === 0 ? recheck : BigInt(backoffMs(failed, { leastMs: Number(recheck), mostMs: LONGEST_MS }));
    scheduler.at(now() + wait, stage.name, () => run(stage, intent, failed));
  };

  return {
    consider(view) {
      for (const stage of stages) {
        const key = `${stage.name}:${view.intent}`;
        if (busy.has(key) || !stage.due(view)) continue;
        busy.add(key);
        scheduler.run(stage.name, () => run(stage, view.intent, 0));
      }
    },
  };
}
