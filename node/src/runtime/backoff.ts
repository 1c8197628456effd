import { setTimeout as delay } from 'node:timers/promises';

/**
 * Returns the milliseconds to wait after `failures` failures in a row, from 0: `leastMs` doubled with each,
 * up to `mostMs`.
 */
export function backoffMs(
  failures: number,
  { leastMs, mostMs }: { readonly leastMs: number; readonly mostMs: number },
): number {
  return Math.min(mostMs, leastMs * 2 ** Math.min(failures, 30));
}

/** Waits between tries, as `backoffMs` has them, until `reset`. */
export type Backoff = {
  /** Waits for the next try; false if the signal aborted instead. */
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
  const { signal } = options;
  let failures = 0;
  return {
    wait() {
      const ms = backoffMs(failures, options);
      failures += 1;
      return pause(ms, signal);
    },
    reset() {
      failures = 0;
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
