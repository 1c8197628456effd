import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createArena } from '../../test/arena.ts';
import type { CompetitionEntry } from '../auction/competition.ts';
import { silentLogger } from '../observe/logger.ts';
import { openStore, type Store } from './store.ts';

type Tested = Store<object, object, { intent: Hex }>;

let root: string;
let store: Tested;
const open = async () => {
  store = await openStore({ dir: join(root, 'store'), log: silentLogger() });
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gavel-competitions-'));
  await open();
});
afterEach(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

const idOf = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;

async function opening(at: bigint, market = 'arena'): Promise<CompetitionEntry> {
  const { intent } = await createArena().intent();
  return { type: 'intent', at, market, chain: 'alpha', positionKey: idOf(9), intent, needed: 2 };
}

const refused = (at: bigint): CompetitionEntry => ({
  type: 'refused',
  at,
  from: 'peer',
  code: 'OFF_TICK',
  signed: createArena().quote('x', idOf(1)),
});

async function listed(range?: Parameters<Tested['competitions']['list']>[0]): Promise<number[]> {
  const found: number[] = [];
  for await (const { intent } of store.competitions.list(range)) found.push(Number(intent));
  return found;
}

test('a record is there as it was added to, over restarts, however much comes at once', async () => {
  const first = await opening(5n);
  const entries = Array.from({ length: 40 }, (_, index) => refused(BigInt(index)));
  await Promise.all([
    store.competitions.append(idOf(1), [first]),
    ...entries.map((entry) => store.competitions.append(idOf(1), [entry])),
    store.competitions.append(idOf(2), [await opening(6n, 'other')]),
  ]);
  await store.close();
  await open();
  expect(await store.competitions.read(idOf(1))).toEqual([first, ...entries]);
  expect(await store.competitions.read(idOf(3))).toEqual([]);
});

test('auctions are listed by when they were seen, page by page, down to a time', async () => {
  for (const [number, at] of [
    [1, 30n],
    [2, 10n],
    [3, 20n],
  ] as const)
    await store.competitions.append(idOf(number), [await opening(at)]);
  expect(await listed()).toEqual([1, 3, 2]);
  expect(await listed({ since: 20n })).toEqual([1, 3]);
  for await (const { key, ...heading } of store.competitions.list()) {
    expect(heading).toMatchObject({ intent: idOf(1), market: 'arena', openBy: expect.any(BigInt) });
    expect(await listed({ before: key })).toEqual([3, 2]);
    break;
  }
});

test('what is old, and the oldest beyond a number, is forgotten whole', async () => {
  for (let number = 1; number <= 6; number++) {
    await store.competitions.append(idOf(number), [await opening(BigInt(number * 10)), refused(1n)]);
  }
  expect(await store.competitions.prune(25n, 100)).toBe(2);
  expect(await listed()).toEqual([6, 5, 4, 3]);
  expect(await store.competitions.prune(0n, 3)).toBe(1);
  expect(await listed()).toEqual([6, 5, 4]);
  expect(await store.competitions.read(idOf(3))).toEqual([]);
  expect(await store.competitions.read(idOf(4))).toHaveLength(2);
  expect(await store.competitions.prune(0n, 3)).toBe(0);
});
