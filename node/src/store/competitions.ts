import type { IntentDigest, Ms } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { CompetitionEntry } from '../auction/competition.ts';
import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import { keyOf, placeOf } from './orders.ts';
import type { KeyRange, Operation, Table } from './table.ts';
import type { Writer } from './writer.ts';

/**
 * What an index of auctions says without the record itself being read: the market's name, and `openBy` in
 * Unix seconds.
 */
export type Heading = { readonly market: string; readonly openBy: bigint };

/** An auction in a list. `key` sorts by when it was first seen. */
export type Listed = { readonly key: string; readonly intent: IntentDigest } & Heading;

/** The records of auctions: what was witnessed of each, oldest first. */
export type Competitions = {
  /** Adds entries to an auction's record, in the order of calls, on disk when this resolves. */
  append(intent: IntentDigest, entries: readonly CompetitionEntry[]): Promise<void>;
  /** Reads an auction's record; empty if there is none. */
  read(intent: IntentDigest): Promise<CompetitionEntry[]>;
  /**
   * Lists auctions, the last seen first, from those before the key `before` on, down to `since` (Unix
   * milliseconds).
   */
  list(range?: {
    readonly before?: string | undefined;
    readonly since?: bigint | undefined;
  }): AsyncIterable<Listed>;
};

/** What is kept of auctions besides reading and adding. */
export type CompetitionKeeping = {
  /**
   * Forgets auctions first seen before `before` (Unix milliseconds), and the oldest beyond `most`. Returns
   * how many.
   */
  prune(before: bigint, most: number): Promise<number>;
};

/** The tables of auctions: entries by intent and place, and headings by when each was first seen. */
export type CompetitionTables = {
  readonly entries: Table<CompetitionEntry>;
  readonly byTime: Table<Heading>;
};

/** Auctions forgotten in one write. */
const PRUNED_TOGETHER = 64;

/** Keeps auctions in their tables. */
export function createCompetitions(
  tables: CompetitionTables,
  writer: Pick<Writer, 'commit'>,
): Competitions & CompetitionKeeping {
  const { entries: table, byTime } = tables;
  const mutex = createKeyedMutex();

  const lengthOf = async (intent: IntentDigest): Promise<number> => {
    for await (const last of table.keys({ ...rangeOf(intent), reverse: true, limit: 1 }))
      return placeOf(last).version + 1;
    return 0;
  };

  return {
    append: (intent, entries) =>
      mutex(intent, async () => {
        const length = await lengthOf(intent);
        await writer.commit(recordEntries(tables, intent, length, entries));
      }),
    async read(intent) {
      const found: CompetitionEntry[] = [];
      for await (const [, entry] of table.entries(rangeOf(intent))) found.push(entry);
      return found;
    },
    async *list({ before, since = 0n } = {}) {
      const range: KeyRange = { gte: timeKey(since), lt: before ?? '~', reverse: true };
      for await (const [key, heading] of byTime.entries(range)) {
        yield { key, intent: key.slice(key.indexOf('!') + 1) as Hex, ...heading };
      }
    },
    async prune(before, most) {
      const old: string[] = [];
      let kept = 0;
      for await (const key of byTime.keys({ reverse: true })) {
        if (key < timeKey(before) || kept >= most) old.push(key);
        else kept += 1;
      }
      for (let from = 0; from < old.length; from += PRUNED_TOGETHER) {
        const operations: Operation[] = [];
        for (const key of old.slice(from, from + PRUNED_TOGETHER)) {
          const intent = key.slice(key.indexOf('!') + 1) as Hex;
          for await (const entry of table.keys(rangeOf(intent))) operations.push(table.del(entry));
          operations.push(byTime.del(key));
        }
        await writer.commit(operations);
      }
      return old.length;
    },
  };
}

/** Lists what adding entries to a record of this length changes. */
export function recordEntries(
  { entries: table, byTime }: CompetitionTables,
  intent: IntentDigest,
  length: number,
  entries: readonly CompetitionEntry[],
): Operation[] {
  return entries.flatMap((entry, index) => [
    table.put(keyOf(intent, length + index), entry),
    ...(entry.type === 'intent' ? [byTime.put(`${timeKey(entry.at)}!${intent}`, headingOf(entry))] : []),
  ]);
}

function headingOf({ market, intent: { openBy } }: CompetitionEntry & { type: 'intent' }): Heading {
  return { market, openBy };
}

function rangeOf(intent: IntentDigest): { gte: string; lt: string } {
  return { gte: `${intent}!`, lt: `${intent}"` };
}

function timeKey(at: Ms): string {
  return String(at).padStart(16, '0');
}
