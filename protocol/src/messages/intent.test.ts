import { describe, expect, it } from 'vitest';
import { expectCode } from '../testing/expect-code.ts';
import { checkIntentShape, deriveIntent, encodeIntent, type IntentFacts } from './intent.ts';

const facts: IntentFacts = {
  homeDomain: 1001,
  escrow: `0x${'E5'.repeat(20)}`,
  market: `0x${'11'.repeat(32)}` as const,
  position: `0x${'22'.repeat(96)}`,
  round: 3n,
  block: { number: 120n, hash: `0x${'33'.repeat(32)}`, timestamp: 1_000n },
  assessment: {
    collateral: `0x${'44'.repeat(20)}`,
    debt: `0x${'55'.repeat(20)}`,
    repay: 100n,
    seizable: 50n,
  },
  rules: { slot: 4, quoteWindow: 1_999, landingWindow: 12 },
};

describe('deriving an intent', () => {
  it('sets quoteBy in milliseconds and openBy in whole seconds after it', () => {
    const intent = deriveIntent(facts);
    expect(intent.quoteBy).toBe(1_001_999n);
    expect(intent.openBy).toBe(1_013n);
  });

  it('gives one value for facts that differ in the case of hex', () => {
    const lower = { ...facts, escrow: `0x${'e5'.repeat(20)}` } as const;
    expect(deriveIntent(lower)).toEqual(deriveIntent(facts));
    expect(encodeIntent(deriveIntent(lower))).toEqual(encodeIntent(deriveIntent(facts)));
  });

  it('refuses a block off the slot', () => {
    expectCode('BAD_INTENT', () => deriveIntent({ ...facts, block: { ...facts.block, number: 121n } }));
  });

  it('refuses a healthy position, and one with nothing to seize', () => {
    const { assessment } = facts;
    expectCode('BAD_INTENT', () => deriveIntent({ ...facts, assessment: { ...assessment, repay: 0n } }));
    expectCode('BAD_INTENT', () => deriveIntent({ ...facts, assessment: { ...assessment, seizable: 0n } }));
  });

  it('refuses amounts above uint128 and positions above 256 bytes', () => {
    const { assessment } = facts;
    expectCode('BAD_FIELD', () =>
      deriveIntent({ ...facts, assessment: { ...assessment, repay: 2n ** 128n } }),
    );
    expectCode('BAD_FIELD', () => deriveIntent({ ...facts, position: `0x${'22'.repeat(257)}` }));
    expectCode('BAD_FIELD', () => deriveIntent({ ...facts, position: '0x' }));
  });
});

describe('checking an intent’s shape', () => {
  const intent = deriveIntent(facts);

  it('accepts a derived intent', () => {
    expect(() => checkIntentShape(intent, facts.rules)).not.toThrow();
  });

  it('refuses another openBy, other rules, and a quoteBy no block time can give', () => {
    expectCode('BAD_INTENT', () => checkIntentShape({ ...intent, openBy: intent.openBy + 1n }, facts.rules));
    expectCode('BAD_INTENT', () => checkIntentShape(intent, { ...facts.rules, slot: 7 }));
    expectCode('BAD_INTENT', () => checkIntentShape(intent, { ...facts.rules, slot: 0 }));
    expectCode('BAD_INTENT', () => checkIntentShape({ ...intent, quoteBy: 999n, openBy: 12n }, facts.rules));
    const later = { ...intent, quoteBy: intent.quoteBy - 1n };
    expectCode('BAD_INTENT', () => checkIntentShape(later, facts.rules));
  });
});
