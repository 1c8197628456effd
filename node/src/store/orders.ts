import type { Level } from 'level';
import type { Hex } from 'viem';
import { decode, encode } from './encoding.ts';
import { StoreError } from './errors.ts';
import { createTurns } from './turns.ts';

/** Hold the events of each order, oldest first. An order's version is the number of its events. */
export type Orders<Event> = {
  /**
   * Add events to an order whose version is `expectedVersion` (0: a new order), all or none, on disk when this
   * resolves. Throws CONFLICT if the order has another version.
   */
  append(id: Hex, expectedVersion: number, events: readonly Event[]): Promise<void>;
  /** Read an order's events; none if it is unknown. */
  read(id: Hex): Promise<Event[]>;
  /** Read every order, by ascending id. */
  all(): AsyncIterable<{ id: Hex; events: Event[] }>;
};

/** Keep orders in `database`. */
export function createOrders<Event>(database: Level): Orders<Event> {
  const orders = database.sublevel('orders');
  const inTurn = createTurns();

  const versionOf = async (id: Hex): Promise<number> => {
    const [last] = await orders.keys({ ...rangeOf(id), reverse: true, limit: 1 }).all();
    return last === undefined ? 0 : Number(last.slice(last.indexOf('!') + 1)) + 1;
  };

  return {
    append: (id, expectedVersion, events) =>
      inTurn(id, async () => {
        const version = await versionOf(id);
        if (version !== expectedVersion) {
          throw new StoreError('CONFLICT', 'The order has changed: read it again', {
            meta: { id, expected: expectedVersion, got: version },
            retry: true,
          });
        }
        const puts = events.map((event, index) => ({
          type: 'put' as const,
          sublevel: orders,
          key: keyOf(id, version + index),
          value: encode(event),
        }));
        await database.batch(puts, { sync: true });
      }),
    async read(id) {
      const values = await orders.values(rangeOf(id)).all();
      return values.map((value) => decode(value) as Event);
    },
    async *all() {
      let order: { id: Hex; events: Event[] } | undefined;
      for await (const [key, value] of orders.iterator()) {
        const id = key.slice(0, key.indexOf('!')) as Hex;
        if (order !== undefined && order.id !== id) yield order;
        if (order?.id !== id) order = { id, events: [] };
        order.events.push(decode(value) as Event);
      }
      if (order !== undefined) yield order;
    },
  };
}

function keyOf(id: Hex, version: number): string {
  return `${id.toLowerCase()}!${String(version).padStart(8, '0')}`;
}

function rangeOf(id: Hex): { gte: string; lt: string } {
  return { gte: `${id.toLowerCase()}!`, lt: `${id.toLowerCase()}"` };
}
