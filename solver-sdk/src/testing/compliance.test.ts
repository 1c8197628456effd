import { describe, expect, test } from 'vitest';
import constantSpread from '../../examples/constant-spread.ts';
import { type Decision, postpone, quote, reject } from '../decision.ts';
import { payableOptions } from '../inventory.ts';
import type { Opportunity, PayOption } from '../opportunity.ts';
import { optionsOf } from '../options.ts';
import { bestPriced, breakEvenAsk, minimalAsk } from '../pricing.ts';
import { defineStrategy, type StrategyFactory } from '../strategy.ts';
import { type ComplianceSettings, strategyCompliance } from './compliance.ts';

function factoryOf(decide: (opportunity: Opportunity) => Decision): StrategyFactory {
  return defineStrategy({ name: 'subject', options: optionsOf({}), quote: decide });
}

/** A compliant market maker at cost, as the base of the broken ones. */
function atCost(opportunity: Opportunity): Decision {
  const options = payableOptions(opportunity);
  const best = bestPriced(opportunity, options, (option) => breakEvenAsk(opportunity, option));
  return best === undefined ? reject('unprofitable') : quote(best.ask, best.option.domain);
}

/** Quotes what `price` says for the first option that `choose` leaves. */
function naive(
  price: (opportunity: Opportunity, option: PayOption) => bigint | undefined,
  choose: (opportunity: Opportunity) => readonly PayOption[] = payableOptions,
): StrategyFactory {
  return factoryOf((opportunity) => {
    const [option] = choose(opportunity);
    if (option === undefined) return reject('no option');
    const ask = price(opportunity, option);
    return ask === undefined ? reject('unprofitable') : quote(ask, option.domain);
  });
}

/** Runs the rules, or one of them, and names those that fail. */
function failures(factory: StrategyFactory, settings: ComplianceSettings = {}, only?: string): string[] {
  return strategyCompliance(factory, settings)
    .filter(({ name }) => only === undefined || name === only)
    .filter(({ run }) => {
      try {
        run();
        return false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOT_COMPLIANT' });
        return true;
      }
    })
    .map(({ name }) => name);
}

test('a market maker at cost complies', () => {
  expect(failures(factoryOf(atCost))).toEqual([]);
});

describe('each rule catches who breaks it', () => {
  let calls = 0;
  const tooMuch = (opportunity: Opportunity, option: PayOption) => {
    const ask = breakEvenAsk(opportunity, option);
    return ask === undefined ? undefined : (ask / opportunity.tick + 1n) * opportunity.tick;
  };
  const free = (opportunity: Opportunity) => (opportunity.seizable > 0n ? opportunity.tick : undefined);
  test.each<[string, StrategyFactory, string]>([
    [
      'remembers',
      factoryOf((opportunity) => {
        calls += 1;
        return calls % 2 === 0 ? atCost(opportunity) : reject('odd call');
      }),
      'gives the same decision for the same opportunity',
    ],
    [
      'reads the clock',
      factoryOf((opportunity) => (Date.now() < 0 ? reject('early') : atCost(opportunity))),
      'uses no clock, chance, timer or network',
    ],
    [
      'draws lots, and hides the throw',
      factoryOf((opportunity) => {
        try {
          Math.random();
        } catch {
          return atCost(opportunity);
        }
        return atCost(opportunity);
      }),
      'uses no clock, chance, timer or network',
    ],
    [
      'changes the opportunity where it can',
      factoryOf((opportunity) => {
        Reflect.set(opportunity, 'repay', 0n);
        return atCost(opportunity);
      }),
      'changes neither the opportunity nor its options',
    ],
    ['ignores seizable', naive(tooMuch), 'never asks for more than can be seized'],
    ['ignores the tick', naive(breakEvenAsk), 'asks on the tick'],
    ['ignores costs', naive(free), 'never asks for less than pays its costs'],
    [
      'ignores inventory',
      naive(minimalAsk, ({ payOptions }) => payOptions),
      'pays only with an option it can afford',
    ],
    ['needs no options', factoryOf(({ tick }) => quote(tick, 1)), 'quotes nothing without pay options'],
    [
      'postpones for ever',
      factoryOf(({ quoteBy }) => postpone(quoteBy)),
      'postpones only to a time before quotes close',
    ],
    ['gives no reason', factoryOf(() => reject('')), 'answers with a well-formed decision at any scale'],
    [
      'divides by what may be zero',
      naive(({ repay, seizable, seizableInDebt }) => (repay * seizable) / seizableInDebt),
      'answers hostile opportunities without throwing',
    ],
    ['never quotes', factoryOf(() => reject('shy')), 'quotes what is plainly profitable'],
  ])('%s', (_, factory, rule) => {
    expect(failures(factory, { runs: 100 }, rule)).toEqual([rule]);
  });

  test('never returns', () => {
    const stuck = factoryOf(() => {
      for (;;);
    });
    const rule = strategyCompliance(stuck, { timeLimitMs: 50 }).find(
      ({ name }) => name === 'decides within 50 ms',
    );
    expect(() => rule?.run()).toThrow(
      expect.objectContaining({
        code: 'NOT_COMPLIANT',
        cause: expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' }),
      }),
    );
  });
});

test('a decision that returns late breaks the time limit', () => {
  const slow = factoryOf((opportunity) => {
    const began = process.threadCpuUsage();
    while (process.threadCpuUsage(began).user < 60_000);
    return atCost(opportunity);
  });
  const settings = { runs: 1, timeLimitMs: 50 };
  expect(failures(slow, settings, 'decides within 50 ms')).toEqual(['decides within 50 ms']);
});

test('a selective strategy may turn everything down', () => {
  expect(
    failures(
      factoryOf(() => reject('not my market')),
      { selective: true },
    ),
  ).toEqual([]);
});

test('a failure tells the seed and the opportunity that shows it', () => {
  const [first] = strategyCompliance(
    factoryOf(() => {
      throw new TypeError('broken');
    }),
    { seed: 99 },
  );
  expect(() => first?.run()).toThrow(
    expect.objectContaining({
      meta: expect.objectContaining({ seed: 99, failure: expect.stringContaining('broken') }),
    }),
  );
});

test('clock, chance and network are back after the suite, also when it fails', () => {
  const before = [Date, Math.random, performance.now, fetch, setTimeout, crypto.randomUUID];
  failures(
    factoryOf(() => reject(String(Date.now()))),
    { runs: 3 },
  );
  expect([Date, Math.random, performance.now, fetch, setTimeout, crypto.randomUUID]).toEqual(before);
  expect(Object.hasOwn(performance, 'now')).toBe(false);
});

test('bad options surface as what they are', () => {
  const [first] = strategyCompliance(constantSpread, { options: { spreadBps: -1 } });
  expect(() => first?.run()).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
});
