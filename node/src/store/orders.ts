import type { Ms } from '@gavel/protocol';
import type { Hex } from 'viem';
import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import { StoreError } from './errors.ts';
import type { KeyRange, Operation, Table } from './table.ts';
import type { Writer } from './writer.ts';

/** The events of each order, oldest first. An order's version is the number of its events. */
export type Orders<Event> = {
  /**
   * Adds events to an order whose version is `expectedVersion` (0: a new order), all or none, on disk when
   * this resolves. Throws CONFLICT if the order has another version.
   */
  append(id: Hex, expectedVersion: number, events: readonly Event[]): Promise<void>;
  /** Reads an order's events; none if it is unknown. */
  read(id: Hex): Promise<Event[]>;
  /** Reads every order, by ascending id. Throws DAMAGED if one lacks an event. */
  all(): AsyncIterable<{ id: Hex; events: Event[] }>;
};

/** What is kept of orders besides reading and adding. */
export type OrderKeeping = {
  /**
   * Forgets orders that `isDone` and that nothing was added to since `before` (Unix milliseconds). Returns
   * their ids.
   */
  prune(before: bigint, isDone: (id: Hex) => boolean): Promise<Hex[]>;
};

/** The tables of orders: events by id and version, and when an order was last added to, Unix milliseconds. */
export type OrderTables<Event> = { readonly events: Table<Event>; readonly touched: Table<bigint> };

/** Orders forgotten in one write. */
const PRUNED_TOGETHER = 64;

/** Keeps orders in their tables. `now` in Unix milliseconds. */
export function createOrders<Event>(options: {
  readonly tables: OrderTables<Event>;
  readonly writer: Pick<Writer, 'commit'>;
  readonly now: () => Ms;
  /** Makes the error that says what is missing. */
  readonly missing: (what: string) => StoreError;
}): Orders<Event> & OrderKeeping {
  const { tables, writer, now, missing } = options;
  const { events: table, touched } = tables;
  const mutex = createKeyedMutex();

  const versionOf = async (id: Hex): Promise<number> => {
    for await (const last of table.keys({ ...rangeOf(id), reverse: true, limit: 1 }))
      return placeOf(last).version + 1;
    return 0;
  };

  async function* grouped(range: KeyRange = {}): AsyncIterable<{ id: Hex; events: Event[] }> {
    let order: { id: Hex; events: Event[] } | undefined;
    for await (const [key, event] of table.entries(range)) {
      const { id, version } = placeOf(key);
      if (order !== undefined && order.id !== id) yield order;
      if (order?.id !== id) order = { id, events: [] };
      if (version !== order.events.length)
        throw missing(`event ${order.events.length} of order ${id} is missing`);
      order.events.push(event);
    }
    if (order !== undefined) yield order;
  }

  return {
    append: (id, expectedVersion, events) =>
      mutex(id, async () => {
        const version = await versionOf(id);
        if (version !== expectedVersion) {
          throw new StoreError('CONFLICT', 'The order has changed: read it again', {
            meta: { id, expected: expectedVersion, got: version },
            retry: true,
          });
        }
        if (events.length === 0) return;
        const puts = events.map((event, index) => table.put(keyOf(id, version + index), event));
        await writer.commit([...puts, touched.put(id, now())]);
      }),
    async read(id) {
      for await (const { events } of grouped(rangeOf(id))) return events;
      return [];
    },
    all: () => grouped(),
    async prune(before, isDone) {
      const done: Hex[] = [];
      for await (const [key, at] of touched.entries()) {
        const id = key as Hex;
        if (at < before && isDone(id)) done.push(id);
      }
      for (let from = 0; from < done.length; from += PRUNED_TOGETHER) {
        const operations: Operation[] = [];
        for (const id of done.slice(from, from + PRUNED_TOGETHER)) {
          for await (const key of table.keys(rangeOf(id))) operations.push(table.del(key));
          operations.push(touched.del(id));
        }
        await writer.commit(operations);
      }
      return done;
    },
  };
}

/** Where an order's event of a version lies. */
export function keyOf(id: Hex, version: number): string {
  return `${id}!${String(version).padStart(8, '0')}`;
}

/** What a key of an event says. */
export function placeOf(key: string): { readonly id: Hex; readonly version: number } {
  const end = key.indexOf('!');
  return { id: key.slice(0, end) as Hex, version: Number(key.slice(end + 1)) };
}

function rangeOf(id: Hex): { gte: string; lt: string } {
  return { gte: `${id}!`, lt: `${id}"` };
}
