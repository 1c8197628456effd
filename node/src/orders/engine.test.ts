import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWon, lifeOf, SEEN } from '../../test/orders.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import type { QuoteRecord, VoteRecord } from '../store/records.ts';
import { openStore, type Store } from '../store/store.ts';
import { createEngine } from './engine.ts';

let dir = '';
let store: Store<OrderEvent, VoteRecord, QuoteRecord>;
const open = () =>
  openStore<OrderEvent, VoteRecord, QuoteRecord>({ dir: join(dir, 'store'), log: silentLogger() });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-engine-'));
  store = await open();
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

function setUp() {
  const recorded: string[] = [];
  const changed: string[] = [];
  const metrics = createCounters();
  const engine = createEngine({
    orders: store.orders,
    onRecorded: (_, event) => recorded.push(event.type),
    onChanged: ({ state }) => changed.push(state),
    telemetry: { log: silentLogger(), metrics },
  });
  return { engine, recorded, changed, metrics };
}

test('an order lives from award to release, and survives a restart', async () => {
  const won = await createWon();
  const { engine, recorded } = setUp();
  const life = lifeOf(won);
  for (const event of life) await engine.record(won.order.intent, [event]);
  expect(recorded).toEqual(life.map(({ type }) => type));
  expect(engine.get(won.order.intent)?.state).toBe('released');
  expect(engine.open()).toEqual([]);

  await store.close();
  store = await open();
  const again = setUp();
  await again.engine.load();
  expect(again.engine.get(won.order.intent)).toEqual(engine.get(won.order.intent));
  expect(again.engine.byOrderId(won.orderId)?.intent).toBe(won.order.intent);
});

test('the same evidence again changes nothing', async () => {
  const won = await createWon();
  const { engine, recorded, changed } = setUp();
  const life = lifeOf(won);
  await engine.record(won.order.intent, life);
  await engine.record(won.order.intent, life);
  expect(recorded).toHaveLength(life.length);
  expect(changed).toEqual(['released']);
});

test('evidence that names an order only waits until its intent is known', async () => {
  const won = await createWon();
  const { engine } = setUp();
  const [awarded, opened, , filled, , settled] = lifeOf(won);
  if (!awarded || !opened || !filled || !settled) throw new TypeError('life is incomplete');
  await engine.recordByOrder(won.orderId, [filled]);
  await engine.recordByOrder(won.orderId, [settled]);
  expect(engine.get(won.order.intent)).toBeUndefined();
  await engine.record(won.order.intent, [awarded, opened]);
  expect(engine.get(won.order.intent)?.state).toBe('settled');
  expect(engine.get(won.order.intent)?.payment).toBeDefined();
});

test('a payment of an order that somebody made up never touches the record of the intent it names', async () => {
  const won = await createWon();
  const forged = await createWon({ payAmount: 1n });
  expect(forged.order.intent).toBe(won.order.intent);
  const { engine } = setUp();
  const [awarded, opened] = lifeOf(won);
  const [, , , fake] = lifeOf(forged);
  if (!awarded || !opened || !fake) throw new TypeError('life is incomplete');
  await engine.recordByOrder(forged.orderId, [fake]);
  await engine.record(won.order.intent, [awarded, opened]);
  expect(engine.get(won.order.intent)).toMatchObject({ state: 'opened', orderId: won.orderId });
});

test('an event that the state does not allow is refused, counted, and leaves the others in place', async () => {
  const won = await createWon();
  const { engine, metrics } = setUp();
  await engine.record(won.order.intent, lifeOf(won));
  await engine.record(won.order.intent, [{ type: 'refused', seen: SEEN }]);
  expect(engine.get(won.order.intent)?.state).toBe('released');
  expect(metrics.snapshot()).toMatchObject({ 'order_event_refused{event="refused",state="released"}': 1 });
});

test('facts recorded at the same time are all kept', async () => {
  const won = await createWon();
  const { engine, recorded } = setUp();
  const life = lifeOf(won);
  await Promise.all(life.map((event) => engine.record(won.order.intent, [event])));
  expect(recorded).toHaveLength(life.length);
  expect(engine.get(won.order.intent)?.version).toBe(life.length);
});

test('the same fact from another block replaces the one on record, which was reorganised away', async () => {
  const won = await createWon();
  const { engine, recorded } = setUp();
  const [awarded, opened] = lifeOf(won);
  if (!awarded || opened?.type !== 'opened') throw new TypeError('life is incomplete');
  await engine.record(won.order.intent, [awarded, opened]);
  const moved = { ...opened, seen: { ...SEEN, block: SEEN.block + 2n } };
  await engine.record(won.order.intent, [moved]);
  expect(recorded).toEqual(['awarded', 'opened', 'reverted', 'opened']);
  expect(engine.get(won.order.intent)).toMatchObject({ state: 'opened', opened: { seen: moved.seen } });
  expect(engine.factsIn('alpha', moved.seen.block, moved.seen.block).map(({ fact }) => fact)).toEqual([
    moved,
  ]);
  expect(engine.factsIn('alpha', SEEN.block, SEEN.block)).toEqual([]);
});

test('a payment outlives the landing it was made for, and keeps its place after a restart', async () => {
  const won = await createWon();
  const { engine } = setUp();
  const [, opened, filling, filled] = lifeOf(won);
  if (opened?.type !== 'opened' || !filling || !filled) throw new TypeError('life is incomplete');
  await engine.record(won.order.intent, [opened, filling]);
  await engine.record(won.order.intent, [{ type: 'reverted', event: 'opened', seen: opened.seen, at: 0n }]);
  expect(engine.get(won.order.intent)).toMatchObject({ state: 'unknown', orderId: won.orderId });
  const again = setUp();
  await again.engine.load();
  await again.engine.recordByOrder(won.orderId, [filled]);
  expect(again.engine.get(won.order.intent)).toMatchObject({ state: 'filled', orderId: won.orderId });
});
