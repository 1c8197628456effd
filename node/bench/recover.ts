import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { type Hex, numberToHex } from 'viem';
import { createEngine } from '../src/flow/engine.ts';
import { createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { openStore } from '../src/store/store.ts';
import { createWon, lifeOf } from '../test/orders.ts';
import { alternately, type Benchmark } from './measure.ts';

const SIZES = { full: 100_000, tiny: 20 } as const;
/** Orders written together while the database is filled. */
const TOGETHER = 256;
const ROW = 'from opening the store to every order known';

/** Start again over many past orders, as a node does: open the store, check its journal, read every event, fold every order. */
export const recover: Benchmark = {
  name: 'recover',
  what: 'a node’s records read back after a restart, 100,000 orders with all their events',
  repetitions: 3,
  rows: [
    {
      name: ROW,
      unit: 'ms',
      baseline: 'opening the same database with level and reading every key and value',
    },
  ],
  async prepare(size) {
    const root = await mkdtemp(join(tmpdir(), 'gavel-bench-'));
    const dir = join(root, 'store');
    const orders = SIZES[size];
    const store = await open(dir);
    const life = lifeOf(await createWon());
    for (let from = 0; from < orders; from += TOGETHER) {
      const ids = Array.from({ length: Math.min(TOGETHER, orders - from) }, (_, place) =>
        numberToHex(from + place + 1, { size: 32 }),
      );
      await Promise.all(ids.map((id) => store.orders.append(id, 0, life)));
    }
    await store.compact();
    await store.close();
    return {
      async repeat(turn) {
        const figures = await alternately(
          turn,
          () => recoverAll(dir, orders),
          () => readAll(dir),
        );
        return [{ row: ROW, ...figures }];
      },
      close: () => rm(root, { recursive: true }),
    };
  },
};

function open(dir: string) {
  return openStore<OrderEvent, unknown, { intent: Hex }>({ dir, log: silentLogger() });
}

async function recoverAll(dir: string, expected: number): Promise<number> {
  const began = performance.now();
  const store = await open(dir);
  const log = silentLogger();
  const engine = createEngine({
    orders: store.orders,
    onRecorded: () => undefined,
    onChanged: () => undefined,
    log,
    counters: createCounters(),
  });
  await engine.load();
  const took = performance.now() - began;
  await store.close();
  if (engine.all().length !== expected) throw new TypeError(`${engine.all().length} orders came back`);
  return took;
}

async function readAll(dir: string): Promise<number> {
  const began = performance.now();
  const database = new Level(dir, { createIfMissing: false });
  await database.open();
  for await (const _ of database.iterator());
  const took = performance.now() - began;
  await database.close();
  return took;
}
