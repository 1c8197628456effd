import { expect, test } from 'vitest';
import { createHealth } from './health.ts';

/** Nothing is spread: 0.5 is the middle of every wait. */
const MIDDLE = 0.5;

test('three failures in a row put an endpoint in quarantine, one answer brings it back', () => {
  const health = createHealth();
  health.failed(0, MIDDLE);
  health.failed(1, MIDDLE);
  expect(health.quarantined(2)).toEqual([]);
  health.failed(2, MIDDLE);
  expect(health.quarantined(3)).toEqual(['failing']);
  expect(health.until('failing', 3)).toBe(502);
  health.answered();
  expect(health.quarantined(4)).toEqual([]);
});

test('waits grow with repetition up to their most, and are spread by chance', () => {
  const health = createHealth();
  let now = 0;
  const waits = Array.from({ length: 10 }, () => {
    health.limited(now, MIDDLE);
    const wait = health.until('rate limited', now) - now;
    now += wait;
    return wait;
  });
  expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
  expect(waits.at(-1)).toBe(60_000);
  const [early, late] = [0, 0.999].map((chance) => {
    const other = createHealth();
    other.limited(0, chance);
    return other.until('rate limited', 0);
  });
  expect(early).toBe(375);
  expect(late).toBeGreaterThan(620);
});

test('refusals of requests that were under way together count once, and a named time is respected', () => {
  const health = createHealth();
  health.limited(0, MIDDLE, 5_000);
  health.limited(10, MIDDLE);
  health.limited(20, MIDDLE);
  expect(health.until('rate limited', 20)).toBe(5_000);
  expect(health.quarantined(5_000)).toEqual([]);
});

test('a liar is quarantined for longer each time, and only long good behaviour clears its name', () => {
  const health = createHealth();
  expect(health.dissented(0, MIDDLE)).toBe(true);
  expect(health.dissented(1, MIDDLE)).toBe(false);
  expect(health.until('dissenting', 1)).toBe(5_000);
  expect(health.dissented(5_000, MIDDLE)).toBe(true);
  expect(health.until('dissenting', 5_000)).toBe(15_000);
  health.agreed(20_000); // one truth between two lies
  health.dissented(20_000, MIDDLE);
  expect(health.until('dissenting', 20_000)).toBe(40_000);
  health.agreed(640_000);
  health.dissented(640_000, MIDDLE);
  expect(health.until('dissenting', 640_000)).toBe(645_000);
});

test('an endpoint out of step is quarantined until it is in step, one of another chain for good', () => {
  const health = createHealth();
  health.inStep('lagging');
  expect(health.quarantined(10 ** 9)).toEqual(['lagging']);
  health.inStep('ahead');
  expect(health.quarantined(0)).toEqual(['ahead']);
  health.inStep(undefined);
  expect(health.quarantined(0)).toEqual([]);
  health.otherChain();
  health.answered();
  expect(health.quarantined(10 ** 9)).toEqual(['wrong chain']);
});
