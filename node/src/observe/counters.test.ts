import { expect, test } from 'vitest';
import { createCounters } from './counters.ts';

test('counts by name and labels, whatever the order of labels', () => {
  const counters = createCounters();
  counters.count('b');
  counters.count('a', { x: '1', y: '2' });
  counters.count('a', { y: '2', x: '1' });
  expect(counters.snapshot()).toEqual({ 'a{x="1",y="2"}': 2, b: 1 });
});

test('the number of series is bounded', () => {
  const counters = createCounters();
  for (let index = 0; index < 3_000; index++) counters.count('a', { index: String(index) });
  expect(Object.keys(counters.snapshot())).toHaveLength(2_001);
  expect(counters.snapshot().overflow).toBe(1_000);
});
