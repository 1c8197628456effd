import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { openStore, type Store } from './store.ts';

type Event = { type: string; amount?: bigint };
type Vote = { digest: Hex; openBy: bigint };
type Quote = { intent: Hex; ask: bigint; bytes: Uint8Array };

const a: Hex = `0x${'aa'.repeat(32)}`;
const b: Hex = `0x${'bb'.repeat(32)}`;
const log = silentLogger();
let dir: string;
let store: Store<Event, Vote, Quote>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-store-'));
  store = await openStore({ dir: join(dir, 'state'), log });
});

afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

async function reopen(): Promise<void> {
  await store.close();
  store = await openStore({ dir: join(dir, 'state'), log });
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('orders keep their events in order, across reopening', async () => {
  await store.orders.append(b, 0, [{ type: 'landed', amount: 7n }]);
  await store.orders.append(a, 0, [{ type: 'announced' }, { type: 'awarded' }]);
  await store.orders.append(a, 2, [{ type: 'landed' }]);
  await reopen();
  expect(await store.orders.read(a)).toEqual([
    { type: 'announced' },
    { type: 'awarded' },
    { type: 'landed' },
  ]);
  expect(await collect(store.orders.all())).toEqual([
    { id: a, events: [{ type: 'announced' }, { type: 'awarded' }, { type: 'landed' }] },
    { id: b, events: [{ type: 'landed', amount: 7n }] },
  ]);
});

test('more than ten events keep their order', async () => {
  for (let index = 0; index < 12; index++) await store.orders.append(a, index, [{ type: String(index) }]);
  expect((await store.orders.read(a)).map(({ type }) => Number(type))).toEqual([...Array(12).keys()]);
});

test('an append to another version than expected changes nothing', async () => {
  await store.orders.append(a, 0, [{ type: 'one' }]);
  await expect(store.orders.append(a, 0, [{ type: 'two' }])).rejects.toMatchObject({
    code: 'CONFLICT',
    retry: true,
    meta: { expected: 0, got: 1 },
  });
  await expect(store.orders.append(a, 2, [{ type: 'two' }])).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await store.orders.read(a)).toEqual([{ type: 'one' }]);
});

test('of concurrent appends to one version, one wins', async () => {
  const tries = Array.from({ length: 8 }, (_, index) => store.orders.append(a, 0, [{ type: String(index) }]));
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await store.orders.read(a)).toHaveLength(1);
});

test('an unencodable event leaves the order as it was', async () => {
  const bad = { type: 'bad', amount: Number.NaN } as unknown as Event;
  await expect(store.orders.append(a, 0, [{ type: 'good' }, bad])).rejects.toMatchObject({
    code: 'UNENCODABLE',
  });
  expect(await store.orders.read(a)).toEqual([]);
});

test('a vote is cast once: again is fine, another is refused, unless the first no longer binds', async () => {
  const first: Vote = { digest: a, openBy: 100n };
  const second: Vote = { digest: b, openBy: 200n };
  await store.votes.put('key', first);
  await store.votes.put('key', { ...first });
  await expect(store.votes.put('key', second)).rejects.toMatchObject({ code: 'CONFLICT' });
  await reopen();
  expect(await store.votes.get('key')).toEqual(first);
  await store.votes.put('key', second, ({ openBy }) => openBy < 150n);
  expect(await store.votes.get('key')).toEqual(second);
  expect(await store.votes.get('other')).toBeUndefined();
});

test('of concurrent votes under one key, one is recorded', async () => {
  const outcomes = await Promise.allSettled(
    [a, b].map((digest) => store.votes.put('key', { digest, openBy: 1n })),
  );
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('quotes are found by digest and by intent', async () => {
  const quote: Quote = { intent: a, ask: 5n, bytes: new Uint8Array([1, 2]) };
  const other: Quote = { ...quote, intent: b };
  const digests = ['11', '22', '33'].map((byte): Hex => `0x${byte.repeat(32)}`);
  const [one, two, three] = digests as [Hex, Hex, Hex];
  await store.quotes.put(two, quote);
  await store.quotes.put(one, quote);
  await store.quotes.put(three, other);
  await reopen();
  expect(await store.quotes.get(three)).toEqual(other);
  expect(await store.quotes.get(a)).toBeUndefined();
  expect(await collect(store.quotes.forIntent(a))).toEqual([
    { digest: one, quote },
    { digest: two, quote },
  ]);
});

test('cursors are remembered', async () => {
  expect(await store.cursors.get('alpha')).toBeUndefined();
  await store.cursors.set('alpha', 12_345_678_901_234n);
  await reopen();
  expect(await store.cursors.get('alpha')).toBe(12_345_678_901_234n);
});

test('a data directory in use is refused', async () => {
  await expect(openStore({ dir: join(dir, 'state'), log })).rejects.toMatchObject({
    name: 'StoreError',
    code: 'LOCKED',
  });
});

test('a data directory of another version is refused, and let go', async () => {
  await store.close();
  const database = new Level(join(dir, 'state'));
  await database.sublevel('meta').put('schema', '999');
  await database.close();
  const again = () => openStore({ dir: join(dir, 'state'), log });
  await expect(again()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN', meta: { got: '999' } });
  await expect(again()).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' });
});

test('a database that is not ours is refused', async () => {
  const database = new Level(join(dir, 'foreign'));
  await database.put('key', 'value');
  await database.close();
  await expect(openStore({ dir: join(dir, 'foreign'), log })).rejects.toMatchObject({
    code: 'SCHEMA_UNKNOWN',
  });
});

test('a path that cannot be a directory is refused', async () => {
  await writeFile(join(dir, 'file'), '');
  await expect(openStore({ dir: join(dir, 'file', 'state'), log })).rejects.toMatchObject({
    code: 'UNREADABLE',
  });
});

test('a store that was closed says so, whatever is asked of it, and blames no disk', async () => {
  const failures: unknown[] = [];
  await store.close();
  const closed = await openStore<Event, Vote, Quote>({
    dir: join(dir, 'closed'),
    log,
    onFailure: (error) => failures.push(error),
  });
  const quote = { intent: a, ask: 1n, bytes: new Uint8Array() };
  await closed.orders.append(a, 0, [{ type: 'announced' }]);
  await closed.orders.append(b, 0, [{ type: 'announced' }]);
  await closed.quotes.put(b, quote);
  await closed.votes.put('first', { digest: a, openBy: 1n });
  const walk = closed.orders.all()[Symbol.asyncIterator]();
  await walk.next();
  const under = closed.cursors.set('head', 7n);
  const written = closed.orders.append(b, 1, [{ type: 'announced' }]);
  const closing = closed.close();
  await Promise.all([under.catch(() => undefined), written.catch(() => undefined), closing]);
  await closed.close();
  const questions: Record<string, () => Promise<unknown>> = {
    'orders.append': () => closed.orders.append(a, 1, [{ type: 'landed' }]),
    'orders.read': () => closed.orders.read(a),
    'orders.all': () => collect(closed.orders.all()),
    'orders.all, under way': () => collect({ [Symbol.asyncIterator]: () => walk }),
    'votes.put': () => closed.votes.put('second', { digest: a, openBy: 1n }),
    'votes.get': () => closed.votes.get('first'),
    'votes.prune': () => closed.votes.prune(() => true),
    'quotes.put': () => closed.quotes.put(a, quote),
    'quotes.get': () => closed.quotes.get(b),
    'quotes.forIntent': () => collect(closed.quotes.forIntent(a)),
    'quotes.prune': () => closed.quotes.prune(10n ** 15n, () => true),
    'competitions.read': () => closed.competitions.read(a),
    'competitions.list': () => collect(closed.competitions.list()),
    'competitions.prune': () => closed.competitions.prune(10n ** 15n, 0),
    'cursors.get': () => closed.cursors.get('head'),
    'cursors.set': () => closed.cursors.set('head', 8n),
    'transactions.all': () => closed.transactions('alpha').all(),
    'transactions.forget': () => closed.transactions('alpha').forget(1),
    compact: () => closed.compact(),
  };
  const codes = await Promise.all(
    Object.entries(questions).map(async ([name, ask]) => [
      name,
      await ask().then(
        () => 'answered',
        (error: unknown) => (error as { name?: string; code?: string }).code,
      ),
    ]),
  );
  expect(Object.fromEntries(codes)).toEqual(
    Object.fromEntries(Object.keys(questions).map((name) => [name, 'CLOSED'])),
  );
  expect(failures).toEqual([]);
});
