import { expect, test } from 'vitest';
import { createFairQueue, type Waiting } from './fair-queue.ts';
import type { TopicName } from './validation.ts';

/** A line whose judgements end when told to. */
function lineOf(limits: { inFlight: number; waiting: number }) {
  const line = createFairQueue(limits);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const waiting = (topic: TopicName, name: string): Waiting => ({
    topic,
    begin: () => {
      begun.push(name);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  return {
    begun,
    enter: (topic: TopicName, name: string, peer: string) => line.enter(waiting(topic, name), peer),
    line,
    waiting,
    /** Ends what was begun first, and lets what follows begin. */
    async end() {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('every other turn is the awards, whatever else waits, and no topic is starved', async () => {
  const { begun, enter, end } = lineOf({ inFlight: 64, waiting: 64 });
  enter('intents', 'first', 'p');
  for (let index = 0; index < 4; index++) {
    enter('quotes', `quote ${index}`, 'p');
    enter('intents', `intent ${index}`, 'p');
    enter('awards', `award ${index}`, 'p');
  }
  for (let index = 0; index < 13; index++) await end();
  const places = (kind: string) => begun.flatMap((name, place) => (name.startsWith(kind) ? [place] : []));
  expect(begun).toHaveLength(13);
  expect(Math.max(...places('award'))).toBeLessThanOrEqual(8);
  expect(Math.min(...places('quote'))).toBeLessThanOrEqual(4);
});

test('a peer that sends much waits for itself alone', async () => {
  const { begun, enter, end } = lineOf({ inFlight: 2, waiting: 256 });
  for (let index = 0; index < 100; index++) enter('awards', `flood ${index}`, 'flooder');
  enter('awards', 'honest', 'honest');
  await end();
  expect(begun.slice(0, 3)).toContain('honest');
});

test('however many flood, there is room for one more, to wait and to be judged', () => {
  const { begun, enter } = lineOf({ inFlight: 256, waiting: 512 });
  for (let round = 0; round < 400; round++)
    for (let peer = 0; peer < 37; peer++) enter('quotes', `flood ${round}`, `flooder ${peer}`);
  expect(enter('quotes', 'honest', 'honest')).toBe(true);
  expect(enter('quotes', 'too much', 'flooder 0')).toBe(false);
  expect(begun.length).toBeLessThan(256);
});

test('what another peer has sent as well does not wait behind the first peer', async () => {
  const { begun, enter, line, waiting, end } = lineOf({ inFlight: 2, waiting: 256 });
  for (let index = 0; index < 50; index++) enter('awards', `flood ${index}`, 'flooder');
  const held = waiting('awards', 'held back');
  line.enter(held, 'flooder');
  line.enter(held, 'honest');
  for (let index = 0; index < 60; index++) await end();
  expect(begun.indexOf('held back')).toBeLessThanOrEqual(2);
  expect(begun.filter((name) => name === 'held back')).toHaveLength(1);
});
