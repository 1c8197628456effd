import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('a burst passes, then the steady rate, for each peer alone', () => {
  let now = 0;
  const rate = createRateLimit({ burst: 2, perSecond: 10, now: () => now });
  expect([rate.take('a'), rate.take('a'), rate.take('a'), rate.take('b')]).toEqual([true, true, false, true]);
  now = 99;
  expect(rate.take('a')).toBe(false);
  now = 150;
  expect([rate.take('a'), rate.take('a')]).toEqual([true, false]);
  now = 60_000;
  expect([rate.take('a'), rate.take('a'), rate.take('a')]).toEqual([true, true, false]);
});
