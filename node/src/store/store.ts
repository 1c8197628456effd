import { mkdir, readdir } from 'node:fs/promises';
import type { IntentDigest } from '@gavel/protocol';
import { Level } from 'level';
import type { CompetitionEntry } from '../auction/competition.ts';
import type { JournaledTx } from '../chain/sender.ts';
import type { Logger } from '../observe/logger.ts';
import {
  type CompetitionKeeping,
  type Competitions,
  createCompetitions,
  type Heading,
} from './competitions.ts';
import { closed, damaged, openFailure, readFailure, type StoreError, writeFailure } from './errors.ts';
import { type Mark, openMark, readMark } from './mark.ts';
import { createOrders, type OrderKeeping, type Orders } from './orders.ts';
import { createQuotes, type QuoteKeeping, type Quotes } from './quotes.ts';
import { migrate } from './schema.ts';
import { createTable, type Table } from './table.ts';
import { createTransactions, type Transactions } from './transactions.ts';
import { createVotes, type VoteKeeping, type Votes } from './votes.ts';
import { checkWrites, createWriter, type Writer } from './writer.ts';

/** Remember, for a named reader of a chain, the last block it has dealt with. */
export type Cursors = {
  get(name: string): Promise<bigint | undefined>;
  set(name: string, block: bigint): Promise<void>;
};

/**
 * What a node must not forget. `Event`, `Vote` and `Quote` are plain data: bigints and bytes are
 * allowed.
 */
export type Store<Event, Vote, Quote extends { readonly intent: IntentDigest }> = {
  readonly orders: Orders<Event> & OrderKeeping;
  readonly votes: Votes<Vote> & VoteKeeping<Vote>;
  readonly quotes: Quotes<Quote> & QuoteKeeping<Quote>;
  /** What was witnessed of auctions. */
  readonly competitions: Competitions & CompetitionKeeping;
  readonly cursors: Cursors;
  /** JournaledTx transactions that are not known to be mined. */
  readonly transactions: Transactions<JournaledTx>;
  /**
   * Unix milliseconds at which records were lost, if some were: all that was signed before then may be
   * missing.
   */
  readonly lostAt: bigint | undefined;
  /** Gives the room of what was forgotten back to the disk. */
  compact(): Promise<void>;
  /** Closes the store. Every call that comes later rejects with CLOSED. */
  close(): Promise<void>;
};

/** Every table of a store. */
export type Tables<Event, Vote, Quote> = {
  readonly orders: Table<Event>;
  readonly ordersTouched: Table<bigint>;
  readonly votes: Table<Vote>;
  readonly quotes: Table<Quote>;
  readonly quotesByIntent: Table<null>;
  readonly quotesByTime: Table<null>;
  readonly competitions: Table<CompetitionEntry>;
  readonly competitionsByTime: Table<Heading>;
  readonly cursors: Table<bigint>;
  readonly transactions: Table<JournaledTx>;
  /** `lost`: when records were lost, Unix milliseconds. */
  readonly losses: Table<bigint>;
};

/** What opening a store takes. */
export type StoreOptions = {
  readonly dir: string;
  readonly log: Logger;
  /**
   * Called once if the disk fails while the store is open: nothing is written any more then. All that waits
   * for a write is refused as well, so nothing is announced that is not durable; the process should end.
   */
  readonly onFailure?: (error: StoreError) => void;
  /** Unix milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/**
 * Opens the store in `dir`, creating it if needed. One process at a time. Throws StoreError: LOCKED;
 * SCHEMA_UNKNOWN if a newer version of Gavel wrote it; DAMAGED if anything that was written is missing or
 * does not hold together, as far as that can be told without reading all of it; DISK_FULL, READ_ONLY or
 * UNREADABLE.
 */
export async function openStore<Event, Vote, Quote extends { readonly intent: IntentDigest }>(
  options: StoreOptions,
): Promise<Store<Event, Vote, Quote>> {
  const { dir, log, onFailure, now = () => BigInt(Date.now()) } = options;
  const database = await openDatabase(dir);
  try {
    return await assemble<Event, Vote, Quote>(database, {
      log,
      onFailure: onFailure ?? (() => undefined),
      now,
    });
  } catch (cause) {
    await database.close();
    throw readFailure(cause, dir);
  }
}

async function assemble<Event, Vote, Quote extends { readonly intent: IntentDigest }>(
  database: Level,
  { log, onFailure, now }: Required<Pick<StoreOptions, 'log' | 'onFailure' | 'now'>>,
): Promise<Store<Event, Vote, Quote>> {
  const dir = database.location;
  const marked = readMark(dir);
  await migrate(database, log);
  const sequence = await checkWrites(database, marked);
  const mark = markAt(dir, sequence);
  try {
    const writer: Writer = createWriter({ database, mark, sequence, onFailure });
    const tables = createTables<Event, Vote, Quote>(database, writer.fail);
    const lostAt = await tables.losses.get('lost');
    // Few, and a lost one could cost the auctioneer its name.
    for await (const _ of tables.votes.entries());
    log.debug({ dir, writes: sequence }, 'store opened');
    return {
      orders: createOrders({
        tables: { events: tables.orders, touched: tables.ordersTouched },
        writer,
        now,
        missing(what) {
          const error = damaged(what, dir);
          writer.fail(error);
          return error;
        },
      }),
      votes: createVotes({ table: tables.votes, writer, lostAt }),
      quotes: createQuotes({
        tables: {
          byDigest: tables.quotes,
          byIntent: tables.quotesByIntent,
          byTime: tables.quotesByTime,
        },
        writer,
        now,
      }),
      competitions: createCompetitions(
        { entries: tables.competitions, byTime: tables.competitionsByTime },
        writer,
      ),
      cursors: createCursors(database, tables.cursors, writer),
      transactions: createTransactions(tables.transactions, writer),
      lostAt,
      compact: () => compact(database),
      async close() {
        await writer.close();
        await database.close();
        mark.close();
      },
    };
  } catch (cause) {
    mark.close();
    throw cause;
  }
}

/** Opens every table. `onFailure` hears of reads that fail. */
export function createTables<Event, Vote, Quote>(
  database: Level,
  onFailure: (error: StoreError) => void,
): Tables<Event, Vote, Quote> {
  return {
    orders: createTable(database, 'orders', onFailure),
    ordersTouched: createTable(database, 'orders-touched', onFailure),
    votes: createTable(database, 'votes', onFailure),
    quotes: createTable(database, 'quotes', onFailure),
    quotesByIntent: createTable(database, 'quotes-by-intent', onFailure),
    quotesByTime: createTable(database, 'quotes-by-time', onFailure),
    competitions: createTable(database, 'competitions', onFailure),
    competitionsByTime: createTable(database, 'competitions-by-time', onFailure),
    cursors: createTable(database, 'cursors', onFailure),
    transactions: createTable(database, 'transactions', onFailure),
    losses: createTable(database, 'losses', onFailure),
  };
}

async function openDatabase(dir: string): Promise<Level> {
  try {
    const files = await filesIn(dir);
    // A database whose index is gone would be made anew, and everything in it deleted.
    const createIfMissing = isNew(dir, files ?? []);
    if (files === undefined && !createIfMissing) throw damaged('the database is gone', dir);
    if (files === undefined) await mkdir(dir, { recursive: true, mode: 0o700 });
    const database = new Level(dir, { createIfMissing });
    await database.open();
    return database;
  } catch (cause) {
    throw openFailure(cause, dir);
  }
}

/** Rewrites every table file. The type of `level` stands for browsers too, where there are no files. */
async function compact(database: Level): Promise<void> {
  if (database.status !== 'open') throw closed(database.location);
  if ('compactRange' in database && typeof database.compactRange === 'function') {
    await database.compactRange('', '~');
  }
}

/** Tells whether nothing has ever been written: a start that was interrupted leaves files, but no data. */
function isNew(dir: string, files: readonly string[]): boolean {
  return readMark(dir) === undefined && !files.some((file) => /\.(ldb|sst|log)$/.test(file));
}

async function filesIn(dir: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function markAt(dir: string, sequence: number): Mark {
  try {
    return openMark(dir, sequence);
  } catch (cause) {
    throw writeFailure(cause, dir);
  }
}

/** A cursor may lag: blocks are read again then. So it is not worth a wait for the disk. */
function createCursors(database: Level, table: Table<bigint>, writer: Writer): Cursors {
  return {
    get: (name) => table.get(name),
    async set(name, block) {
      const failure = writer.failure();
      if (failure !== undefined) throw failure;
      try {
        await database.batch([table.put(name, block)]);
      } catch (cause) {
        const error = writeFailure(cause, database.location);
        writer.fail(error);
        throw error;
      }
    },
  };
}
