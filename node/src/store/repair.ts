import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import type { IntentDigest } from '@gavel/protocol';
import { Level } from 'level';
import type { Hex } from 'viem';
import type { CompetitionEntry } from '../auction/competition.ts';
import type { Logger } from '../observe/logger.ts';
import { type Heading, recordEntries } from './competitions.ts';
import { decode } from './encoding.ts';
import { openFailure, StoreError } from './errors.ts';
import { markFile, openMark, removeMark } from './mark.ts';
import { keyOf, placeOf } from './orders.ts';
import { recordQuote } from './quotes.ts';
import { migrate, readSchema, SCHEMA_VERSION } from './schema.ts';
import { openStore } from './store.ts';
import { createTable, type Operation, sublevelOf, unseal } from './table.ts';
import { createWriter } from './writer.ts';

/** What a repair came to. Counts are of records that were saved, and of those that could not be. */
export type Repair =
  | { readonly kind: 'sound' }
  | {
      readonly kind: 'repaired';
      /** Where the damaged store is kept; undefined if it was gone. */
      readonly kept: string | undefined;
      readonly saved: {
        orders: number;
        events: number;
        votes: number;
        quotes: number;
        auctions: number;
        transactions: number;
      };
      readonly unreadable: number;
      /** Unix milliseconds: what was signed before then may be missing. */
      readonly lostAt: bigint;
    };

type Saved = Extract<Repair, { kind: 'repaired' }>['saved'];
type AnyRecord = { readonly intent: IntentDigest };

/** Changes written together. */
const TOGETHER = 256;

/**
 * Brings a store that is refused as damaged back into use: save what is readable into a new one, keeps the
 * old one beside it, and note when records were lost, so that nothing contradicts what they may have said.
 * Chains are read from their start again, which brings back everything that happened on them. With
 * `fromChain` nothing is saved. Throws LOCKED, SCHEMA_UNKNOWN, DISK_FULL, READ_ONLY or UNREADABLE, and has
 * changed nothing then.
 */
export async function repairStore(options: {
  readonly dir: string;
  readonly log: Logger;
  readonly fromChain?: boolean;
  /** Unix milliseconds. */
  readonly now: bigint;
}): Promise<Repair> {
  const { dir, log, fromChain = false, now } = options;
  if (!fromChain && (await isSound(dir, log))) return { kind: 'sound' };
  const isThere = await exists(dir);
  if (isThere) await refuseIfLocked(dir);
  const fresh = `${dir}.repaired`;
  const copy = `${dir}.reading`;
  for (const leftover of [fresh, copy]) await rm(leftover, { recursive: true, force: true });
  removeMark(fresh);

  const saved: Saved = { orders: 0, events: 0, votes: 0, quotes: 0, auctions: 0, transactions: 0 };
  let unreadable = 0;
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const target = await openLevel(fresh);
  const mark = openMark(fresh, 0);
  let sequence = 0;
  try {
    await migrate(target, log);
    const writer = createWriter({
      database: target,
      mark: {
        ...mark,
        move(to) {
          sequence = to;
          mark.move(to);
        },
      },
      sequence: 0,
      onFailure: () => undefined,
    });
    const losses = createTable<bigint>(target, 'losses', () => undefined);
    await writer.commit([losses.put('lost', now)]);
    if (isThere && !fromChain) {
      // The database's own repair changes files: it gets a copy.
      await cp(dir, copy, { recursive: true });
      unreadable = await salvage({ from: copy, to: target, commit: writer.commit, saved, now });
      await rm(copy, { recursive: true });
    }
    await writer.close();
  } finally {
    await target.close();
    mark.close();
  }
  const kept = isThere ? `${dir}.damaged-${now}` : undefined;
  if (kept !== undefined) await rename(dir, kept);
  // Until the end the old mark says that records are missing: a repair that is interrupted here is done
  // again, from chains alone.
  await rename(fresh, dir);
  openMark(dir, sequence).close();
  removeMark(fresh);
  log.warn({ dir, kept, ...saved, unreadable }, 'records repaired');
  return { kind: 'repaired', kept, saved, unreadable, lostAt: now };
}

async function isSound(dir: string, log: Logger): Promise<boolean> {
  if (!(await exists(dir)) && !(await exists(markFile(dir)))) return true;
  try {
    const store = await openStore<object, object, AnyRecord>({ dir, log });
    try {
      for await (const _ of store.orders.all());
      for await (const _ of store.quotes.all());
    } finally {
      await store.close();
    }
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'DAMAGED') return false;
    throw error;
  }
}

async function refuseIfLocked(dir: string): Promise<void> {
  const database = new Level(dir, { createIfMissing: false });
  try {
    await database.open();
  } catch (cause) {
    const error = openFailure(cause, dir);
    if (error.code === 'LOCKED') throw error;
    return; // it does not open: that is why it is repaired
  }
  await database.close();
}

async function salvage(options: {
  readonly from: string;
  readonly to: Level;
  readonly commit: (operations: readonly Operation[]) => Promise<void>;
  readonly saved: Saved;
  readonly now: bigint;
}): Promise<number> {
  const { from, to, commit, saved, now } = options;
  await putInOrder(from);
  const source = await openLevel(from);
  let unreadable = 0;
  try {
    // A version that is unreadable was most likely this one: a checksum decides on each record anyway.
    const version = (await readSchema(source).catch(() => undefined)) ?? SCHEMA_VERSION;
    const table = <Value>(name: string) => createTable<Value>(to, name, () => undefined);
    const read = (name: string) => readable(source, name, version, () => (unreadable += 1));
    const put = createBatcher(commit);

    const orders = table('orders');
    const touched = table<bigint>('orders-touched');
    let order: { id: Hex; next: number } | undefined;
    for await (const [key, event] of read('orders')) {
      const { id, version: place } = placeOf(key);
      if (order?.id !== id) order = { id, next: 0 };
      // Events after a gap mean something else without those before.
      if (place !== order.next) {
        unreadable += 1;
        continue;
      }
      if (order.next === 0) saved.orders += 1;
      order.next += 1;
      saved.events += 1;
      await put([orders.put(keyOf(id, place), event), touched.put(id, now)]);
    }
    const votes = table('votes');
    for await (const [key, vote] of read('votes')) {
      saved.votes += 1;
      await put([votes.put(key, vote)]);
    }
    const quotes = {
      byDigest: table<AnyRecord>('quotes'),
      byIntent: table<null>('quotes-by-intent'),
      byTime: table<null>('quotes-by-time'),
    };
    for await (const [digest, quote] of read('quotes')) {
      saved.quotes += 1;
      await put(recordQuote(quotes, digest as Hex, quote as AnyRecord, now));
    }
    const competitions = {
      entries: table<CompetitionEntry>('competitions'),
      byTime: table<Heading>('competitions-by-time'),
    };
    let auction: { intent: IntentDigest; length: number } | undefined;
    for await (const [key, entry] of read('competitions')) {
      const { id: intent } = placeOf(key);
      if (auction?.intent !== intent) auction = { intent, length: 0 };
      // An auction without its opening would be in no list, and never be forgotten.
      if (auction.length === 0 && (entry as CompetitionEntry).type !== 'intent') {
        unreadable += 1;
        continue;
      }
      if (auction.length === 0) saved.auctions += 1;
      await put(recordEntries(competitions, intent, auction.length, [entry as CompetitionEntry]));
      auction.length += 1;
    }
    const transactions = table('transactions');
    for await (const [key, entry] of read('transactions')) {
      saved.transactions += 1;
      await put([transactions.put(key, entry)]);
    }
    await put([], true);
  } finally {
    await source.close();
  }
  return unreadable;
}

/** Reads what can be read of a part of a damaged database. */
async function* readable(
  database: Level,
  name: string,
  version: number,
  onUnreadable: () => void,
): AsyncIterable<[key: string, record: unknown]> {
  const iterator = sublevelOf(database, name).iterator();
  try {
    for (;;) {
      let entry: [string, string] | undefined;
      try {
        entry = await iterator.next();
      } catch {
        onUnreadable(); // the rest of this part cannot be reached
        return;
      }
      if (entry === undefined) return;
      const [key, value] = entry;
      const text = version === 1 ? value : unseal(name, key, value);
      const record = text === undefined ? undefined : decoded(text);
      if (record === undefined) onUnreadable();
      else yield [key, record];
    }
  } finally {
    await iterator.close();
  }
}

function decoded(text: string): unknown {
  try {
    return decode(text);
  } catch {
    return undefined; // counted as unreadable by the caller
  }
}

/**
 * Lets the database put its own files in order. The type of `level` stands for browsers too, where there are
 * no files.
 */
async function putInOrder(dir: string): Promise<void> {
  const repair: unknown = Reflect.get(Level, 'repair');
  if (typeof repair !== 'function') return;
  try {
    await Reflect.apply(repair, Level, [dir]);
  } catch (cause) {
    throw openFailure(cause, dir);
  }
}

function createBatcher(commit: (operations: readonly Operation[]) => Promise<void>) {
  let waiting: Operation[] = [];
  return async (operations: readonly Operation[], isLast = false): Promise<void> => {
    waiting.push(...operations);
    if (waiting.length < TOGETHER && !isLast) return;
    const together = waiting;
    waiting = [];
    await commit(together);
  };
}

async function openLevel(dir: string): Promise<Level> {
  try {
    const database = new Level(dir);
    await database.open();
    return database;
  } catch (cause) {
    throw openFailure(cause, dir);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
