import type { ClockReading } from './watch.ts';

/** Say in words how a clock stands. */
export function describeClock(reading: ClockReading): string {
  const { offsetMs, uncertaintyMs, chains, peers } = reading;
  const by = `by ${chains} ${chains === 1 ? 'chain' : 'chains'} and ${peers} ${peers === 1 ? 'peer' : 'peers'}`;
  if (offsetMs === undefined) return `not measured, ${by}`;
  const size = `${(Math.abs(offsetMs) / 1_000).toFixed(3)} s ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  const give = uncertaintyMs === undefined ? '' : `, give or take ${(uncertaintyMs / 1_000).toFixed(3)} s`;
  return `${size}${give}, ${by}`;
}
