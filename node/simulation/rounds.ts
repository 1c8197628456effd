import { playRound, type RoundOutcome } from './round.ts';

/** What many rounds came to. */
export type Outcome = {
  readonly rounds: number;
  readonly seed: number;
  readonly seconds: number;
  /** Rounds with a certificate by how many slots it took. */
  readonly bySlots: Readonly<Record<string, number>>;
  /** Rounds in which both attempts of one intent gave a certificate, of different rankings. */
  readonly bothAttempts: number;
  readonly failed: readonly RoundOutcome[];
};

/**
 * Plays rounds with the seeds `seed`, `seed` + 1, …; `onRound` receives the number of rounds played so far.
 */
export async function playRounds(options: {
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (played: number) => void;
}): Promise<Outcome> {
  const { rounds, seed, onRound } = options;
  const started = performance.now();
  const bySlots: Record<string, number> = {};
  const failed: RoundOutcome[] = [];
  let bothAttempts = 0;
  for (let round = 0; round < rounds; round++) {
    const outcome = await playRound(seed + round);
    const slots = String(outcome.slots ?? 'none');
    bySlots[slots] = (bySlots[slots] ?? 0) + 1;
    if (outcome.bothAttempts) bothAttempts += 1;
    if (outcome.broken.length > 0) failed.push(outcome);
    onRound?.(round + 1);
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  return { rounds, seed, seconds, bySlots, bothAttempts, failed };
}
