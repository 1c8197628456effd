import { expect, test } from 'vitest';
import { createSteadyClock } from './steady.ts';

test('the steady clock counts sleep, and is unmoved by a wall clock that is set', () => {
  const time = { awake: 5_000, slept: 0, set: 0 };
  const steady = createSteadyClock({
    wall: () => 1_800_000_000_000 + time.awake + time.slept + time.set,
    awake: () => time.awake,
    // Coarse, as it is.
    sinceBoot: () => Math.floor((77_000 + time.awake + time.slept) / 10) * 10,
  });
  const began = steady();
  time.awake += 1_000;
  expect(steady() - began).toBe(1_000);
  time.set = -3_600_000;
  expect(steady() - began).toBe(1_000);
  time.slept = 600_000;
  expect(steady() - began).toBe(601_000);
  time.set = 0;
  time.awake += 1;
  expect(steady() - began).toBe(601_001);
});

test('this machine has one', () => {
  const steady = createSteadyClock();
  const first = steady();
  expect(steady()).toBeGreaterThanOrEqual(first);
});
