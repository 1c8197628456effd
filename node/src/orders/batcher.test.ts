import { type Hex, pad } from 'viem';
import { expect, test } from 'vitest';
import { ChainError } from '../chain/errors.ts';
import { silentTelemetry } from '../observe/telemetry.ts';
import { emptyOrder, type OrderView } from '../order/fold.ts';
import { type BatchLimits, createBatcher } from './batcher.ts';

/** A batcher over a clock stepped by hand; served orders are no longer due. */
function setUp(limits: BatchLimits, patience = 0n, again?: bigint, room = 100) {
  const clock = { now: 0n };
  const timers: { at: bigint; task: () => Promise<void> | void }[] = [];
  const served: Hex[][] = [];
  const done = new Set<Hex>();
  const sentAt = new Map<Hex, bigint>();
  let failures = 0;
  const batcher = createBatcher({
    stage: {
      name: 'test',
      due: (view): view is OrderView => !done.has(view.intent),
      notBefore: ({ intent }) => {
        const at = sentAt.get(intent);
        return at === undefined || again === undefined ? 0n : at + again;
      },
      keyOf: ({ intent }) => (BigInt(intent) < 100n ? 'low' : 'high'),
      async run(views) {
        if (failures-- > 0) throw new TypeError('the chain is down');
        if (views.length > room) throw new ChainError('GAS_CAP', 'The call needs more gas than there is');
        served.push(views.map(({ intent }) => intent));
        for (const { intent } of views) {
          if (again === undefined) done.add(intent);
          else sentAt.set(intent, clock.now);
          batcher.consider(emptyOrder(intent)); // its record changed
        }
        return new Map();
      },
    },
    limits,
    patience: () => patience,
    engine: { get: emptyOrder, record: async () => undefined },
    scheduler: { at: (at, _name, task) => void timers.push({ at, task }) },
    now: () => clock.now,
    telemetry: silentTelemetry(),
  });
  const advance = async (to: bigint) => {
    clock.now = to;
    for (
      let next = timers.findIndex(({ at }) => at <= to);
      next !== -1;
      next = timers.findIndex(({ at }) => at <= to)
    ) {
      const [timer] = timers.splice(next, 1);
      await timer?.task();
    }
  };
  return { batcher, served, done, advance, fail: (times: number) => (failures = times) };
}

const order = (number: number): OrderView =>
  emptyOrder(pad(`0x${number.toString(16).padStart(2, '0')}`, { size: 32 }));

test('orders of one group wait for company and travel together', async () => {
  const { batcher, served, advance } = setUp({ maxFills: 8, maxAgeMs: 1_000 });
  batcher.consider(order(1));
  await advance(500n);
  batcher.consider(order(2));
  batcher.consider(order(200));
  await advance(999n);
  expect(served).toEqual([]);
  await advance(1_000n);
  expect(served).toEqual([[order(1).intent, order(2).intent]]);
  await advance(1_500n);
  expect(served).toHaveLength(2);
});

test('a full group waits no longer', async () => {
  const { batcher, served, advance } = setUp({ maxFills: 2, maxAgeMs: 1_000 });
  for (const number of [1, 2, 3]) batcher.consider(order(number));
  await advance(0n);
  expect(served).toEqual([[order(1).intent, order(2).intent]]);
  await advance(1_000n);
  expect(served).toEqual([[order(1).intent, order(2).intent], [order(3).intent]]);
});

test('a failure is tried again, later and later, and loses nobody', async () => {
  const { batcher, served, advance, fail } = setUp({ maxFills: 8, maxAgeMs: 1_000 });
  fail(2);
  batcher.consider(order(1));
  for (let at = 1_000n; at <= 6_000n; at += 500n) await advance(at);
  expect(served).toEqual([]);
  for (let at = 6_000n; at <= 8_000n; at += 500n) await advance(at);
  expect(served).toEqual([[order(1).intent]]);
});

test('a keeper behind others waits its turn, and finds nothing left', async () => {
  const { batcher, served, advance } = setUp({ maxFills: 1, maxAgeMs: 0 }, 5_000n);
  batcher.consider(order(1));
  await advance(4_999n);
  expect(served).toEqual([]);
  await advance(5_000n);
  expect(served).toEqual([[order(1).intent]]);
});

test('an order whose message had no effect is served again after a while, until it had', async () => {
  const { batcher, served, done, advance } = setUp({ maxFills: 8, maxAgeMs: 1_000 }, 0n, 60_000n);
  batcher.consider(order(1));
  for (let at = 1_000n; at <= 60_000n; at += 500n) await advance(at);
  expect(served).toHaveLength(1);
  for (let at = 60_500n; at <= 63_000n; at += 500n) await advance(at);
  expect(served).toHaveLength(2);
  done.add(order(1).intent);
  for (let at = 63_000n; at <= 300_000n; at += 1_000n) await advance(at);
  expect(served).toHaveLength(2);
});

test('orders whose message needs more gas than a transaction may have travel in smaller ones', async () => {
  const { batcher, served, advance } = setUp({ maxFills: 16, maxAgeMs: 1_000 }, 0n, undefined, 3);
  for (let number = 1; number <= 16; number++) batcher.consider(order(number));
  await advance(0n);
  await advance(1_000n);
  expect(served.flat().toSorted()).toEqual(Array.from({ length: 16 }, (_, index) => order(index + 1).intent));
  expect(Math.max(...served.map((load) => load.length))).toBeLessThanOrEqual(3);
});
