import type { Level } from 'level';
import type { Hex } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { decode, encode } from './encoding.ts';
import { damaged, StoreError } from './errors.ts';
import { placeOf } from './orders.ts';
import { type Operation, seal, sublevelOf, unseal } from './table.ts';

/** Raise this when the meaning of what is stored changes, and add the migration that leads there. */
export const SCHEMA_VERSION = 2;

/**
 * Rewrites what a version stored as the next one stores it. Must do no harm when it is run again over a part
 * of its work.
 */
export type Migration = {
  readonly from: number;
  readonly what: string;
  run(database: Level): Promise<void>;
};

/** Every migration, one for each earlier version. */
export const MIGRATIONS: readonly Migration[] = [
  {
    from: 1,
    what: 'checksums on every record, and times to forget old ones by',
    run: addChecksums,
  },
];

/** Records rewritten in one write. */
const TOGETHER = 256;

/** Reads a database's version; undefined if it has none. */
export async function readSchema(database: Level): Promise<number | undefined> {
  const text = await sublevelOf(database, 'meta').get('schema');
  if (text === undefined) return undefined;
  const version = Number(text);
  if (!Number.isSafeInteger(version) || version < 1) {
    throw damaged('the version of the records is unreadable', database.location);
  }
  return version;
}

/**
 * Brings a database to this version: a new one is marked with it, an older one is rewritten step by step,
 * each step marked when it is on disk. Throws SCHEMA_UNKNOWN for a newer one, and for a database that is not
 * ours.
 */
export async function migrate(database: Level, log: Logger): Promise<void> {
  const found = await readSchema(database);
  const isEmpty = found === undefined && (await database.keys({ limit: 1 }).all()).length === 0;
  if (isEmpty) return markSchema(database, SCHEMA_VERSION);
  if (found === undefined || found > SCHEMA_VERSION) {
    throw new StoreError(
      'SCHEMA_UNKNOWN',
      'Another version of Gavel wrote this data directory: run that version, or choose another dataDir',
      { meta: { dir: database.location, expected: SCHEMA_VERSION, got: String(found ?? 'none') } },
    );
  }
  for (let version = found; version < SCHEMA_VERSION; version += 1) {
    const step = MIGRATIONS.find(({ from }) => from === version);
    if (step === undefined) throw damaged(`no way leads on from version ${version}`, database.location);
    log.info({ dir: database.location, from: version, to: version + 1, what: step.what }, 'records migrated');
    await step.run(database);
    await markSchema(database, version + 1);
  }
}

async function markSchema(database: Level, version: number): Promise<void> {
  const sublevel = sublevelOf(database, 'meta');
  await database.batch([{ type: 'put', sublevel, key: 'schema', value: String(version) }], { sync: true });
}

/**
 * From 1 to 2. Records of version 1 bear no time: they count as made now, so that they are kept for as long
 * as new ones.
 */
async function addChecksums(database: Level): Promise<void> {
  const now = BigInt(Date.now());
  const put = (table: string, key: string, value: unknown): Operation => ({
    type: 'put',
    sublevel: sublevelOf(database, table),
    key,
    value: seal(table, key, encode(value)),
  });
  const touched = new Set<string>();
  const beside: Readonly<Record<string, (key: string) => Operation[]>> = {
    orders: (key) => {
      const { id } = placeOf(key);
      if (touched.has(id)) return [];
      touched.add(id);
      return [put('orders-touched', id, now)];
    },
    quotes: (key) => [put('quotes-by-time', `${String(now).padStart(16, '0')}!${key as Hex}`, null)],
  };
  for (const table of ['orders', 'votes', 'quotes', 'quotes-by-intent', 'cursors', 'transactions']) {
    let operations: Operation[] = [];
    for await (const [key, value] of sublevelOf(database, table).iterator()) {
      if (unseal(table, key, value) !== undefined) continue; // rewritten before this was interrupted
      const record = table === 'quotes-by-intent' ? null : decode(value);
      operations.push(put(table, key, record), ...(beside[table]?.(key) ?? []));
      if (operations.length < TOGETHER) continue;
      await database.batch(operations, { sync: true });
      operations = [];
    }
    await database.batch(operations, { sync: true });
  }
}
