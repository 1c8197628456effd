import { expect, test } from 'vitest';
import { playRounds } from './rounds.ts';

/*
 * A round among 30 nodes that fails is played again alone: `npm run simulate -- --rounds 1 --seed <its
 * seed>`.
 */

test('the properties of auctions hold over lossy networks, with liars', async () => {
  const { failed, bySlots } = await playRounds({ rounds: 30, seed: 1 });
  expect(failed).toEqual([]);
  // Rounds that come to nothing would prove nothing.
  expect(bySlots['1'] ?? 0).toBeGreaterThan(15);
});
