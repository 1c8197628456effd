import { tickOf } from '@gavel/protocol';
import { describe, expect, test } from 'vitest';
import { assertCoherent, deepFreeze, freezeOpportunity } from './opportunity.ts';
import { anOpportunity, aPayOption, aRemotePayOption } from './testing/index.ts';

test.each([
  [1n, 1n],
  [9_999n, 1n],
  [19_999n, 1n],
  [20_000n, 2n],
])('the tick of %s is %s', (seizable, tick) => {
  expect(tickOf(seizable)).toBe(tick);
});

test('freezing copies, and reaches every field', () => {
  const original = anOpportunity();
  const frozen = freezeOpportunity(original);
  expect(frozen).toEqual(original);
  expect(Object.isFrozen(original)).toBe(false);
  for (const part of [frozen, frozen.collateral, frozen.payOptions, frozen.payOptions[0]?.bond]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test('freezing ends on cycles', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect(Object.isFrozen(deepFreeze(loop))).toBe(true);
});

describe('an incoherent opportunity', () => {
  const option = aPayOption();
  test.each([
    ['no repay', { repay: 0n }],
    ['nothing seizable', { seizable: 0n }],
    ['seizable beyond uint128', { seizable: 1n << 128n }],
    ['another tick', { tick: 3n }],
    ['negative value', { seizableInDebt: -1n }],
    ['a domain twice', { payOptions: [option, option] }],
    ['local elsewhere', { payOptions: [aRemotePayOption({ mode: 'local' })] }],
    ['remote at home', { payOptions: [aPayOption({ mode: 'remote' })] }],
    ['no payment', { payOptions: [aPayOption({ payAmount: 0n })] }],
    ['a payment worth nothing', { payOptions: [aPayOption({ payInDebt: 0n })] }],
    ['negative gas', { payOptions: [aPayOption({ gasInDebt: -1n })] }],
    ['a fractional handicap', { payOptions: [aPayOption({ handicapBps: 0.5 })] }],
  ])('is refused: %s', (_, overrides) => {
    expect(() => assertCoherent(anOpportunity(overrides))).toThrow(
      expect.objectContaining({ code: 'BAD_OPPORTUNITY' }),
    );
  });

  test('is told every fault', () => {
    try {
      assertCoherent(anOpportunity({ repay: 0n, tick: 3n }));
      expect.unreachable();
    } catch (error) {
      expect((error as { meta: { faults: string[] } }).meta.faults).toHaveLength(2);
    }
  });
});

test('the fixtures are coherent', () => {
  assertCoherent(anOpportunity({ payOptions: [aPayOption(), aRemotePayOption()] }));
});
