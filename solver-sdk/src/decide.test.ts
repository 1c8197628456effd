import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, decideLot } from './decide.ts';
import { type Decision, postpone, quote, reject } from './decision.ts';
import type { Opportunity } from './opportunity.ts';
import { minimalAsk } from './pricing.ts';
import type { Strategy } from './strategy.ts';
import { anOpportunity, aPayOption, aRemotePayOption, hostileOpportunities } from './testing/index.ts';

function strategyOf(act: (opportunity: Opportunity) => unknown): Strategy {
  return { name: 'subject', options: {}, quote: (opportunity) => act(opportunity) as Decision };
}

const refusal = (code: string) => ({
  kind: 'reject',
  by: 'runner',
  error: expect.objectContaining({ code }),
});

describe('a decision that keeps the rules', () => {
  test('comes back with the option, its cost and its profit', () => {
    const option = aRemotePayOption();
    const opportunity = anOpportunity({ payOptions: [aPayOption(), option] });
    const ask = minimalAsk(opportunity, option) ?? 0n;
    const outcome = decide(
      strategyOf(() => quote(ask, 1002)),
      opportunity,
    );
    expect(outcome).toMatchObject({ kind: 'quote', ask, payDomain: 1002, option, cost: 10_007_000_000n });
    expect(outcome.kind === 'quote' && outcome.profit >= 0n).toBe(true);
  });

  test('may be a rejection, whose reason is cut to a length fit for a log', () => {
    expect(
      decide(
        strategyOf(() => reject('too small')),
        anOpportunity(),
      ),
    ).toEqual({ kind: 'reject', by: 'strategy', reason: 'too small' });
    const long = decide(
      strategyOf(() => reject('x'.repeat(10_000))),
      anOpportunity(),
    );
    expect(long.kind === 'reject' && long.reason.length).toBe(500);
  });

  test('may be a postponement to a time before quotes close', () => {
    const { now } = anOpportunity();
    expect(
      decide(
        strategyOf(() => postpone(now + 1n)),
        anOpportunity(),
      ),
    ).toEqual({ kind: 'postpone', until: now + 1n });
  });

  test('may ask for all of seizable off the multiples of the tick', () => {
    const opportunity = anOpportunity({ seizable: 25_001n });
    expect(
      decide(
        strategyOf(() => quote(25_001n, 1001)),
        opportunity,
      ).kind,
    ).toBe('quote');
  });
});

describe('a decision that breaks a rule is no decision', () => {
  const { tick, seizable, now, quoteBy } = anOpportunity();
  const short = { payOptions: [aPayOption({ available: 1n })] };
  const bondless = { payOptions: [aRemotePayOption({ bond: { required: 2n, free: 1n } })] };
  test.each<[string, unknown, Partial<Opportunity>]>([
    ['an ask off the tick', quote(tick + 1n, 1001), {}],
    ['an ask of zero', quote(0n, 1001), {}],
    ['a negative ask', quote(-tick, 1001), {}],
    ['an ask above seizable', quote(seizable + tick, 1001), {}],
    ['an ask that is a number', { kind: 'quote', ask: 5, payDomain: 1001 }, {}],
    ['a domain that is no option', quote(tick, 9), {}],
    ['a domain that is text', { kind: 'quote', ask: tick, payDomain: '1001' }, {}],
    ['any domain without options', quote(tick, 1001), { payOptions: [] }],
    ['an option short of inventory', quote(tick, 1001), short],
    ['an option short of bond', quote(tick, 1002), bondless],
    ['a postponement to now', postpone(now), {}],
    ['a postponement to the close', postpone(quoteBy), {}],
    ['a postponement to a number', { kind: 'postpone', until: Number(now) + 1 }, {}],
    ['a rejection without reason', reject(''), {}],
    ['another kind', { kind: 'maybe' }, {}],
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a promise', Promise.resolve(quote(tick, 1001)), {}],
  ])('%s', (_, answer, overrides) => {
    const outcome = decide(
      strategyOf(() => answer),
      anOpportunity(overrides),
    );
    expect(outcome).toMatchObject(refusal('BAD_DECISION'));
  });

  test('a promise that fails later is nobody to end the process', async () => {
    const failing = Promise.reject(new TypeError('late'));
    expect(
      decide(
        strategyOf(() => failing),
        anOpportunity(),
      ),
    ).toMatchObject(refusal('BAD_DECISION'));
    await expect(failing).rejects.toThrow('late');
  });

  test('nor is an answer that throws when read', () => {
    const trap = {
      get kind(): string {
        throw new TypeError('gotcha');
      },
    };
    expect(
      decide(
        strategyOf(() => trap),
        anOpportunity(),
      ),
    ).toMatchObject({ kind: 'reject', by: 'runner' });
  });

  test('whatever the answer, deciding does not throw', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (answer) => {
        expect(
          decide(
            strategyOf(() => answer),
            anOpportunity(),
          ).kind,
        ).toBe('reject');
      }),
    );
  });
});

describe('a strategy that misbehaves', () => {
  test('is taken to reject when it throws, and the cause is kept', () => {
    const cause = new RangeError('divided by zero');
    const outcome = decide(
      strategyOf(() => {
        throw cause;
      }),
      anOpportunity(),
    );
    expect(outcome).toMatchObject(refusal('STRATEGY_THREW'));
    expect(outcome.kind === 'reject' && outcome.by === 'runner' && outcome.error.cause).toBe(cause);
    expect(outcome.kind === 'reject' && outcome.reason).toContain('divided by zero');
  });

  test('cannot change the opportunity', () => {
    const opportunity = anOpportunity();
    const outcome = decide(
      strategyOf((seen) => {
        (seen.debt as { decimals: number }).decimals = 0;
        return reject('changed');
      }),
      opportunity,
    );
    expect(outcome).toMatchObject(refusal('STRATEGY_THREW'));
    expect(opportunity).toEqual(anOpportunity());
  });
});

describe('a strategy is not asked', () => {
  const never = strategyOf(() => expect.unreachable());

  test('once quotes have closed', () => {
    const { quoteBy } = anOpportunity();
    expect(decide(never, anOpportunity({ now: quoteBy }))).toMatchObject(refusal('TOO_LATE'));
  });

  test('about an opportunity that contradicts itself', () => {
    expect(decide(never, anOpportunity({ tick: 7n }))).toMatchObject(refusal('BAD_OPPORTUNITY'));
  });

  test('about one that cannot even be copied', () => {
    const opportunity = { ...anOpportunity(), surprise: () => undefined };
    expect(decide(never, opportunity)).toMatchObject(refusal('BAD_OPPORTUNITY'));
  });

  test.each(hostileOpportunities())('and deciding survives: $name', ({ opportunity }) => {
    expect(
      decide(
        strategyOf(() => reject('no')),
        opportunity,
      ).kind,
    ).toBe('reject');
  });
});

describe('collateral on offer', () => {
  const sale = anOpportunity({ kind: 'sale' });
  const ask = 3_400n * sale.tick;

  test('is accepted as soon as the lot reaches the ask, for what the whole lot earns', () => {
    const strategy = strategyOf(() => quote(ask, 1001));
    expect(decideLot(strategy, sale, ask - 1n)).toEqual({ kind: 'wait', ask });
    const exact = decideLot(strategy, sale, ask);
    const more = decideLot(strategy, sale, ask + 100n * sale.tick);
    expect([exact.kind, more.kind]).toEqual(['accept', 'accept']);
    if (exact.kind !== 'accept' || more.kind !== 'accept') return;
    expect(exact.option).toEqual(sale.payOptions[0]);
    expect(more.profit).toBeGreaterThan(exact.profit);
  });

  test('is turned down as in an auction, and a postponement only waits', () => {
    expect(
      decideLot(
        strategyOf(() => reject('no')),
        sale,
        ask,
      ),
    ).toEqual({ kind: 'reject', by: 'strategy', reason: 'no' });
    expect(
      decideLot(
        strategyOf(() => postpone(sale.now + 1n)),
        sale,
        ask,
      ).kind,
    ).toBe('wait');
    expect(
      decideLot(
        strategyOf(() => {
          throw new TypeError('broken');
        }),
        sale,
        ask,
      ),
    ).toMatchObject({ kind: 'reject', by: 'runner' });
  });
});
