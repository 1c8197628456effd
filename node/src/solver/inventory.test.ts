import type { PositionKey, Seconds } from '@gavel/protocol';
import { pad } from 'viem';
import { expect, test } from 'vitest';
import type { Reservation } from '../store/records.ts';
import { createInventory, roundKeyOf } from './inventory.ts';
import { createVoidAuctions } from './void-auctions.ts';

const TOKEN = pad('0x70', { size: 20 });
const DEBT = pad('0xde', { size: 20 });
const one = pad('0x01', { size: 32 });
const two = pad('0x02', { size: 32 });
const three = pad('0x03', { size: 32 });

function reservation(parts: Partial<Reservation> = {}): Reservation {
  return {
    intent: one,
    domain: 3,
    token: TOKEN,
    amount: 100n,
    homeDomain: 1,
    debt: DEBT,
    bond: 10n,
    openBy: 50n,
    ...parts,
  };
}

test('promises add up by chain and token, bonds by home chain and debt token', () => {
  const inventory = createInventory();
  inventory.reserve(reservation());
  inventory.reserve(reservation({ intent: two, amount: 5n }));
  expect(inventory.promised(3, TOKEN)).toBe(105n);
  expect(inventory.promised(2, TOKEN)).toBe(0n);
  expect(inventory.promised(3, DEBT)).toBe(0n);
  expect(inventory.pledged(1, DEBT)).toBe(20n);
  inventory.release(two);
  expect(inventory.promised(3, TOKEN)).toBe(100n);
});

test('promises of one round of a position bind as much as the largest: only one of them can land', () => {
  const inventory = createInventory();
  const roundKey = roundKeyOf(1, one as PositionKey, 4n);
  inventory.reserve(reservation({ roundKey }));
  inventory.reserve(reservation({ intent: two, amount: 120n, bond: 7n, roundKey }));
  inventory.reserve(reservation({ intent: three, amount: 5n }));
  expect(inventory.promised(3, TOKEN)).toBe(125n);
  expect(inventory.pledged(1, DEBT)).toBe(20n);
  // What the next auction of the round may count on.
  expect(inventory.promised(3, TOKEN, roundKey)).toBe(5n);
  expect(inventory.pledged(1, DEBT, roundKey)).toBe(10n);
  inventory.won(one);
  expect(inventory.promised(3, TOKEN)).toBe(105n);
  expect(inventory.pledged(1, DEBT)).toBe(10n);
  // The landing is reorganised away: the other one may land after all.
  inventory.unlanded(one);
  expect(inventory.promised(3, TOKEN)).toBe(125n);
});

/** Void auctions over an inventory, and the intents found void. */
function setUp() {
  const inventory = createInventory();
  const found: string[] = [];
  const voids = createVoidAuctions({
    promises: inventory.live,
    onVoid({ intent }) {
      inventory.release(intent);
      found.push(intent);
    },
  });
  return { inventory, voids, found };
}

test('a promise ends as soon as every landing up to its openBy has been read, and not by any other clock', () => {
  const { inventory, voids, found } = setUp();
  inventory.reserve(reservation());
  voids.onHead(1, { number: 7n, timestamp: 50n as Seconds });
  voids.onRead(1, 7n);
  voids.onHead(2, { number: 900n, timestamp: 9_000n as Seconds });
  voids.onRead(2, 900n);
  expect(found).toEqual([]);
  voids.onHead(1, { number: 8n, timestamp: 51n as Seconds });
  voids.onHead(1, { number: 9n, timestamp: 52n as Seconds });
  voids.onRead(1, 6n);
  expect(inventory.promised(3, TOKEN)).toBe(100n);
  voids.onRead(1, 7n);
  expect(found).toEqual([one]);
  expect(inventory.promised(3, TOKEN)).toBe(0n);
});

test('a promise that a landing decided, or that has won, is not void', () => {
  const { inventory, voids, found } = setUp();
  inventory.reserve(reservation());
  inventory.reserve(reservation({ intent: two }));
  inventory.won(two);
  voids.onHead(1, { number: 8n, timestamp: 51n as Seconds });
  voids.onLanded(one);
  voids.onRead(1, 8n);
  expect(found).toEqual([]);
  expect(inventory.live()).toHaveLength(2);
});
