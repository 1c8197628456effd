import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

/*
 * A message that breaks a promise is sent again by `npm run fuzz -- --messages <its number + 1> --seed 1`.
 */

test('whatever is sent is answered with a code, and only what was said by those who may is taken', async () => {
  const { broken, accepted, codes } = await fuzz({ messages: 20_000, seed: 1 });
  expect(broken).toEqual([]);
  // A run in which little is accepted, or little is refused late, would prove little.
  for (const kind of ['intent', 'quote', 'tally', 'vote', 'certificate'])
    expect(accepted[kind] ?? 0).toBeGreaterThan(50);
  for (const code of [
    'NOT_CANONICAL',
    'BENT',
    'NOT_A_KEY',
    'NOT_AUCTIONEER',
    'OUT_OF_ORDER',
    'MISMATCH',
    'LATE',
    'EARLY',
  ])
    expect(Object.keys(codes).filter((key) => key.endsWith(` ${code}`))).not.toEqual([]);
});
