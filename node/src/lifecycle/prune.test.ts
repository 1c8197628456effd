import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from 'viem';
import { expect, test } from 'vitest';
import { createArena } from '../../test/arena.ts';
import { createWon, SEEN } from '../../test/orders.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import { createEngine } from '../orders/engine.ts';
import type { QuoteRecord, VoteRecord } from '../store/records.ts';
import { openStore } from '../store/store.ts';
import { forgetOld } from './prune.ts';

const HOUR = 3_600_000n;
const log = silentLogger();
const retention = { ordersHours: 48, quotesHours: 24, votesHours: 12, auctionsHours: 36, mostAuctions: 100 };

test('what is over is forgotten by age, in memory and on disk; what goes on is kept however old', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gavel-housekeeping-'));
  const won = await createWon();
  let now = won.record.reservation.openBy * 1_000n;
  const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({
    dir: join(dir, 'store'),
    log,
    now: () => now,
  });
  const engine = createEngine({
    orders: store.orders,
    onRecorded: () => undefined,
    onChanged: () => undefined,
    telemetry: { log, metrics: createCounters() },
  });
  const [openIntent, doneIntent]: Hex[] = [won.record.intent, `0x${'d0'.repeat(32)}`];
  if (openIntent === undefined || doneIntent === undefined) throw new TypeError('no intents');
  const { order, orderId, record } = won;
  await engine.record(openIntent, [{ type: 'opened', seen: SEEN, orderId, order, seized: 1n }]);
  const seized = { seized: 5n, ask: 4n, repaid: 3n };
  await engine.record(doneIntent, [
    {
      type: 'liquidated',
      seen: SEEN,
      quote: doneIntent,
      positionKey: doneIntent,
      solver: order.solver,
      ...seized,
    },
  ]);
  await store.quotes.put(order.quote, record);
  await store.quotes.put(doneIntent, { ...record, intent: doneIntent });
  const vote = {
    award: won.landing,
    signature: '0x',
    cited: [],
    ballot: '0x',
  } as unknown as VoteRecord['vote'];
  const { intent } = await createArena().intent();
  const witnessed = { market: 'arena', chain: 'alpha', positionKey: doneIntent, intent, needed: 2 };
  await store.competitions.append(doneIntent, [{ type: 'intent', at: now, ...witnessed }]);
  await store.votes.put('vote', { intent: doneIntent, openBy: now / 1_000n, vote });
  const at = (hours: bigint, chain: bigint | undefined) => {
    now = won.record.reservation.openBy * 1_000n + hours * HOUR;
    const chainTimes = () => [now / 1_000n, chain === undefined ? undefined : chain];
    return forgetOld({ store, engine, retention, now: () => now, chainTimes });
  };
  const start = now / 1_000n;

  expect(await at(11n, start + 11n * 3_600n)).toMatchObject({ orders: 0, quotes: 0, votes: 0 });
  // This machine's clock alone, or one chain of two, proves nothing.
  expect(await at(13n, undefined)).toMatchObject({ orders: 0, quotes: 0, votes: 0 });
  expect(await at(13n, start)).toMatchObject({ orders: 0, quotes: 0, votes: 0 });
  expect(await at(13n, start + 13n * 3_600n)).toMatchObject({ orders: 0, quotes: 0, votes: 1 });
  expect(await at(25n, start)).toMatchObject({ orders: 0, quotes: 1, votes: 0 });
  expect(await store.competitions.read(doneIntent)).toHaveLength(1);
  expect(await at(37n, start)).toMatchObject({ orders: 0, auctions: 1 });
  expect(await store.competitions.read(doneIntent)).toEqual([]);
  expect(await at(49n, start)).toMatchObject({ orders: 1, quotes: 0, votes: 0 });
  expect(await at(9_999n, start)).toMatchObject({ orders: 0, quotes: 0, votes: 0 });
  expect(engine.all().map(({ intent }) => intent)).toEqual([openIntent]);
  expect(await store.orders.read(doneIntent)).toEqual([]);
  expect(await store.orders.read(openIntent)).toHaveLength(1);
  expect(await store.quotes.get(order.quote)).toBeDefined();
  await store.close();
  await rm(dir, { recursive: true });
});
