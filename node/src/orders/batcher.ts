import { isGavelError, type Ms } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { backoffMs } from '../runtime/backoff.ts';
import type { Scheduler } from '../runtime/scheduler.ts';
import type { Engine } from './engine.ts';

/**
 * A step that serves many orders with one message. `due` proves the parts of an order that the rest needs.
 */
export type BatchStage<V extends OrderView> = {
  readonly name: string;
  due(view: OrderView): view is V;
  /** Returns the earliest time, milliseconds, at which a due order may be served; at once unless given. */
  notBefore?(view: V): bigint;
  /** Names the message that an order can travel in: orders of one key can share. */
  keyOf(view: V): string;
  /**
   * Serves these orders of one key; returns what was learnt about each. Orders not served are offered again.
   */
  run(views: readonly V[]): Promise<ReadonlyMap<Hex, readonly OrderEvent[]>>;
};

/** How long orders wait for others to share their message with, and how many share one at most. */
export type BatchLimits = { readonly maxFills: number; readonly maxAgeMs: number };

/** The longest pause after failures, milliseconds. */
const LONGEST_MS = 30_000;

/**
 * Creates what collects due orders and serves each group when it is full, or when its oldest order has waited
 * long enough.
 */
export function createBatcher<V extends OrderView>(deps: {
  readonly stage: BatchStage<V>;
  readonly limits: BatchLimits;
  /** Milliseconds that other keepers go first with a group. */
  readonly patience: (view: V, key: string) => bigint;
  readonly engine: Pick<Engine, 'get' | 'record'>;
  readonly scheduler: Pick<Scheduler, 'at'>;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
}): { consider(view: OrderView): void } {
  const { stage, limits, patience, engine, scheduler, now } = deps;
  const { log, metrics } = deps.telemetry;
  const groups = new Map<string, Group>();

  const groupOf = (key: string): Group => {
    const group = groups.get(key) ?? {
      waiting: new Map(),
      running: false,
      failures: 0,
      most: limits.maxFills,
    };
    groups.set(key, group);
    return group;
  };
  const pauseAfter = (failures: number) =>
    BigInt(backoffMs(failures, { leastMs: Math.max(limits.maxAgeMs, 250), mostMs: LONGEST_MS }));
  /**
   * The orders to serve now: a full load whose turn has come, or all due orders once the oldest has waited
   * enough.
   */
  const loadOf = (group: Group): V[] => {
    const time = now();
    const due: { view: V; wait: Wait }[] = [];
    for (const [intent, wait] of group.waiting) {
      const view = engine.get(intent);
      if (view === undefined || !stage.due(view)) group.waiting.delete(intent);
      else if ((stage.notBefore?.(view) ?? 0n) <= time) due.push({ view, wait });
    }
    const load = due.slice(0, group.most);
    const isFull = load.length === group.most && load.every(({ wait }) => wait.turnAt <= time);
    return isFull || load.some(({ wait }) => wait.readyAt <= time) ? load.map(({ view }) => view) : [];
  };
  const flush = async (key: string): Promise<void> => {
    const group = groupOf(key);
    const load = group.running ? [] : loadOf(group);
    if (load.length === 0) return;
    group.running = true;
    let isTooLarge = false;
    try {
      const learnt = await stage.run(load);
      for (const [intent, events] of learnt) await engine.record(intent, events);
      group.failures = 0;
    } catch (error) {
      isTooLarge = isGavelError(error, 'GAS_CAP') && load.length > 1;
      // What one transaction cannot hold, two may.
      if (isTooLarge) group.most = Math.floor(load.length / 2);
      group.failures += 1;
      metrics.count('stage_failed', {
        stage: stage.name,
        code: isGavelError(error) ? error.code : 'UNEXPECTED',
      });
      log.warn(
        { err: error, stage: stage.name, orders: load.length, failures: group.failures },
        'stage failed',
      );
    } finally {
      group.running = false;
    }
    // Served orders leave the group when their evidence comes. The others are offered again after a pause.
    const again = isTooLarge ? now() : now() + pauseAfter(group.failures);
    for (const { intent } of load) {
      const wait = group.waiting.get(intent);
      if (wait === undefined || wait.readyAt < again)
        group.waiting.set(intent, { turnAt: again, readyAt: again });
    }
    scheduler.at(again, stage.name, () => flush(key));
    await flush(key);
  };

  return {
    consider(view) {
      if (!stage.due(view)) return;
      const key = stage.keyOf(view);
      const { waiting } = groupOf(key);
      const earliest = stage.notBefore?.(view) ?? 0n;
      const known = waiting.get(view.intent);
      if (known !== undefined && known.readyAt >= earliest) return;
      const turnAt = (earliest > now() ? earliest : now()) + patience(view, key);
      const readyAt = turnAt + BigInt(limits.maxAgeMs);
      waiting.set(view.intent, { turnAt, readyAt });
      if (waiting.size >= groupOf(key).most) scheduler.at(turnAt, stage.name, () => flush(key));
      scheduler.at(readyAt, stage.name, () => flush(key));
    },
  };
}

/** When an order's turn comes among keepers, and when it has waited long enough for company; milliseconds. */
type Wait = { readonly turnAt: bigint; readonly readyAt: bigint };

/** `most` orders share a message: fewer than may, where the gas of so many is more than a transaction has. */
type Group = { readonly waiting: Map<Hex, Wait>; running: boolean; failures: number; most: number };
