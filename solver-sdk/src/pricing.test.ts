import { tickOf } from '@gavel/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Opportunity } from './opportunity.ts';
import {
  askWithMargin,
  askWithProfit,
  askWorth,
  bestPriced,
  breakEvenAsk,
  costInDebt,
  isOnTick,
  maximalAsk,
  minimalAsk,
  profitOf,
  rankedAsk,
  snapToTick,
  valueOfAsk,
} from './pricing.ts';
import { mulDivDown, mulDivUp } from './rounding.ts';
import { anOpportunity, aPayOption, aRemotePayOption } from './testing/index.ts';

const amount = fc.bigInt({ min: 1n, max: (1n << 128n) - 1n });
const priced = fc
  .record({
    seizable: amount,
    seizableInDebt: amount,
    payInDebt: amount,
    gasInDebt: fc.bigInt(0n, 1n << 64n),
  })
  .map(({ seizable, seizableInDebt, payInDebt, gasInDebt }) => ({
    opportunity: anOpportunity({ seizable, tick: tickOf(seizable), seizableInDebt }),
    option: aPayOption({ payInDebt, gasInDebt }),
  }));

/** Worth 2 debt units a collateral unit, tick 10. */
function double(overrides: Partial<Opportunity> = {}): Opportunity {
  return anOpportunity({ seizable: 100_000n, seizableInDebt: 200_000n, ...overrides });
}

describe('mulDiv', () => {
  test('rounds down and up by at most one, around the exact quotient', () => {
    fc.assert(
      fc.property(amount, amount, amount, (a, b, divisor) => {
        const down = mulDivDown(a, b, divisor);
        const up = mulDivUp(a, b, divisor);
        expect(down * divisor <= a * b && a * b <= up * divisor).toBe(true);
        expect(up - down).toBe((a * b) % divisor === 0n ? 0n : 1n);
      }),
    );
  });
});

describe('break-even', () => {
  test('is the fewest collateral units that pay for payment and gas', () => {
    const option = aPayOption({ payInDebt: 100n, gasInDebt: 1n });
    expect(breakEvenAsk(double(), option)).toBe(51n);
    expect(profitOf(double(), option, 51n)).toBe(1n);
    expect(profitOf(double(), option, 50n)).toBe(-1n);
  });

  test('never loses, and one unit less always does', () => {
    fc.assert(
      fc.property(priced, ({ opportunity, option }) => {
        const ask = breakEvenAsk(opportunity, option) ?? 0n;
        expect(profitOf(opportunity, option, ask) >= 0n).toBe(true);
        expect(profitOf(opportunity, option, ask - 1n) < 0n).toBe(true);
      }),
    );
  });

  test('does not exist when the collateral is worth nothing', () => {
    expect(breakEvenAsk(double({ seizableInDebt: 0n }), aPayOption())).toBeUndefined();
    expect(minimalAsk(double({ seizableInDebt: 0n }), aPayOption())).toBeUndefined();
    expect(askWorth(double({ seizable: 0n }), 1n)).toBeUndefined();
  });

  test('is zero for a cost of zero or less', () => {
    expect(askWorth(double(), 0n)).toBe(0n);
    expect(askWorth(double(), -4n)).toBe(0n);
  });
});

describe('margins', () => {
  test('add basis points of the whole cost, rounded up', () => {
    const option = aPayOption({ payInDebt: 10_000n, gasInDebt: 0n });
    expect(askWithMargin(double(), option, 100)).toBe(5_050n);
    expect(askWithMargin(double(), option, 1)).toBe(5_001n);
    expect(askWithProfit(double(), option, 100n)).toBe(5_050n);
    expect(askWithProfit(double(), option, -100n)).toBe(5_000n);
  });

  test('leave at least the profit asked for', () => {
    fc.assert(
      fc.property(priced, fc.integer({ min: 0, max: 10_000 }), ({ opportunity, option }, marginBps) => {
        const ask = askWithMargin(opportunity, option, marginBps) ?? 0n;
        const wanted = costInDebt(option) * BigInt(marginBps);
        expect(profitOf(opportunity, option, ask) * 10_000n >= wanted).toBe(true);
      }),
    );
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse %s basis points', (marginBps) => {
    expect(() => askWithMargin(double(), aPayOption(), marginBps)).toThrow(
      expect.objectContaining({ code: 'BAD_MARGIN' }),
    );
  });
});

describe('snapping', () => {
  test.each([
    [-3n, 10n],
    [0n, 10n],
    [1n, 10n],
    [10n, 10n],
    [11n, 20n],
    [99_991n, 100_000n],
    [100_000n, 100_000n],
    [100_001n, undefined],
  ])('moves %s to %s', (ask, snapped) => {
    expect(snapToTick(double(), ask)).toBe(snapped);
  });

  test('ends at seizable where the next tick would exceed it', () => {
    const opportunity = anOpportunity({ seizable: 25_001n });
    expect(opportunity.tick).toBe(2n);
    expect(snapToTick(opportunity, 25_001n)).toBe(25_001n);
    expect(isOnTick(opportunity, 25_001n)).toBe(true);
    expect(isOnTick(opportunity, 24_999n)).toBe(false);
  });

  test('gives the lowest ask on the grid that is not below what was wanted', () => {
    fc.assert(
      fc.property(amount, amount, (seizable, wanted) => {
        const opportunity = anOpportunity({ seizable });
        const ask = snapToTick(opportunity, wanted);
        if (ask === undefined) {
          expect(wanted > seizable).toBe(true);
          return;
        }
        expect(isOnTick(opportunity, ask)).toBe(true);
        expect(ask >= wanted && ask <= seizable && ask - wanted < opportunity.tick).toBe(true);
      }),
    );
  });

  test('finds nothing where nothing can be seized', () => {
    expect(snapToTick(anOpportunity({ seizable: 0n }), 0n)).toBeUndefined();
    expect(maximalAsk(anOpportunity({ seizable: 0n }))).toBeUndefined();
    expect(maximalAsk(double())).toBe(100_000n);
  });

  test('makes the break-even ask the minimal one', () => {
    expect(minimalAsk(double(), aPayOption({ payInDebt: 101n, gasInDebt: 0n }))).toBe(60n);
    expect(minimalAsk(double(), aPayOption({ payInDebt: 200_001n, gasInDebt: 0n }))).toBeUndefined();
  });
});

describe('the best priced option', () => {
  const local = aPayOption({ domain: 5, payInDebt: 100n, gasInDebt: 0n, handicapBps: 0 });
  const wanted = (ask: bigint) => () => ask;

  test('has the lowest ask after its handicap', () => {
    const remote = aRemotePayOption({ domain: 4, payInDebt: 90n, gasInDebt: 0n, handicapBps: 200 });
    expect(rankedAsk(remote, 1_000n)).toBe(10_200_000n);
    expect(bestPriced(double(), [remote, local], wanted(1_000n))?.option).toBe(local);
    const cheaper = bestPriced(double(), [local, remote], (option) => (option === remote ? 900n : 1_000n));
    expect(cheaper).toEqual({ option: remote, ask: 900n });
  });

  test('breaks ties by cost, then by domain, whatever the order given', () => {
    const costlier = { ...local, domain: 1, gasInDebt: 1n };
    const twin = { ...local, domain: 2 };
    for (const options of [
      [local, costlier, twin],
      [twin, costlier, local],
    ]) {
      expect(bestPriced(double(), options, wanted(1_000n))?.option).toBe(twin);
    }
  });

  test('is none when no price fits', () => {
    expect(bestPriced(double(), [local], wanted(100_001n))).toBeUndefined();
    expect(bestPriced(double(), [local], () => undefined)).toBeUndefined();
    expect(bestPriced(double(), [], wanted(1n))).toBeUndefined();
  });
});

test('an ask is worth its part of what the oracle says, rounded down', () => {
  const opportunity = double({ seizableInDebt: 199_999n });
  expect(valueOfAsk(opportunity, 100_000n)).toBe(199_999n);
  expect(valueOfAsk(opportunity, 50_000n)).toBe(99_999n);
  expect(valueOfAsk(opportunity, 0n)).toBe(0n);
});
