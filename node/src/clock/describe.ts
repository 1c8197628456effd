import type { ClockReading } from './watch.ts';

/** Says in words how a clock stands, and by whose word. */
export function describeClock(
  reading: Pick<ClockReading, 'offsetMs' | 'uncertaintyMs' | 'peers'> & { readonly chains?: number },
): string {
  const { offsetMs, uncertaintyMs, chains, peers } = reading;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const by = `by ${chains === undefined ? '' : `${count(chains, 'chain')} and `}${count(peers, 'peer')}`;
  if (offsetMs === undefined) return `not measured, ${by}`;
  const size = `${(Math.abs(offsetMs) / 1_000).toFixed(3)} s ${offsetMs < 0 ? 'behind' : 'ahead'}`;
  const give =
    uncertaintyMs === undefined ? ', or more' : `, give or take ${(uncertaintyMs / 1_000).toFixed(3)} s`;
  return `${size}${give}, ${by}`;
}
