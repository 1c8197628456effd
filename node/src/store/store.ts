import { mkdir } from 'node:fs/promises';
import { Level } from 'level';
import type { Hex } from 'viem';
import type { SignedTransaction } from '../chain/sender.ts';
import type { Logger } from '../observe/logger.ts';
import { decode, encode } from './encoding.ts';
import { StoreError } from './errors.ts';
import { createOrders, type Orders } from './orders.ts';
import { createQuotes, type Quotes } from './quotes.ts';
import { createTransactions, type Transactions } from './transactions.ts';
import { createVotes, type Votes } from './votes.ts';

/** Raise this when the meaning of what is stored changes. */
export const SCHEMA_VERSION = 1;

/** Remember, for a named reader of a chain, the last block it has dealt with. */
export type Cursors = {
  get(name: string): Promise<bigint | undefined>;
  set(name: string, block: bigint): Promise<void>;
};

/** Hold what a node must not forget. `Event`, `Vote` and `Quote` are plain data: bigints and bytes are allowed. */
export type Store<Event, Vote, Quote extends { readonly intent: Hex }> = {
  readonly orders: Orders<Event>;
  readonly votes: Votes<Vote>;
  readonly quotes: Quotes<Quote>;
  readonly cursors: Cursors;
  /** Signed transactions that are not known to be mined. */
  readonly transactions: Transactions<SignedTransaction>;
  close(): Promise<void>;
};

/**
 * Open the store in `dir`, creating it if needed. One process at a time. Throws StoreError LOCKED, SCHEMA_UNKNOWN if
 * another version of Gavel wrote it, or UNREADABLE.
 */
export async function openStore<Event, Vote, Quote extends { readonly intent: Hex }>(options: {
  readonly dir: string;
  readonly log: Logger;
}): Promise<Store<Event, Vote, Quote>> {
  const { dir, log } = options;
  const database = await openDatabase(dir);
  try {
    await checkSchema(database, dir);
  } catch (error) {
    await database.close();
    throw error;
  }
  log.debug({ dir, schema: SCHEMA_VERSION }, 'store opened');
  return {
    orders: createOrders<Event>(database),
    votes: createVotes<Vote>(database),
    quotes: createQuotes<Quote>(database),
    cursors: createCursors(database),
    transactions: createTransactions<SignedTransaction>(database),
    close: () => database.close(),
  };
}

async function openDatabase(dir: string): Promise<Level> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const database = new Level(dir);
    await database.open();
    return database;
  } catch (cause) {
    if (codesOf(cause).includes('LEVEL_LOCKED')) {
      throw new StoreError(
        'LOCKED',
        'Another process uses this data directory: stop it, or choose another dataDir',
        {
          meta: { dir },
          cause,
        },
      );
    }
    throw new StoreError('UNREADABLE', 'The data directory cannot be opened', { meta: { dir }, cause });
  }
}

async function checkSchema(database: Level, dir: string): Promise<void> {
  const meta = database.sublevel('meta');
  const found = await meta.get('schema');
  if (found === String(SCHEMA_VERSION)) return;
  const isNew = found === undefined && (await database.keys({ limit: 1 }).all()).length === 0;
  if (!isNew) {
    throw new StoreError(
      'SCHEMA_UNKNOWN',
      'Another version of Gavel wrote this data directory: run that version, or choose another dataDir',
      { meta: { dir, expected: SCHEMA_VERSION, got: found ?? 'none' } },
    );
  }
  await database.batch([{ type: 'put', sublevel: meta, key: 'schema', value: String(SCHEMA_VERSION) }], {
    sync: true,
  });
}

function createCursors(database: Level): Cursors {
  const cursors = database.sublevel('cursors');
  return {
    async get(name) {
      const value = await cursors.get(name);
      return value === undefined ? undefined : (decode(value) as bigint);
    },
    set: (name, block) => cursors.put(name, encode(block)),
  };
}

function codesOf(error: unknown): unknown[] {
  const codes: unknown[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    codes.push((cause as { code?: unknown }).code);
  return codes;
}
