import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import { type Hex, numberToHex } from 'viem';
import { createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { createEngine } from '../src/orders/engine.ts';
import { encode } from '../src/store/encoding.ts';
import { openMark } from '../src/store/mark.ts';
import { keyOf } from '../src/store/orders.ts';
import { openStore } from '../src/store/store.ts';
import { createTable, type Operation, seal, sublevelOf } from '../src/store/table.ts';
import { createWriter } from '../src/store/writer.ts';
import { createWon, lifeOf } from '../test/orders.ts';
import { alternately, type Benchmark } from './measure.ts';

const SIZES = { full: 100_000, tiny: 20 } as const;
const ROW = 'from opening the store to every order known';

/**
 * Starts again over many past orders, as a node does: opens the store, checks its full journal, reads every
 * event, fold every order.
 */
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
    await fill(dir, orders);
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

/**
 * Writes the lives of past orders as the store does, a write an order, but encode the one life once, and
 * leaves it to the system when a write reaches the disk: both would take longer than everything that is
 * measured.
 */
async function fill(dir: string, orders: number): Promise<void> {
  await (await open(dir)).close();
  const database = new Level(dir, { createIfMissing: false });
  await database.open();
  const mark = openMark(dir, 0);
  const writer = createWriter({
    database: unsynced(database),
    mark,
    sequence: 0,
    onFailure: () => undefined, // every commit is refused then
  });
  const sublevel = sublevelOf(database, 'orders');
  const touched = createTable<bigint>(database, 'orders-touched', () => undefined);
  const life = lifeOf(await createWon()).map(encode);
  for (let order = 1; order <= orders; order++) {
    const id = numberToHex(order, { size: 32 });
    const events = life.map((event, version): Operation => {
      const key = keyOf(id, version);
      return { type: 'put', sublevel, key, value: seal('orders', key, event) };
    });
    await writer.commit([...events, touched.put(id, 0n)]);
  }
  await database.close();
  mark.close();
  const store = await open(dir);
  await store.compact();
  await store.close();
}

/** Lets writes to a database return before they are on disk. */
function unsynced(database: Level): Level {
  const batch: (operations: Operation[], options: { sync: boolean }) => Promise<void> =
    database.batch.bind(database);
  return Object.assign(database, {
    batch: (operations: Operation[]) => batch(operations, { sync: false }),
  });
}

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
    telemetry: { log, metrics: createCounters() },
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
