import { pad } from 'viem';
import { expect, test } from 'vitest';
import { createChainClock } from './chain-clock.ts';

const head = (number: bigint, timestamp: bigint) => ({ number, timestamp, hash: pad('0x01', { size: 32 }) });

test('blocks are as far apart as they are by their own clock, whatever stood still in between', () => {
  const clock = createChainClock();
  expect(clock.blockMs()).toBe(1_000n);
  for (const [index, timestamp] of [0n, 2n, 4n, 3_604n, 7_204n, 7_206n].entries())
    clock.advance(head(BigInt(index), timestamp));
  expect(clock.blockMs()).toBe(1_000n);
  for (let number = 6n; number < 14n; number += 1n) clock.advance(head(number, 7_206n + 12n * number));
  expect(clock.blockMs()).toBe(12_000n);
});

test('a block is waited for, and given up after a while', async () => {
  const clock = createChainClock();
  const reached = clock.reach(5n, 60_000);
  clock.advance(head(4n, 1n));
  clock.advance(head(6n, 3n));
  expect(await reached).toBe(true);
  expect(await clock.reach(7n, 1)).toBe(false);
});
