import { playRound, TALLY_WAIT } from '../simulation/round.ts';
import { type Benchmark, percentile, type Reading } from './measure.ts';

/** Milliseconds that every hop between two nodes takes. */
const HOPS = [0, 80] as const;
const PARTS = [50, 99] as const;

/** Auctions of a repetition, for each delay. */
const SIZES = { full: 10, tiny: 1 } as const;

/**
 * Hold auctions among 30 nodes by the simulator's virtual clock: the real auction code, with clocks up to 20 ms apart, over a
 * network whose every hop takes the same. Processor time counts for nothing in it.
 */
export const certificate: Benchmark = {
  name: 'certificate',
  what: '30 simulated nodes, 3 of 5 auctioneers: from quoteBy until a node holds the certificate, by virtual time',
  repetitions: 5,
  rows: HOPS.flatMap((hop) =>
    PARTS.map((part) => ({
      name: nameOf(hop, part),
      unit: 'ms' as const,
      baseline: 'the least the rules allow: the wait for tallies, and one hop for the votes',
    })),
  ),
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
        delays.sort((a, b) => a - b);
        for (const part of PARTS) {
          const measured = percentile(delays, part);
          readings.push({ row: nameOf(hop, part), measured, baseline: TALLY_WAIT + hop });
        }
      }
      return readings;
    },
    close: async () => undefined,
  }),
};

function nameOf(hop: number, part: number): string {
  return `${hop} ms a hop, p${part}`;
}
