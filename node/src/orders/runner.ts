import { isGavelError } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { Engine } from './engine.ts';

/**
 * One step of an order's life: due in some states, it looks at the chain, acts if it must, and returns what it learnt. It
 * is run again until it is no longer due, so it must find by itself that its effect is there already.
 */
export type Stage = {
  readonly name: string;
  /** Whether the step has anything to do with an order, by its record alone. */
  due(view: OrderView): boolean;
  /** Whether the time of a due step has come; always unless given. Asked at each recheck, it costs no request. */
  ripe?(view: OrderView): boolean;
  run(view: OrderView): Promise<readonly OrderEvent[]>;
  /** Milliseconds between runs while it stays due; a second unless given. */
  readonly recheckMs?: bigint;
};

/** Waits before a step is run again, milliseconds: the least, and the most after failures. */
const RECHECK_MS = 1_000n;
const LONGEST_MS = 30_000n;

/** What the runner takes. */
export type RunnerDeps = {
  readonly engine: Pick<Engine, 'get' | 'record'>;
  readonly stages: readonly Stage[];
  readonly scheduler: Scheduler;
  readonly now: () => bigint;
  readonly telemetry: Telemetry;
};

/** Run due stages of an order that changed; each (order, stage) at most once at a time, failures with growing pauses. */
export function createRunner(deps: RunnerDeps): { consider(view: OrderView): void } {
  const { engine, stages, scheduler, now } = deps;
  const { log, metrics } = deps.telemetry;
  const busy = new Set<string>();

  const run = async (stage: Stage, intent: Hex, failures: number): Promise<void> => {
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
    const pause = (stage.recheckMs ?? RECHECK_MS) * 2n ** BigInt(Math.min(failed, 5));
    const wait = failed === 0 || pause < LONGEST_MS ? pause : LONGEST_MS;
    scheduler.at(now() + wait, stage.name, () => run(stage, intent, failed));
  };

  return {
    consider(view) {
      for (const stage of stages) {
        const key = `${stage.name}:${view.intent}`;
        if (busy.has(key) || !stage.due(view)) continue;
        busy.add(key);
        scheduler.at(now(), stage.name, () => run(stage, view.intent, 0));
      }
    },
  };
}
