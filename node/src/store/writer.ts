import type { Level } from 'level';
import { closed, damaged, type StoreError, writeFailure } from './errors.ts';
import type { Mark } from './mark.ts';
import { type Operation, sublevelOf } from './table.ts';

/** Writes to the database. All that must not be forgotten goes through here. */
export type Writer = {
  /**
   * Writes these changes, all or none, on disk when this resolves. Throws CLOSED, DISK_FULL, READ_ONLY or
   * WRITE_FAILED; nothing is written any more after the first failure, since what is on disk then is
   * uncertain until it is opened again.
   */
  commit(operations: readonly Operation[]): Promise<void>;
  /** Refuses every write from now on, because of this; that the store is closed is no failure. */
  fail(error: StoreError): void;
  /** What ended writing, if something did: a failure, or the end of the store. */
  failure(): StoreError | undefined;
  /** Refuses every write from now on with CLOSED; resolves when nothing is being written. */
  close(): Promise<void>;
};

/** Commits that share one write to disk, at most. */
const MOST_TOGETHER = 256;

/**
 * Writes whose numbers are kept. A database that is opened after a crash reads its last few megabytes of
 * writes from a log, and leaves out those that are damaged: a number that is missing among its neighbours
 * gives that away. Older ones have been moved into tables by then, which check themselves.
 */
const NUMBERS_KEPT = 65_536;

type Waiting = {
  readonly operations: readonly Operation[];
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
};

/**
 * Creates the writer of a database whose last write had the number `sequence`. Commits that come while one is
 * being written share the next write, which keeps their order and spares them waiting for the disk one by
 * one.
 */
export function createWriter(options: {
  readonly database: Level;
  readonly mark: Mark;
  readonly sequence: number;
  /** Called once, for the first failure. */
  readonly onFailure: (error: StoreError) => void;
}): Writer {
  const { database, mark } = options;
  const journal = journalOf(database);
  let { sequence } = options;
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let failure: StoreError | undefined;
  let isClosed = false;

  const refusal = () => failure ?? (isClosed ? closed(database.location) : undefined);
  const fail = (error: StoreError) => {
    if (failure !== undefined || error.code === 'CLOSED') return;
    failure = error;
    options.onFailure(error);
  };
  const write = async (operations: readonly Operation[]): Promise<void> => {
    const number = sequence + 1;
    const numbers: Operation[] = [{ type: 'put', sublevel: journal, key: numberKey(number), value: '' }];
    if (number > NUMBERS_KEPT) {
      numbers.push({ type: 'del', sublevel: journal, key: numberKey(number - NUMBERS_KEPT) });
    }
    await database.batch([...operations, ...numbers], { sync: true });
    sequence = number;
    mark.move(number);
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const together = waiting.slice(0, MOST_TOGETHER);
      waiting = waiting.slice(MOST_TOGETHER);
      if (failure === undefined) {
        try {
          await write(together.flatMap(({ operations }) => operations));
        } catch (cause) {
          fail(writeFailure(cause, database.location));
        }
      }
      for (const { resolve, reject } of together) {
        if (failure === undefined) resolve();
        else reject(failure);
      }
    }
    running = undefined;
  };

  return {
    commit: (operations) =>
      new Promise((resolve, reject) => {
        const refused = refusal();
        if (refused !== undefined) return reject(refused);
        if (operations.length === 0) return resolve();
        waiting.push({ operations, resolve, reject });
        running ??= run();
      }),
    fail,
    failure: refusal,
    async close() {
      isClosed = true;
      await running;
    },
  };
}

/**
 * Checks that no write is missing: neither between two others, nor at the end, where `marked` says how far it
 * was written. Returns the number of the last write. Throws DAMAGED.
 */
export async function checkWrites(database: Level, marked: number | undefined): Promise<number> {
  let last: number | undefined;
  for await (const key of journalOf(database).keys()) {
    const number = Number(key);
    if (last !== undefined && number !== last + 1) {
      throw damaged(`writes ${last + 1} to ${number - 1} are missing`, database.location);
    }
    last = number;
  }
  if (last !== undefined && marked === undefined) {
    throw damaged('the mark beside the database is missing', database.location);
  }
  if ((last ?? 0) < (marked ?? 0)) {
    throw damaged(`writes ${(last ?? 0) + 1} to ${marked} are missing`, database.location);
  }
  return last ?? 0;
}

function journalOf(database: Level) {
  return sublevelOf(database, 'journal');
}

function numberKey(number: number): string {
  return String(number).padStart(16, '0');
}
