import type { Logger } from '../observe/logger.ts';

/** Runs something at a time; never after the node began to stop. */
export type Scheduler = {
  /**
   * Runs `task` at `ms` (milliseconds since 1970), never before by the scheduler's clock, or at once if that
   * has passed. Its failure is logged, never thrown.
   */
  at(ms: bigint, name: string, task: () => Promise<void> | void): void;
};

/**
 * The longest a timer is set for, milliseconds: the clock may be set meanwhile, and a task must not come late
 * for that.
 */
const LONGEST = 1_000n;

/** Creates a scheduler whose timers end with `signal`. */
export function createScheduler(options: {
  readonly now: () => bigint;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): Scheduler {
  const { now, signal, log } = options;
  const timers = new Set<NodeJS.Timeout>();
  signal.addEventListener('abort', () => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  });
  const run = async (name: string, task: () => Promise<void> | void) => {
    try {
      await task();
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, task: name }, 'task failed');
    }
  };
  const arm = (ms: bigint, name: string, task: () => Promise<void> | void) => {
    if (signal.aborted) return;
    const wait = ms - now();
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        // Timers and the wall clock differ by a millisecond now and then, and a long wait comes in parts.
        // Code that asks the clock whether its time has come must not be told no by the very timer that was
        // to say yes.
        if (now() < ms) arm(ms, name, task);
        else void run(name, task);
      },
      wait > LONGEST ? Number(LONGEST) : wait > 0n ? Number(wait) : 0,
    );
    timers.add(timer);
  };
  return { at: arm };
}
