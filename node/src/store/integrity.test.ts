import { copyFile, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { encode } from './encoding.ts';
import { markFile } from './mark.ts';
import { openStore, type Store } from './store.ts';

type Event = { readonly type: string; readonly filler: string };
type Vote = { readonly digest: Hex; readonly openBy: bigint };
type Quote = { readonly intent: Hex; readonly ask: bigint };
type Tested = Store<Event, Vote, Quote>;

const order: Hex = `0x${'aa'.repeat(32)}`;
const log = silentLogger();
let root: string;
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gavel-integrity-'));
  dir = join(root, 'store');
});
afterEach(() => rm(root, { recursive: true }));

const open = (): Promise<Tested> => openStore({ dir, log });

async function use<T>(task: (store: Tested) => Promise<T>): Promise<T> {
  const store = await open();
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function fill(events: number): Promise<void> {
  await use(async (store) => {
    for (let version = 0; version < events; version++) {
      await store.orders.append(order, version, [{ type: String(version), filler: 'f'.repeat(400) }]);
    }
  });
}

async function only(ending: string): Promise<string> {
  const [file] = (await readdir(dir)).filter((name) => name.endsWith(ending)).sort();
  if (file === undefined) throw new TypeError(`no ${ending} file`);
  return join(dir, file);
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  await writeFile(file, bytes);
}

const DAMAGED = { name: 'StoreError', code: 'DAMAGED' };

test('a log that lost its end is refused', async () => {
  await fill(40);
  const file = await only('.log');
  const { length } = await readFile(file);
  await truncate(file, length - 600);
  await expect(open()).rejects.toMatchObject(DAMAGED);
  await expect(open()).rejects.toMatchObject(DAMAGED);
});

test('a log that is damaged in its middle is refused, though the database itself passes over it', async () => {
  await fill(200);
  const file = await only('.log');
  await flip(file, 40_000);
  await expect(open()).rejects.toMatchObject(DAMAGED);
});

test('an older copy of the database is refused', async () => {
  await fill(3);
  await cp(dir, join(root, 'old'), { recursive: true });
  await use((store) => store.votes.put('key', { digest: order, openBy: 1n }));
  await rm(dir, { recursive: true });
  await cp(join(root, 'old'), dir, { recursive: true });
  await expect(open()).rejects.toMatchObject({ ...DAMAGED, meta: { found: 'writes 4 to 4 are missing' } });
});

test('a database that is gone is not made anew in silence', async () => {
  await fill(3);
  await rm(dir, { recursive: true });
  await expect(open()).rejects.toMatchObject(DAMAGED);
});

test('a database without its index is refused, and its files are left alone', async () => {
  await fill(3);
  await rm(join(dir, 'CURRENT'));
  await rm(markFile(dir));
  const before = (await readdir(dir)).filter((name) => name.endsWith('.log'));
  await expect(open()).rejects.toMatchObject(DAMAGED);
  expect(await readdir(dir)).toEqual(expect.arrayContaining(before));
});

test('a mark that is unreadable, or missing, is refused', async () => {
  await fill(3);
  await copyFile(markFile(dir), join(root, 'mark'));
  await writeFile(markFile(dir), 'gavel');
  await expect(open()).rejects.toMatchObject(DAMAGED);
  await rm(markFile(dir));
  await expect(open()).rejects.toMatchObject(DAMAGED);
  await copyFile(join(root, 'mark'), markFile(dir));
  expect(await use((store) => store.orders.read(order))).toHaveLength(3);
});

test.each(['orders', 'votes'])('a record of %s that was changed is refused', async (table) => {
  await fill(1);
  await use((store) => store.votes.put('key', { digest: order, openBy: 1n }));
  const database = new Level(dir);
  const sublevel = database.sublevel(table);
  for await (const [key, value] of sublevel.iterator()) {
    await database.batch([
      { type: 'put', sublevel, key, value: value.replace('aa', 'ab').replace('ff', 'fg') },
    ]);
  }
  await database.close();
  const reading = async () => use((store) => store.orders.read(order));
  await expect(reading()).rejects.toMatchObject(DAMAGED);
});

test('an order that lacks an event is refused', async () => {
  await fill(3);
  const database = new Level(dir);
  const sublevel = database.sublevel('orders');
  await database.batch([{ type: 'del', sublevel, key: `${order}!00000001` }]);
  await database.close();
  await expect(use((store) => store.orders.read(order))).rejects.toMatchObject({
    ...DAMAGED,
    meta: { found: expect.stringContaining('event 1') },
  });
});

test('a start that was interrupted before anything was written is gone on with', async () => {
  await use(async () => undefined);
  await rm(markFile(dir));
  await rm(join(dir, 'CURRENT'));
  for (const name of await readdir(dir)) if (/\.(ldb|log)$/.test(name)) await rm(join(dir, name));
  await fill(1);
});

/** Writes records as version 1 did: without checksums, times and a mark. */
async function writeVersion1(): Promise<void> {
  const database = new Level(dir);
  const put = async (table: string, key: string, value: string) => database.sublevel(table).put(key, value);
  await put('meta', 'schema', '1');
  await put('orders', `${order}!00000000`, encode({ type: 'landed', filler: 'x' }));
  await put('votes', 'key', encode({ digest: order, openBy: 5n }));
  await put('quotes', order, encode({ intent: order, ask: 7n }));
  await put('quotes-by-intent', `${order}!${order}`, '');
  await put('cursors', 'alpha', encode(9n));
  await database.close();
}

test('records of version 1 are rewritten, and rewriting may be interrupted', async () => {
  await writeVersion1();
  const check = () =>
    use(async (store) => {
      expect(await store.orders.read(order)).toEqual([{ type: 'landed', filler: 'x' }]);
      expect(await store.votes.get('key')).toEqual({ digest: order, openBy: 5n });
      expect(await collect(store.quotes.forIntent(order))).toHaveLength(1);
      expect(await store.cursors.get('alpha')).toBe(9n);
      expect(await store.quotes.prune(0n, () => true)).toBe(0);
    });
  await check();
  // As if the last step, which marks the version, had not come through.
  const database = new Level(dir);
  await database.sublevel('meta').put('schema', '1');
  await database.sublevel('cursors').put('alpha', encode(9n));
  await database.close();
  await check();
});

test('old and finished records are forgotten, others kept, and what is kept still holds together', async () => {
  let now = 1_000n;
  const store: Tested = await openStore({ dir, log, now: () => now });
  const young: Hex = `0x${'bb'.repeat(32)}`;
  const open: Hex = `0x${'cc'.repeat(32)}`;
  const append = (id: Hex) => store.orders.append(id, 0, [{ type: 'one', filler: '' }]);
  await append(order);
  await append(open);
  await store.quotes.put(order, { intent: order, ask: 1n });
  await store.quotes.put(open, { intent: open, ask: 1n });
  now = 2_000n;
  await append(young);
  await store.quotes.put(young, { intent: young, ask: 1n });
  await store.votes.put('old', { digest: order, openBy: 5n });
  await store.votes.put('new', { digest: order, openBy: 50n });
  expect(await store.orders.prune(2_000n, (id) => id !== open)).toEqual([order]);
  expect(await store.quotes.prune(2_000n, ({ intent }) => intent !== open)).toBe(1);
  expect(await store.votes.prune(({ openBy }) => openBy < 10n)).toBe(1);
  await store.compact();
  await store.close();
  await use(async (again) => {
    const ids = (await collect(again.orders.all())).map(({ id }) => id);
    expect(ids).toEqual([young, open]);
    expect(await again.orders.read(order)).toEqual([]);
    expect(await again.quotes.get(order)).toBeUndefined();
    expect(await collect(again.quotes.forIntent(order))).toEqual([]);
    expect(await collect(again.quotes.all())).toHaveLength(2);
    expect(await again.votes.get('old')).toBeUndefined();
    expect(await again.votes.get('new')).toBeDefined();
  });
});
