import { expect, test } from 'vitest';
import { createStanding } from './health.ts';

/** Nothing is spread: 0.5 is the middle of every wait. */
const MIDDLE = 0.5;

test('three failures in a row put an endpoint aside, one answer brings it back', () => {
  const standing = createStanding();
  standing.failed(0, MIDDLE);
  standing.failed(1, MIDDLE);
  expect(standing.aside(2)).toEqual([]);
  standing.failed(2, MIDDLE);
  expect(standing.aside(3)).toEqual(['failing']);
  expect(standing.until('failing', 3)).toBe(502);
  standing.answered();
  expect(standing.aside(4)).toEqual([]);
});

test('waits grow with repetition up to their most, and are spread by chance', () => {
  const standing = createStanding();
  let now = 0;
  const waits = Array.from({ length: 10 }, () => {
    standing.limited(now, MIDDLE);
    const wait = standing.until('rate limited', now) - now;
    now += wait;
    return wait;
  });
  expect(waits.slice(0, 3)).toEqual([500, 1_000, 2_000]);
  expect(waits.at(-1)).toBe(60_000);
  const [early, late] = [0, 0.999].map((chance) => {
    const other = createStanding();
    other.limited(0, chance);
    return other.until('rate limited', 0);
  });
  expect(early).toBe(375);
  expect(late).toBeGreaterThan(620);
});

test('refusals of requests that were under way together count once, and a named time is respected', () => {
  const standing = createStanding();
  standing.limited(0, MIDDLE, 5_000);
  standing.limited(10, MIDDLE);
  standing.limited(20, MIDDLE);
  expect(standing.until('rate limited', 20)).toBe(5_000);
  expect(standing.aside(5_000)).toEqual([]);
});

test('a liar is put aside for longer each time, and only long good conduct clears its name', () => {
  const standing = createStanding();
  expect(standing.dissented(0, MIDDLE)).toBe(true);
  expect(standing.dissented(1, MIDDLE)).toBe(false);
  expect(standing.until('dissenting', 1)).toBe(5_000);
  expect(standing.dissented(5_000, MIDDLE)).toBe(true);
  expect(standing.until('dissenting', 5_000)).toBe(15_000);
  standing.agreed(20_000); // one truth between two lies
  standing.dissented(20_000, MIDDLE);
  expect(standing.until('dissenting', 20_000)).toBe(40_000);
  standing.agreed(640_000);
  standing.dissented(640_000, MIDDLE);
  expect(standing.until('dissenting', 640_000)).toBe(645_000);
});

test('an endpoint out of step is aside until it is in step, one of another chain for good', () => {
  const standing = createStanding();
  standing.inStep('lagging');
  expect(standing.aside(10 ** 9)).toEqual(['lagging']);
  standing.inStep('ahead');
  expect(standing.aside(0)).toEqual(['ahead']);
  standing.inStep(undefined);
  expect(standing.aside(0)).toEqual([]);
  standing.otherChain();
  standing.answered();
  expect(standing.aside(10 ** 9)).toEqual(['wrong chain']);
});
