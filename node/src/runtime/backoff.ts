import { setTimeout as delay } from 'node:timers/promises';

/** Space out repeated attempts: each wait doubles, up to a most, until `reset`. */
export type Backoff = {
  /** Waits for the next attempt; false if the signal aborted instead. */
  wait(): Promise<boolean>;
  /** Starts again from the least, after a success. */
  reset(): void;
};

/** Creates a back-off between `leastMs` and `mostMs`. */
export function createBackoff(options: {
  readonly leastMs: number;
  readonly mostMs: number;
  readonly signal: AbortSignal;
}): Backoff {
  const { leastMs, mostMs, signal } = options;
  let next = leastMs;
  return {
    wait() {
      const ms = next;
      next = Math.min(mostMs, next * 2);
      return pause(ms, signal);
    },
    reset() {
      next = leastMs;
    },
  };
}

/** Waits `ms` milliseconds; false if `signal` aborted instead. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
