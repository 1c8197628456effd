import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { type Hex, numberToHex } from 'viem';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { encode } from '../src/store/encoding.ts';
import { openStore } from '../src/store/store.ts';
import { createWon, lifeOf } from '../test/orders.ts';
import { alternately, type Benchmark } from './measure.ts';

/** Orders that are written at the same time, and how many of each kind a repetition writes. */
const SIZES = { full: { alone: 20, together: 256 }, tiny: { alone: 1, together: 2 } } as const;

const BASELINE = 'raw puts of level, each with sync, as many at the same time, of the same encoded events';
const ROWS = { alone: 'events of one order at a time', together: 'events of many orders at once' };

/** Writes orders' events as a node does: one by one, each on disk before the next. */
export const append: Benchmark = {
  name: 'append',
  what: 'order events written to the store, each durable before it counts, by the wall clock',
  repetitions: 5,
  rows: Object.values(ROWS).map((name) => ({ name, unit: '/s', baseline: BASELINE })),
  async prepare(size) {
    const { alone, together } = SIZES[size];
    const root = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
    const store = await openStore<OrderEvent, unknown, { intent: Hex }>({
      dir: join(root, 'store'),
      log: silentLogger(),
    });
    const raw = new Level(join(root, 'raw'));
    await raw.open();
    const life = lifeOf(await createWon());
    let last = 0n;
    const newId = () => {
      last += 1n;
      return numberToHex(last, { size: 32 });
    };
    const appendLife = async () => {
      const id = newId();
      for (const [version, event] of life.entries()) await store.orders.append(id, version, [event]);
    };
    const putLife = async () => {
      const id = newId();
      for (const [version, event] of life.entries())
        await raw.put(`${id}!${version}`, encode(event), { sync: true });
    };
    const oneByOne = (write: () => Promise<void>) => () =>
      eventsPerSecond(alone * life.length, async () => {
        for (let order = 0; order < alone; order++) await write();
      });
    const atOnce = (write: () => Promise<void>) => () =>
      eventsPerSecond(together * life.length, async () => {
        await Promise.all(Array.from({ length: together }, write));
      });
    return {
      async repeat(turn) {
        const one = await alternately(turn, oneByOne(appendLife), oneByOne(putLife));
        const many = await alternately(turn, atOnce(appendLife), atOnce(putLife));
        return [
          { row: ROWS.alone, ...one },
          { row: ROWS.together, ...many },
        ];
      },
      async close() {
        await store.close();
        await raw.close();
        await rm(root, { recursive: true });
      },
    };
  },
};

async function eventsPerSecond(events: number, write: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await write();
  return (events / (performance.now() - began)) * 1_000;
}
