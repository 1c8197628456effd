import { uptime } from 'node:os';

/** Differences between two clocks below this are their coarseness, milliseconds. */
const COARSE_MS = 250;

/**
 * Creates a clock that cannot be set: it counts milliseconds from somewhere, the machine's sleep included.
 * The exact clock of a process stands still during sleep; the one since boot does not, and is asked whenever
 * the wall clock seems to have jumped.
 */
export function createSteadyClock(
  clocks: {
    readonly wall?: () => number;
    readonly awake?: () => number;
    readonly sinceBoot?: () => number;
  } = {},
): () => number {
  const { wall = Date.now, awake = () => performance.now(), sinceBoot = () => uptime() * 1_000 } = clocks;
  const began = sinceBoot() - awake();
  let slept = 0;
  let ahead = wall() - awake();
  return () => {
    const now = awake();
    const seems = wall() - now;
    if (Math.abs(seems - ahead) >= COARSE_MS) {
      ahead = seems;
      const missing = sinceBoot() - awake() - began;
      if (missing - slept >= COARSE_MS) slept = missing;
    }
    return now + slept;
  };
}
