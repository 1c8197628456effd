import { describe, expect, test } from 'vitest';
import constantSpread from '../../examples/constant-spread.ts';
import { type Decision, postpone, quote, reject } from '../decision.ts';
import { payableOptions } from '../inventory.ts';
import type { Opportunity, PayOption } from '../opportunity.ts';
import { optionsOf } from '../options.ts';
import { bestPriced, breakEvenAsk, minimalAsk } from '../pricing.ts';
import { defineStrategy, type StrategyFactory } from '../strategy.ts';
import { type ComplianceSettings, strategyCompliance } from './compliance.ts';
import { anOpportunity } from './fixtures.ts';

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

test('a first call that is slow, and a machine that stood still, break no time limit', () => {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const burn = () => {
    const began = process.threadCpuUsage();
    while (process.threadCpuUsage(began).user < 60_000);
  };
  // For as long as a suspended machine: far longer than the watchdog waits.
  const stall = () => void Atomics.wait(cell, 0, 0, 3_600_000);
  for (const delay of [burn, stall]) {
    let calls = 0;
    const subject = factoryOf((opportunity) => {
      calls += 1;
      if (calls === 1) delay();
      return atCost(opportunity);
    });
    expect(failures(subject, { runs: 1, timeLimitMs: 50 }, 'decides within 50 ms')).toEqual([]);
    expect(calls).toBeGreaterThan(1);
  }
});

describe('a strategy that rejects early is examined in what it is meant for', () => {
  const { market } = anOpportunity({ market: `0x${'5e'.repeat(32)}` });
  const only = (decide: (opportunity: Opportunity) => Decision) =>
    factoryOf((opportunity) => (opportunity.market === market ? decide(opportunity) : reject('not mine')));
  const meantFor = (opportunity: Opportunity) => ({ ...opportunity, market });
  const plain = 'quotes what is plainly profitable';

  test('one that turns everything down proves nothing', () => {
    expect(failures(only(atCost))).toEqual([plain]);
    expect(failures(only(atCost), { meantFor })).toEqual([]);
  });

  test.each<[string, (opportunity: Opportunity) => Decision, string]>([
    [
      'reads the clock',
      (opportunity) => (process.hrtime.bigint() < 0n ? reject('early') : atCost(opportunity)),
      'uses no clock, chance, timer or network',
    ],
    [
      'remembers',
      (() => {
        const seen = new Set<string>();
        return (opportunity: Opportunity) => {
          if (seen.has(opportunity.intent)) return reject('seen');
          seen.add(opportunity.intent);
          return atCost(opportunity);
        };
      })(),
      'gives the same decision for the same opportunity',
    ],
  ])('one that %s in its own market is found out', (_, decide, rule) => {
    expect(failures(only(decide), { meantFor }, rule)).toEqual([rule]);
  });

  test('one that draws lots only over a great profit is found out', () => {
    const greedy = factoryOf((opportunity) => {
      const decision = atCost(opportunity);
      // The plain one earns as much, but is local and of a single size.
      const isRich =
        opportunity.seizableInDebt >= (opportunity.repay * 3n) / 2n && opportunity.repay !== 10_000_000_000n;
      return decision.kind === 'quote' && isRich && Math.random() < 0 ? reject('unlucky') : decision;
    });
    const rule = 'uses no clock, chance, timer or network';
    expect(failures(greedy, {}, rule)).toEqual([rule]);
  });
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
