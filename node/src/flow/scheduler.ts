import type { Logger } from '../observe/logger.ts';

/** Run something at a time; never after the node began to stop. */
export type Scheduler = {
  /** Run `task` at `ms` (milliseconds since 1970), or at once if that has passed. Its failure is logged, never thrown. */
  at(ms: bigint, name: string, task: () => Promise<void> | void): void;
};

/** The longest a timer can be set for, milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Create a scheduler whose timers end with `signal`. */
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
  return {
    at(ms, name, task) {
      if (signal.aborted) return;
      const wait = ms - now();
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          void run(name, task);
        },
        Math.min(LONGEST, wait > 0n ? Number(wait) : 0),
      );
      timers.add(timer);
    },
  };
}
