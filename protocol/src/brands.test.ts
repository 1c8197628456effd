import fc from 'fast-check';
import { getAddress } from 'viem';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type AddressKey,
  addressKey,
  type Domain,
  type IntentDigest,
  type MarketId,
  type Ms,
  type OrderId,
  type PositionKey,
  parseAddress,
  parseBytes32,
  type QuoteDigest,
  type Seconds,
  sameAddress,
  type TallyId,
  toMs,
  toSeconds,
} from './index.ts';
import { anyAddress, anyBytes32, anyUint64 } from './testing/arbitraries.ts';
import { expectCode } from './testing/expect-code.ts';

describe('kinds of values', () => {
  it('are not assignable to each other', () => {
    expectTypeOf<OrderId>().not.toExtend<IntentDigest>();
    expectTypeOf<IntentDigest>().not.toExtend<OrderId>();
    expectTypeOf<QuoteDigest>().not.toExtend<IntentDigest>();
    expectTypeOf<TallyId>().not.toExtend<QuoteDigest>();
    expectTypeOf<PositionKey>().not.toExtend<MarketId>();
    expectTypeOf<Ms>().not.toExtend<Seconds>();
    expectTypeOf<Seconds>().not.toExtend<Ms>();
  });

  it('take unmarked values, and are hex and numbers themselves', () => {
    expectTypeOf<`0x${string}`>().toExtend<OrderId>();
    expectTypeOf<OrderId>().toExtend<`0x${string}`>();
    expectTypeOf<bigint>().toExtend<Ms>();
    expectTypeOf<Domain>().toExtend<number>();
    expectTypeOf<string>().not.toExtend<OrderId>();
  });

  it('keep an address with checksum out of a place for an address key', () => {
    expectTypeOf<`0x${string}`>().not.toExtend<AddressKey>();
    expectTypeOf(addressKey).returns.toExtend<AddressKey>();
  });
});

/** Hex of `digits` in which each letter is drawn large or small. */
function mixedCase(digits: fc.Arbitrary<`0x${string}`>) {
  return fc.tuple(digits, fc.infiniteStream(fc.boolean())).map(([value, coins]) => ({
    lower: value,
    mixed: [...value.slice(2)].reduce(
      (text, digit) => text + (coins.next().value === true ? digit.toUpperCase() : digit),
      '0x',
    ),
  }));
}

const anyJunk = fc.oneof(
  fc.string(),
  anyBytes32.map((value) => value.slice(2)),
  anyBytes32.map((value) => value.slice(0, -1)),
  anyBytes32.map((value) => `${value}00`),
  anyBytes32.map((value) => `0X${value.slice(2)}`),
  anyBytes32.map((value) => `${value}\n`),
  anyBytes32.map((value) => `${value.slice(0, -1)}g`),
);

describe('parsing at the border', () => {
  it('gives 32 bytes and addresses one form, from any case', () => {
    fc.assert(
      fc.property(mixedCase(anyBytes32), ({ lower, mixed }) => {
        expect(parseBytes32(mixed, 'id')).toBe(lower);
      }),
    );
    fc.assert(
      fc.property(mixedCase(anyAddress), ({ lower, mixed }) => {
        expect(parseAddress(mixed, 'account')).toBe(lower);
      }),
    );
  });

  it('refuses everything else', () => {
    fc.assert(
      fc.property(anyJunk, (junk) => {
        expectCode('BAD_FIELD', () => parseBytes32(junk, 'id'));
        expectCode('BAD_FIELD', () => parseAddress(junk, 'account'));
      }),
    );
  });

  it('finds an address with checksum and one in lowercase the same', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (one, other) => {
        expect(sameAddress(getAddress(one), one)).toBe(true);
        expect(addressKey(getAddress(one))).toBe(addressKey(one));
        expect(sameAddress(getAddress(one), other)).toBe(one === other);
      }),
    );
  });
});

describe('time', () => {
  it('converts between seconds and milliseconds, rounding down', () => {
    fc.assert(
      fc.property(anyUint64, fc.bigInt({ min: 0n, max: 999n }), (seconds, rest) => {
        expect(toSeconds(toMs(seconds) + rest)).toBe(seconds);
      }),
    );
    expect(toMs(2n)).toBe(2_000n);
  });
});
