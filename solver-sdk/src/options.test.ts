import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basisPoints, optionsOf, parseOptions, toUnits, wholeTokens } from './options.ts';

const parse = (raw: unknown) =>
  parseOptions(
    optionsOf({ spreadBps: basisPoints({ max: 500 }), minProfit: wholeTokens().default('0') }),
    raw,
  );

const faultsOf = (raw: unknown): unknown => {
  try {
    return parse(raw);
  } catch (error) {
    return (error as { meta?: { faults?: unknown } }).meta?.faults;
  }
};

describe('parsing options', () => {
  test('fills in what has a default', () => {
    expect(parse({ spreadBps: 30 })).toEqual({ spreadBps: 30, minProfit: '0' });
  });

  test('takes amounts as text or as number', () => {
    expect(parse({ spreadBps: 0, minProfit: '2.50' }).minProfit).toBe('2.50');
    expect(parse({ spreadBps: 0, minProfit: 2.5 }).minProfit).toBe('2.5');
  });

  test('reports every fault at once', () => {
    expect(faultsOf({ spreadBps: 501, minProfit: '-1', sperad: 3 })).toEqual([
      'spreadBps: expected whole basis points from 0 to 500, got 501',
      'minProfit: expected an amount in whole tokens from 0, such as "2.5", got "-1"',
      'Unrecognized key: "sperad"',
    ]);
  });

  test.each([undefined, null, {}])('counts %s as no options', (raw) => {
    expect(faultsOf(raw)).toEqual(['spreadBps: expected whole basis points from 0 to 500, got nothing']);
  });

  test.each([7, 'text', [1]])('refuses %s in the place of options', (raw) => {
    expect(() => parse(raw)).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
  });

  test.each(['30', 1.5, -1, Number.NaN, 30n, null])('refuses %s as basis points', (spreadBps) => {
    expect(() => parse({ spreadBps })).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
  });

  test('takes no field from a prototype', () => {
    expect(() => parse(Object.create({ spreadBps: 5 }))).toThrow(
      expect.objectContaining({ code: 'BAD_OPTIONS' }),
    );
  });
});

describe('amounts in whole tokens', () => {
  test.each([
    ['2.5', 6, 2_500_000n],
    ['0', 18, 0n],
    ['1', 0, 1n],
    ['0.0000001', 6, 1n],
    ['1.0000000', 6, 1_000_000n],
    ['1.5', 0, 2n],
  ])('%s at %s decimals is %s units', (text, decimals, units) => {
    expect(toUnits(text, decimals)).toBe(units);
  });

  test('keep every digit that fits', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 128n), fc.integer({ min: 1, max: 24 }), (units, decimals) => {
        const digits = units.toString().padStart(decimals + 1, '0');
        const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
        expect(toUnits(text, decimals)).toBe(units);
      }),
    );
  });

  test.each(['', '.5', '1.', '1e3', '-1', ' 1'])('"%s" is refused', (text) => {
    expect(() => toUnits(text, 6)).toThrow(expect.objectContaining({ code: 'BAD_AMOUNT' }));
  });
});
