import { expect, test } from 'vitest';
import type { RelayerEvent } from './events.ts';
import { backoff, retried } from './retry.ts';

test('reports each failure and returns the first answer', async () => {
  const events: RelayerEvent[] = [];
  const { signal } = new AbortController();
  const reader = retried('alpha', { pollMs: 1, signal, onEvent: (event) => events.push(event) });
  let calls = 0;
  const answer = await reader.once(async () => {
    calls += 1;
    if (calls < 3) throw new TypeError(`down ${calls}`);
    return [];
  });
  expect(answer).toEqual([]);
  expect(events).toEqual([
    { event: 'rpc-failed', chain: 'alpha', attempt: 1, retryInMs: 250, reason: 'down 1' },
    { event: 'rpc-failed', chain: 'alpha', attempt: 2, retryInMs: 500, reason: 'down 2' },
  ]);
});

test('stops polling once aborted', async () => {
  const stop = new AbortController();
  const reader = retried('alpha', { pollMs: 1, signal: stop.signal, onEvent: () => undefined });
  const seen: number[] = [];
  for await (const value of reader.poll(async () => seen.length)) {
    seen.push(value);
    if (seen.length === 3) stop.abort();
  }
  expect(seen).toEqual([0, 1, 2]);
  expect(await reader.once(async () => 'late')).toBeUndefined();
});

test('waits twice as long after each failure, up to 5 seconds', () => {
  expect([1, 2, 3, 5, 6, 99].map(backoff)).toEqual([250, 500, 1_000, 4_000, 5_000, 5_000]);
});
