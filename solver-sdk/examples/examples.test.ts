import { readFileSync } from 'node:fs';
import { decide, type StrategyFactory } from '@gavel/solver-sdk';
import {
  anOpportunity,
  aPayOption,
  aRemotePayOption,
  protocolCompliance,
  strategyCompliance,
} from '@gavel/solver-sdk/testing';
import { pad } from 'viem';
import { describe, expect, test } from 'vitest';
import constantSpread from './constant-spread.ts';
import inventoryAware, { spreadAt } from './inventory-aware.ts';
import tinyLend from './tiny-lend.ts';

const local = aPayOption();
const remote = aRemotePayOption();
const both = anOpportunity({ payOptions: [local, remote] });
const compliance = (factory: StrategyFactory, options: unknown) => strategyCompliance(factory, { options });
const aware = { baseBps: 10, fullBps: 110 };

describe('constant-spread', () => {
  describe.each([{ spreadBps: 0 }, { spreadBps: 30, minProfit: '2.5' }])('complies with %j', (options) => {
    for (const { name, run } of compliance(constantSpread, options)) test(name, run);
  });

  test('earns its spread, to the tick', () => {
    const outcome = decide(constantSpread({ spreadBps: 100 }), both);
    // 1 % of 10 006 USDC is 100.06 USDC; a tick is worth 1.05 USDC.
    expect(outcome).toMatchObject({ kind: 'quote', payDomain: 1001 });
    expect(outcome.kind === 'quote' && outcome.profit).toBeGreaterThanOrEqual(100_060_000n);
    expect(outcome.kind === 'quote' && outcome.profit).toBeLessThan(101_110_000n);
  });

  test('earns at least its least profit', () => {
    const outcome = decide(constantSpread({ spreadBps: 1, minProfit: '200' }), both);
    expect(outcome.kind === 'quote' && outcome.profit).toBeGreaterThanOrEqual(200_000_000n);
    expect(outcome.kind === 'quote' && outcome.profit).toBeLessThan(201_050_000n);
  });

  test('pays elsewhere when that ranks better, or is all it can afford', () => {
    const cheap = aRemotePayOption({ gasInDebt: 0n, payInDebt: 9_990_000_000n });
    const strategy = constantSpread({ spreadBps: 20 });
    expect(decide(strategy, anOpportunity({ payOptions: [local, cheap] }))).toMatchObject({
      payDomain: 1002,
    });
    const empty = aPayOption({ available: 0n });
    expect(decide(strategy, anOpportunity({ payOptions: [empty, remote] }))).toMatchObject({
      payDomain: 1002,
    });
  });

  test('rejects what it cannot pay and what does not pay', () => {
    const strategy = constantSpread({ spreadBps: 20 });
    const empty = anOpportunity({ payOptions: [aPayOption({ available: 0n })] });
    expect(decide(strategy, empty)).toMatchObject({ kind: 'reject', by: 'strategy' });
    const poor = anOpportunity({ seizableInDebt: 10_006_000_000n });
    expect(decide(strategy, poor)).toMatchObject({ kind: 'reject', by: 'strategy' });
  });

  test.each([undefined, { spreadBps: '5' }, { spreadBps: 5, minProfit: '-1' }, { spreadBps: 5, other: 1 }])(
    'refuses the options %j',
    (options) => {
      expect(() => constantSpread(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
    },
  );
});

describe('inventory-aware', () => {
  describe.each([aware, { ...aware, maxUtilisationBps: 5_000 }])('complies with %j', (options) => {
    for (const { name, run } of compliance(inventoryAware, options)) test(name, run);
  });

  test.each([
    [0, 10],
    [1, 11],
    [5_000, 60],
    [10_000, 110],
  ])('spreads at a utilisation of %s by %s', (utilisation, spread) => {
    expect(spreadAt(utilisation, aware)).toBe(spread);
  });

  test('asks for more as the inventory empties', () => {
    const asks = [400_000_000_000n, 40_000_000_000n, 20_000_000_000n, 10_005_000_000n].map((available) => {
      const outcome = decide(
        inventoryAware(aware),
        anOpportunity({ payOptions: [aPayOption({ available })] }),
      );
      return outcome.kind === 'quote' ? outcome.ask : 0n;
    });
    expect(asks.every((ask, index) => ask > (asks[index - 1] ?? 0n))).toBe(true);
  });

  test('prefers the fuller inventory', () => {
    const nearlyEmpty = aPayOption({ available: local.payAmount });
    const opportunity = anOpportunity({ payOptions: [nearlyEmpty, remote] });
    expect(decide(inventoryAware(aware), opportunity)).toMatchObject({ kind: 'quote', payDomain: 1002 });
  });

  test('leaves alone what would use more than it may', () => {
    const options = { ...aware, maxUtilisationBps: 2_000 };
    expect(decide(inventoryAware(options), anOpportunity())).toMatchObject({
      kind: 'reject',
      by: 'strategy',
    });
  });

  test.each([{}, { baseBps: 20, fullBps: 10 }, { ...aware, maxUtilisationBps: 10_001 }])(
    'refuses the options %j',
    (options) => {
      expect(() => inventoryAware(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
    },
  );
});

describe('tiny-lend complies', () => {
  const [alice, bob] = [pad('0xa1', { size: 20 }), pad('0xb0', { size: 20 })];
  const borrowed = (borrower: `0x${string}`) => ({ eventName: 'Borrowed', args: { borrower, amount: 1n } });
  const example = { logs: [borrowed(alice), borrowed(bob)], positions: [pad(alice), pad(bob)] };
  for (const { name, run } of protocolCompliance(tinyLend, example)) test(name, run);
});

test.each(['constant-spread', 'inventory-aware', 'tiny-lend'])('%s stays within 80 lines', (name) => {
  const lines = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8').split('\n');
  expect(lines.length).toBeLessThanOrEqual(81);
});
