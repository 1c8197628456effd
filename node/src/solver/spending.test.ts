import { anOpportunity, aRemotePayOption } from '@gavel/solver-sdk/testing';
import { expect, test } from 'vitest';
import type { Reservation } from '../store/records.ts';
import { createInventory } from './inventory.ts';
import { createSpending, type Limit } from './spending.ts';

const TOKEN = '0x00000000000000000000000000000000000000aA';
const OTHER = '0x00000000000000000000000000000000000000bb';
const limit: Limit = { domain: 3, token: TOKEN, perPayment: 60n, perHour: 100n };

function setUp(limits: readonly Limit[] = [limit]) {
  const clock = { now: 1_000_000_000n };
  const inventory = createInventory();
  const spending = createSpending({ limits, promises: () => inventory.live(), now: () => clock.now });
  const promise = (intent: `0x${string}`, amount: bigint): Reservation => ({
    intent,
    domain: 3,
    token: TOKEN,
    amount,
    homeDomain: 1,
    debt: OTHER,
    bond: 0n,
    openBy: clock.now / 1_000n + 30n,
  });
  const pay = (intent: `0x${string}`, amount: bigint) =>
    spending.spent({ intent, domain: 3, token: TOKEN, amount, at: clock.now });
  return { clock, inventory, spending, promise, pay };
}

test('promises and payments of the last hour take from what may be promised, each once', () => {
  const { clock, inventory, spending, promise, pay } = setUp();
  expect(spending.room(3, TOKEN)).toBe(60n);
  inventory.reserve(promise('0x01', 50n));
  expect(spending.room(3, TOKEN)).toBe(50n);
  pay('0x01', 50n);
  pay('0x01', 50n);
  expect(spending.room(3, TOKEN)).toBe(50n);
  inventory.release('0x01');
  expect(spending.room(3, TOKEN)).toBe(50n);
  pay('0x02', 60n);
  expect(spending.room(3, TOKEN)).toBe(0n);
  clock.now += 3_600_000n;
  expect(spending.room(3, TOKEN)).toBe(60n);
});

test('a token without a limit has none, on another chain the same address is another token', () => {
  const { spending } = setUp();
  expect(spending.room(3, OTHER)).toBeUndefined();
  expect(spending.room(4, TOKEN)).toBeUndefined();
});

test('a strategy sees no more than may be promised', () => {
  const { spending } = setUp();
  const bound = aRemotePayOption({
    domain: 3,
    token: { address: TOKEN, symbol: 'USDx', decimals: 0 },
    available: 500n,
  });
  const free = aRemotePayOption({ domain: 4, available: 500n });
  const { payOptions } = spending.cap(anOpportunity({ payOptions: [bound, free] }));
  expect(payOptions.map(({ available }) => available)).toEqual([60n, 500n]);
});

test('a payment over a limit is refused, repeating one is not', () => {
  const { spending, pay } = setUp();
  const payment = (intent: `0x${string}`, amount: bigint) =>
    ({ intent, domain: 3, token: TOKEN, amount }) as const;
  expect(spending.refusal(payment('0x01', 61n))).toBe('OVER_PAYMENT_LIMIT');
  pay('0x01', 60n);
  expect(spending.refusal(payment('0x01', 60n))).toBeUndefined();
  expect(spending.refusal(payment('0x02', 40n))).toBeUndefined();
  expect(spending.refusal(payment('0x02', 41n))).toBe('OVER_HOURLY_LIMIT');
});
