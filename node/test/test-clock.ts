import type { Scheduler } from '../src/runtime/scheduler.ts';

/**
 * Time that stands still until a test moves it on, so that no window of an auction depends on how fast the
 * machine is.
 */
export type TestClock = {
  /** Unix milliseconds. */
  now(): bigint;
  /** Runs each task once this clock has reached its time. */
  readonly scheduler: Scheduler;
  /**
   * Moves the time on to `ms`, and runs the tasks that fall due on the way, in the order of their times.
   * Resolves when all of them have ended. Rejects with the failure of a task.
   */
  moveTo(ms: bigint): Promise<void>;
};

type Task = { readonly at: bigint; readonly run: () => Promise<void> | void };

/** Creates a clock that shows `start`, Unix milliseconds. */
export function createTestClock(start: bigint): TestClock {
  let time = start;
  let waiting: Task[] = [];
  return {
    now: () => time,
    scheduler: {
      at(ms, _name, run) {
        if (ms > time) waiting.push({ at: ms, run });
        else setImmediate(run);
      },
      run: (_name, task) => void setImmediate(task),
    },
    async moveTo(ms) {
      for (;;) {
        const due = waiting.filter(({ at }) => at <= ms).sort((a, b) => Number(a.at - b.at));
        const at = due[0]?.at;
        if (at === undefined) break;
        const next = due.filter((task) => task.at === at);
        waiting = waiting.filter((task) => !next.includes(task));
        time = at;
        await Promise.all(next.map(({ run }) => run()));
      }
      time = ms;
    },
  };
}
