import { pad } from 'viem';
import { expect, test } from 'vitest';
import type { Reservation } from '../store/records.ts';
import { createInventory } from './inventory.ts';

const TOKEN = pad('0x70', { size: 20 });
const DEBT = pad('0xde', { size: 20 });
const one = pad('0x01', { size: 32 });
const two = pad('0x02', { size: 32 });

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
  const inventory = createInventory(() => 0n);
  inventory.reserve(reservation());
  inventory.reserve(reservation({ intent: two, amount: 5n }));
  expect(inventory.promised(3, TOKEN)).toBe(105n);
  expect(inventory.promised(2, TOKEN)).toBe(0n);
  expect(inventory.promised(3, DEBT)).toBe(0n);
  expect(inventory.pledged(1, DEBT)).toBe(20n);
  inventory.release(two);
  expect(inventory.promised(3, TOKEN)).toBe(100n);
});

test('an unfulfilled promise ends after openBy, a won one when it is paid', () => {
  let now = 0n;
  const inventory = createInventory(() => now);
  inventory.reserve(reservation());
  inventory.reserve(reservation({ intent: two, amount: 5n }));
  inventory.won(two);
  expect(inventory.pledged(1, DEBT)).toBe(10n);
  now = 50_000n;
  expect(inventory.promised(3, TOKEN)).toBe(105n);
  now = 1_000_000n;
  expect(inventory.promised(3, TOKEN)).toBe(5n);
  inventory.release(two);
  expect(inventory.promised(3, TOKEN)).toBe(0n);
});
