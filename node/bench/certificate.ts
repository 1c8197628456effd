import { playRound, TALLY_WAIT } from '../simulation/round.ts';
import { type Benchmark, percentile, type Reading, type Row } from './measure.ts';

/** Milliseconds that every hop between two nodes takes. */
export const HOPS = [0, 80] as const;
const PARTS = [50, 99] as const;

/** From `quoteBy` until a node holds the certificate, for each delay. */
export const CERTIFICATE_ROWS: readonly Row[] = HOPS.flatMap((hop) =>
  PARTS.map((part) => ({
    name: nameOf(hop, part),
    unit: 'ms' as const,
    baseline: 'the least the rules allow: the wait for tallies, and one hop for the votes',
  })),
);

/** Auctions of a repetition, for each delay. */
const SIZES = { full: 10, tiny: 1 } as const;

/**
 * Auctions among 30 nodes by the simulator's virtual clock: the real auction code, with clocks up to 20
 * ms apart, over a network whose every hop takes the same. Processor time counts for nothing in it.
 */
export const certificate: Benchmark = {
  name: 'certificate',
  what: '30 simulated nodes, 3 of 5 auctioneers: from quoteBy until a node holds the certificate, by virtual time',
  repetitions: 5,
  rows: CERTIFICATE_ROWS,
  prepare: async (size) => ({
    async repeat(turn) {
      const readings: Reading[] = [];
      for (const hop of HOPS) {
        const weather = { leastDelay: hop, mostDelay: hop, drop: 0, duplicate: 0 };
        const delays: number[] = [];
        for (let round = 0; round < SIZES[size]; round++) {
          const outcome = await playRound(turn * SIZES[size] + round, { council: [5, 3], weather });
          if (outcome.broken.length > 0) throw new TypeError(outcome.broken.join('; '));
          delays.push(...outcome.delays);
        }
        readings.push(...certificateReadings(hop, delays));
      }
      return readings;
    },
    close: async () => undefined,
  }),
};

/** Makes the rows' readings of a delay out of how long each node of each auction waited, milliseconds. */
export function certificateReadings(hop: number, delays: readonly number[]): Reading[] {
  const sorted = delays.toSorted((a, b) => a - b);
  return PARTS.map((part) => ({
    row: nameOf(hop, part),
    measured: percentile(sorted, part),
    baseline: TALLY_WAIT + hop,
  }));
}

function nameOf(hop: number, part: number): string {
  return `${hop} ms a hop, p${part}`;
}
