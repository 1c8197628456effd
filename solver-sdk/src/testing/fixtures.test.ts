import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPayable, payableOptions } from '../inventory.ts';
import { assertCoherent } from '../opportunity.ts';
import { minimalAsk } from '../pricing.ts';
import { hostileOpportunities, randomOpportunities } from './fixtures.ts';
import { createRandom } from './random.ts';

describe('random opportunities', () => {
  const many = randomOpportunities({ seed: 7, count: 400 });

  test('are the same for the same seed, and others for another', () => {
    expect(randomOpportunities({ seed: 7, count: 400 })).toEqual(many);
    expect(randomOpportunities({ seed: 8, count: 5 })).not.toEqual(many.slice(0, 5));
  });

  test('are coherent for any seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        for (const opportunity of randomOpportunities({ seed, count: 5 })) assertCoherent(opportunity);
      }),
    );
  });

  test('reach every case that matters', () => {
    const options = many.flatMap(({ payOptions }) => payOptions);
    for (const decimals of [6, 8, 18]) {
      expect(
        many.some(({ debt, collateral }) => debt.decimals === decimals && collateral.decimals !== decimals),
      ).toBe(true);
    }
    expect(many.some(({ payOptions }) => payOptions.length === 0)).toBe(true);
    expect(
      many.some(
        (opportunity) => opportunity.payOptions.length > 0 && payableOptions(opportunity).length === 0,
      ),
    ).toBe(true);
    expect(many.some(({ seizable }) => seizable < 100n)).toBe(true);
    expect(many.some(({ seizable }) => seizable > 1n << 100n)).toBe(true);
    expect(options.some(({ mode }) => mode === 'local')).toBe(true);
    expect(options.some(({ mode }) => mode === 'remote')).toBe(true);
    expect(options.some(({ available, payAmount }) => available === payAmount)).toBe(true);
    expect(
      options.some(({ available, payAmount, bond }) => available >= payAmount && bond.free < bond.required),
    ).toBe(true);
    const fits = many.flatMap((opportunity) =>
      opportunity.payOptions.filter(isPayable).map((option) => minimalAsk(opportunity, option) !== undefined),
    );
    expect(fits.filter(Boolean).length).toBeGreaterThan(100);
    expect(fits.filter((fit) => !fit).length).toBeGreaterThan(20);
  });
});

test('hostile opportunities are named apart', () => {
  const names = hostileOpportunities().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe('the random source', () => {
  test('stays within bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.bigInt(1n, 1n << 130n), (seed, bound) => {
        const random = createRandom(seed);
        const below = random.below(bound);
        expect(below >= 0n && below < bound).toBe(true);
        const log = random.logUniform(bound);
        expect(log >= 1n && (log < bound || log === 1n)).toBe(true);
        const int = random.int(-3, 3);
        expect(int >= -3 && int <= 3).toBe(true);
        expect(random.bytes(20)).toMatch(/^0x[0-9a-f]{40}$/);
      }),
    );
  });

  test('picks every value and honours probabilities', () => {
    const random = createRandom(3);
    const picks = Array.from({ length: 3_000 }, () => random.pick(['a', 'b', 'c']));
    for (const value of ['a', 'b', 'c']) {
      const count = picks.filter((pick) => pick === value).length;
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
    const hits = Array.from({ length: 3_000 }, () => random.chance(0.25)).filter(Boolean).length;
    expect(hits).toBeGreaterThan(600);
    expect(hits).toBeLessThan(900);
  });
});
