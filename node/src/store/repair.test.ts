import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createArena } from '../../test/arena.ts';
import type { CompetitionEntry } from '../auction/competition.ts';
import { silentLogger } from '../observe/logger.ts';
import { repairStore } from './repair.ts';
import { openStore, type Store } from './store.ts';

type Event = { readonly type: string; readonly filler: string };
type Vote = { readonly digest: Hex; readonly openBy: bigint };
type Quote = { readonly intent: Hex; readonly ask: bigint };
type Tested = Store<Event, Vote, Quote>;

const NOW = 1_800_000_000_000n;
const log = silentLogger();
let root: string;
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gavel-repair-'));
  dir = join(root, 'store');
});
afterEach(() => rm(root, { recursive: true }));

async function use<T>(task: (store: Tested) => Promise<T>): Promise<T> {
  const store: Tested = await openStore({ dir, log });
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

const idOf = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;
const repair = (fromChain = false) => repairStore({ dir, log, now: NOW, fromChain });

/** Makes `orders` orders of three events, and a vote and a quote for each. */
const fill = (orders: number) =>
  use(async (store) => {
    for (let number = 0; number < orders; number++) {
      const id = idOf(number);
      const events = [0, 1, 2].map((version) => ({ type: String(version), filler: 'f'.repeat(200) }));
      await store.orders.append(id, 0, events);
      await store.votes.put(`${id}:1`, { digest: id, openBy: 5n });
      await store.quotes.put(id, { intent: id, ask: 1n });
      await store.competitions.append(id, [await openingOf(number), { type: 'overflow', at: 5n }]);
      await store.cursors.set('alpha', BigInt(number));
    }
  });

async function openingOf(number: number): Promise<CompetitionEntry> {
  const { intent } = await createArena().intent();
  const parts = { market: 'arena', chain: 'alpha', positionKey: idOf(number), needed: 2 };
  return { type: 'intent', at: BigInt(number), intent, ...parts };
}

const contents = () =>
  use(async (store) => {
    const orders: { id: Hex; events: number }[] = [];
    for await (const { id, events } of store.orders.all()) orders.push({ id, events: events.length });
    const quotes: Hex[] = [];
    for await (const { digest } of store.quotes.all()) quotes.push(digest);
    const auctions: number[] = [];
    for await (const { intent } of store.competitions.list())
      auctions.push((await store.competitions.read(intent)).length);
    return { orders, quotes, auctions, cursor: await store.cursors.get('alpha'), lostAt: store.lostAt };
  });

test('sound records are left alone, and so is a place without any', async () => {
  expect(await repair()).toEqual({ kind: 'sound' });
  await fill(2);
  expect(await repair()).toEqual({ kind: 'sound' });
  expect(await contents()).toMatchObject({ cursor: 1n, lostAt: undefined });
  expect((await readdir(root)).sort()).toEqual(['store', 'store.mark']);
});

test('of a log that lost its end everything before is saved, chains are read anew, the loss is noted for good', async () => {
  await fill(50);
  const [name = ''] = (await readdir(dir)).filter((file) => file.endsWith('.log'));
  const { length } = await readFile(join(dir, name));
  await truncate(join(dir, name), Math.floor(length / 2));
  await expect(contents()).rejects.toMatchObject({ code: 'DAMAGED' });
  const result = await repair();
  expect(result).toMatchObject({ kind: 'repaired', lostAt: NOW, kept: `${dir}.damaged-${NOW}` });
  const { orders, quotes, cursor, lostAt } = await contents();
  expect(orders.length).toBeGreaterThan(15);
  expect(orders.length).toBeLessThan(50);
  expect(orders.every(({ events }) => events === 3)).toBe(true);
  expect(quotes.length).toBeGreaterThan(15);
  expect(cursor).toBeUndefined();
  expect(lostAt).toBe(NOW);
  expect(await readdir(`${dir}.damaged-${NOW}`)).toContain('CURRENT');
  // Sound now, and used like any other; what was lost stays lost.
  expect(await repair()).toEqual({ kind: 'sound' });
  await use((store) => store.orders.append(idOf(999), 0, [{ type: 'new', filler: '' }]));
  expect(await contents()).toMatchObject({ lostAt: NOW });
});

test('of an order that lacks an event, those before are saved', async () => {
  await fill(2);
  const database = new Level(dir);
  const sublevel = database.sublevel('orders');
  await database.batch([{ type: 'del', sublevel, key: `${idOf(0)}!00000001` }]);
  await database.close();
  expect(await repair()).toMatchObject({
    unreadable: 1,
    saved: { orders: 2, events: 4, votes: 2, quotes: 2, auctions: 2 },
  });
  expect((await contents()).orders).toEqual([
    { id: idOf(0), events: 1 },
    { id: idOf(1), events: 3 },
  ]);
});

test('without an index the database finds its records again', async () => {
  await fill(3);
  await rm(join(dir, 'CURRENT'));
  await expect(contents()).rejects.toMatchObject({ code: 'DAMAGED' });
  expect(await repair()).toMatchObject({ saved: { orders: 3, votes: 3, quotes: 3 } });
  expect((await contents()).orders).toHaveLength(3);
});

test('a store that is gone is begun anew, with the loss noted', async () => {
  await fill(3);
  await rm(dir, { recursive: true });
  expect(await repair()).toMatchObject({ kind: 'repaired', kept: undefined, saved: { orders: 0 } });
  expect(await contents()).toMatchObject({ orders: [], lostAt: NOW });
});

test('on request nothing is saved', async () => {
  await fill(3);
  expect(await repair(true)).toMatchObject({ kind: 'repaired', saved: { orders: 0, votes: 0 } });
  expect(await contents()).toMatchObject({ orders: [], lostAt: NOW });
});

test('files that are not even a database are quarantined', async () => {
  await fill(3);
  for (const file of await readdir(dir)) if (file !== 'LOCK') await writeFile(join(dir, file), 'noise');
  await expect(contents()).rejects.toMatchObject({ code: 'DAMAGED' });
  expect(await repair()).toMatchObject({ kind: 'repaired', saved: { orders: 0 } });
  expect(await contents()).toMatchObject({ orders: [], lostAt: NOW });
});

test('a store in use is not touched', async () => {
  await use(async () => {
    await expect(repair()).rejects.toMatchObject({ code: 'LOCKED' });
    await expect(repair(true)).rejects.toMatchObject({ code: 'LOCKED' });
  });
});
