import type { Ms } from '@gavel/protocol';
import type { Logger } from '../observe/logger.ts';

/** A task that the scheduler runs. */
export type Task = () => Promise<void> | void;

/** Runs tasks at their time, and none after the node has begun to stop. A failure is logged, never thrown. */
export type Scheduler = {
  /** Runs `task` at `ms` (milliseconds since 1970) by the scheduler's clock; soon, if `ms` has passed. */
  at(ms: bigint, name: string, task: Task): void;
  /** Runs `task` soon, but never before this call returns. */
  run(name: string, task: Task): void;
};

/** The longest time a timer is set for, milliseconds. The clock may be corrected while a task waits. */
const LONGEST = 1_000n;

/** Creates a scheduler whose timers end with `signal`. */
export function createScheduler(options: {
  readonly now: () => Ms;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): Scheduler {
  const { now, signal, log } = options;
  const timers = new Set<NodeJS.Timeout>();
  signal.addEventListener('abort', () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  });
  const run = async (name: string, task: Task) => {
    try {
      await task();
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, task: name }, 'task failed');
    }
  };
  const arm = (ms: bigint, name: string, task: Task) => {
    if (signal.aborted) return;
    const wait = ms - now();
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        // Timers may fire a millisecond early, and a long wait has several parts. The timer is armed again,
        // so that no task runs before its time.
        if (now() < ms) arm(ms, name, task);
        else void run(name, task);
      },
      wait > LONGEST ? Number(LONGEST) : wait > 0n ? Number(wait) : 0,
    );
    timers.add(timer);
  };
  return { at: arm, run: (name, task) => arm(now(), name, task) };
}
