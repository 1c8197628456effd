import { crc32 } from 'node:zlib';
import type { Level } from 'level';
import { decode, encode } from './encoding.ts';
import { damaged, readFailure, type StoreError } from './errors.ts';

type Sublevel = ReturnType<typeof sublevelOf>;

/** One change of one record, for the writer to commit together with others. */
export type Operation =
  | { readonly type: 'put'; readonly sublevel: Sublevel; readonly key: string; readonly value: string }
  | { readonly type: 'del'; readonly sublevel: Sublevel; readonly key: string };

/** Part of a table, by key. */
export type KeyRange = {
  readonly gte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
};

/** Records, and bytes, taken out of the database at once, about. */
const PAGE = 1_000;
const PAGE_BYTES = { highWaterMarkBytes: 64 * 1024 };

/**
 * One kind of record under text keys. The database itself does not check what it reads, so each value
 * carries a checksum over its place and itself, and every read throws DAMAGED when it does not hold.
 */
export type Table<Value> = {
  get(key: string): Promise<Value | undefined>;
  put(key: string, value: Value): Operation;
  del(key: string): Operation;
  entries(range?: KeyRange): AsyncIterable<[key: string, value: Value]>;
  keys(range?: KeyRange): AsyncIterable<string>;
};

/** Opens the table `name`. `onFailure` hears of every read that fails, before the caller does. */
export function createTable<Value>(
  database: Level,
  name: string,
  onFailure: (error: StoreError) => void,
): Table<Value> {
  const sublevel = sublevelOf(database, name);
  const failed = (cause: unknown): StoreError => {
    const error = readFailure(cause, database.location);
    onFailure(error);
    return error;
  };
  const attempt = <Result>(act: () => Result): Result => {
    try {
      return act();
    } catch (cause) {
      throw failed(cause);
    }
  };
  const open = (key: string, value: string): Value => {
    const text = unseal(name, key, value);
    if (text === undefined) throw damaged(`${name}: a record's checksum does not hold`, database.location);
    return decode(text) as Value;
  };
  return {
    async get(key) {
      try {
        const value = await sublevel.get(key);
        return value === undefined ? undefined : open(key, value);
      } catch (cause) {
        throw failed(cause);
      }
    },
    put: (key, value) => ({ type: 'put', sublevel, key, value: seal(name, key, encode(value)) }),
    del: (key) => ({ type: 'del', sublevel, key }),
    async *entries(range = {}) {
      const iterator = attempt(() => sublevel.iterator({ ...range, ...PAGE_BYTES }));
      try {
        for (;;) {
          // A page at a time: a restart reads every record, and most of a step of an iterator is its
          // promises.
          const page = await iterator.nextv(PAGE).catch((cause: unknown) => {
            throw failed(cause);
          });
          if (page.length === 0) return;
          for (const [key, value] of page) {
            yield [key, attempt(() => open(key, value))];
          }
        }
      } finally {
        await iterator.close();
      }
    },
    async *keys(range = {}) {
      try {
        for await (const key of sublevel.keys(range)) yield key;
      } catch (cause) {
        throw failed(cause);
      }
    },
  };
}

/** Opens the part of a database that has this name. */
export function sublevelOf(database: Level, name: string) {
  return database.sublevel(name);
}

/** Puts a checksum over its place and itself before a value. */
export function seal(table: string, key: string, text: string): string {
  return `${checksum(table, key, text)} ${text}`;
}

/** Takes the checksum off again; undefined if it does not hold. */
export function unseal(table: string, key: string, value: string): string | undefined {
  const text = value.slice(9);
  return value.slice(0, 9) === `${checksum(table, key, text)} ` ? text : undefined;
}

function checksum(table: string, key: string, text: string): string {
  return crc32(`${table}!${key}=${text}`).toString(16).padStart(8, '0');
}
