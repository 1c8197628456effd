import type { Head } from './heads.ts';

/** Know the head of one chain: its height is what a chain calls now. */
export type ChainClock = {
  /** The latest head, or undefined before the first. */
  head(): Head | undefined;
  /**
   * Milliseconds between blocks by its own clock: the shortest of the last steps, since a chain that stood
   * still for an hour has no long blocks. A second at most until enough were seen.
   */
  blockMs(): bigint;
  /** Waits up to `ms` until the chain has reached `number`; false if it did not. */
  reach(number: bigint, ms: number): Promise<boolean>;
  /** Takes the next head. */
  advance(head: Head): void;
};

/** Steps between heads that are remembered. */
const STEPS = 8;

/** Creates a clock that knows no head yet. */
export function createChainClock(): ChainClock {
  let latest: Head | undefined;
  let steps: readonly bigint[] = [1_000n];
  const waiting = new Set<{ number: bigint; resolve: (reached: boolean) => void }>();
  const reached = (number: bigint) => latest !== undefined && latest.number >= number;
  return {
    head: () => latest,
    blockMs: () => steps.reduce((least, step) => (step < least ? step : least)),
    reach(number, ms) {
      if (reached(number)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const waiter = {
          number,
          resolve: (done: boolean) => {
            clearTimeout(timer);
            waiting.delete(waiter);
            resolve(done);
          },
        };
        const timer = setTimeout(() => waiter.resolve(false), ms);
        timer.unref();
        waiting.add(waiter);
      });
    },
    advance(head) {
      const passed = latest === undefined ? 0n : head.timestamp - latest.timestamp;
      if (passed > 0n) steps = [...steps, passed * 1_000n].slice(-STEPS);
      latest = head;
      for (const waiter of [...waiting]) if (reached(waiter.number)) waiter.resolve(true);
    },
  };
}
