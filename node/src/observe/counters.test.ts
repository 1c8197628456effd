import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createCounters } from './counters.ts';

test('counts by name and labels, whatever the order of labels', () => {
  const counters = createCounters();
  counters.count('vote_withheld');
  counters.count('stage_failed', { code: '1', stage: '2' });
  counters.count('stage_failed', { stage: '2', code: '1' });
  expect(counters.snapshot()).toEqual({ 'stage_failed{code="1",stage="2"}': 2, vote_withheld: 1 });
});

test('the number of series is bounded', () => {
  const counters = createCounters();
  for (let index = 0; index < 3_000; index++) counters.count('assess_failed', { reason: String(index) });
  expect(Object.keys(counters.snapshot())).toHaveLength(2_001);
  expect(counters.snapshot().overflow).toBe(1_000);
});

test('counters appear in a Prometheus registry, with its names', async () => {
  const registry = new Registry();
  const counters = createCounters(registry);
  counters.count('quote_sent', { mode: 'local' });
  counters.count('quote_sent', { mode: 'local' });
  counters.count('quote_failed');
  // @ts-expect-error The catalogue gives this counter no label.
  counters.count('quote_failed', { surprise: 'label' });
  const text = await registry.metrics();
  expect(text).toContain('# TYPE gavel_quote_sent_total counter');
  expect(text).toContain('gavel_quote_sent_total{mode="local"} 2');
  expect(text).toContain('gavel_quote_failed_total 2');
});

test('what overflows is counted under its own name', async () => {
  const registry = new Registry();
  const counters = createCounters(registry);
  for (let index = 0; index < 2_010; index++) counters.count('assess_failed', { reason: String(index) });
  expect(await registry.metrics()).toContain('gavel_overflow_total 10');
});
