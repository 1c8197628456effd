import { type Ms, type Seconds, toMs } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Config } from '../config/schema.ts';
import type { Core } from '../core.ts';
import type { OrderEvent } from '../order/events.ts';
import { isClosed } from '../order/views.ts';
import type { Engine } from '../orders/engine.ts';
import { pause } from '../runtime/backoff.ts';
import type { QuoteRecord, VoteRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

const HOUR_MS = 3_600_000n;

/** Records forgotten at once from which on the disk is worth the work of compaction. */
const WORTH_COMPACTING = 256;

/** How many records were forgotten. */
export type Forgotten = {
  readonly orders: number;
  readonly quotes: number;
  readonly votes: number;
  readonly auctions: number;
};

/** What forgetting takes. */
export type HousekeepingDeps = {
  readonly store: Pick<
    Store<OrderEvent, VoteRecord, QuoteRecord>,
    'orders' | 'quotes' | 'votes' | 'competitions' | 'compact'
  >;
  readonly engine: Pick<Engine, 'get' | 'forget'>;
  readonly retention: Config['retention'];
  /** Unix milliseconds. */
  readonly now: () => Ms;
  /** The time of each chain, Unix seconds; undefined before its first head. */
  readonly chainTimes: () => readonly (Seconds | undefined)[];
};

/**
 * Forgets what is over and older than the configuration keeps it: orders with nothing left to do, quotes that
 * bind no more and whose order, if any, has nothing left to do, votes that bind no more by every chain's own
 * time, and what was witnessed of auctions, of which there also is a most. An order or a quote ages from when
 * it was last added to.
 */
export async function forgetOld(deps: HousekeepingDeps): Promise<Forgotten> {
  const { store, engine, retention, now, chainTimes } = deps;
  const isDone = (intent: Hex) => {
    const view = engine.get(intent);
    return view === undefined || isClosed(view);
  };
  const before = (hours: number) => now() - BigInt(hours) * HOUR_MS;
  const orders = await store.orders.prune(before(retention.ordersHours), isDone);
  engine.forget(orders);
  const quotes = await store.quotes.prune(
    before(retention.quotesHours),
    ({ intent, reservation }) => isDone(intent) && toMs(reservation.openBy) < now(),
  );
  const votes = await forgetVotes(deps, chainTimes());
  const auctions = await store.competitions.prune(before(retention.auctionsHours), retention.mostAuctions);
  if (orders.length + quotes + votes + auctions >= WORTH_COMPACTING) await store.compact();
  return { orders: orders.length, quotes, votes, auctions };
}

/**
 * A clock that jumps ahead must not make a vote that binds forgotten: it counts only as far as the chains do.
 */
async function forgetVotes(
  { store, retention, now }: HousekeepingDeps,
  times: readonly (bigint | undefined)[],
): Promise<number> {
  const known = times.filter((time) => time !== undefined).map((time) => toMs(time));
  if (known.length === 0 || known.length < times.length) return 0;
  const earliest = [now(), ...known].reduce((a, b) => (a < b ? a : b));
  const before = earliest - BigInt(retention.votesHours) * HOUR_MS;
  return store.votes.prune(({ openBy }) => toMs(openBy) < before);
}

/** Forgets what is old once an hour. A failure is told and tried again an hour later. */
export function startPruning(core: Core): void {
  const { scope, store, engine, config, now, chains } = core;
  const log = core.telemetry.log.child({ module: 'housekeeping' });
  const chainTimes = () => [...chains.clocks.values()].map((clock) => clock.head()?.timestamp);
  scope.spawn('housekeeping', async (signal) => {
    while (await pause(Number(HOUR_MS), signal)) {
      try {
        const forgotten = await forgetOld({ store, engine, retention: config.retention, now, chainTimes });
        log.info(forgotten, 'old records forgotten');
      } catch (error) {
        log.error({ err: error }, 'old records not forgotten');
      }
    }
  });
}
