import fc from 'fast-check';
import { encodeAbiParameters, type Hex, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  isOnTick,
  marketId,
  marketName,
  mulDivDown,
  mulDivUp,
  positionKey,
  remotePayment,
  scaleDecimals,
  tickOf,
} from './primitives.ts';
import { anyUint128 } from './testing/arbitraries.ts';
import { expectCode } from './testing/expect-code.ts';

describe('a market id', () => {
  it('is the name in ASCII, padded on the right', () => {
    expect(marketId('aave-alpha')).toBe(`0x${Buffer.from('aave-alpha').toString('hex')}${'00'.repeat(22)}`);
    expect(marketName(marketId('aave-alpha'))).toBe('aave-alpha');
    expect(marketName(marketId('x'.repeat(32)))).toBe('x'.repeat(32));
  });

  it('is refused for names that do not fit or do not print', () => {
    for (const name of ['', 'x'.repeat(33), 'two words', 'naïve', 'a\0b']) {
      expectCode('BAD_FIELD', () => marketId(name));
    }
    expectCode('BAD_FIELD', () => marketName(`0x${'ff'.repeat(32)}` as const));
    expectCode('BAD_FIELD', () => marketName(`0x00${'61'.repeat(31)}` as const));
  });
});

describe('a tick', () => {
  it('is one basis point of seizable, rounded down, and never zero', () => {
    expect(tickOf(0n)).toBe(1n);
    expect(tickOf(19_999n)).toBe(1n);
    expect(tickOf(20_000n)).toBe(2n);
  });

  it('allows its multiples and all of seizable', () => {
    expect(isOnTick(4n, 20_001n)).toBe(true);
    expect(isOnTick(0n, 20_001n)).toBe(true);
    expect(isOnTick(5n, 20_001n)).toBe(false);
    expect(isOnTick(20_001n, 20_001n)).toBe(true);
  });
});

describe('arithmetic', () => {
  it('rounds up by less than one unit more than down', () => {
    fc.assert(
      fc.property(anyUint128, anyUint128, anyUint128, (a, b, divisor) => {
        const c = divisor + 1n;
        const [down, up] = [mulDivDown(a, b, c), mulDivUp(a, b, c)];
        expect(down * c <= a * b && a * b <= up * c && up - down <= 1n).toBe(true);
        expect(up === down).toBe((a * b) % c === 0n);
      }),
    );
  });

  it('refuses negative amounts and division by zero', () => {
    expectCode('BAD_FIELD', () => mulDivUp(-1n, 1n, 1n));
    expectCode('BAD_FIELD', () => mulDivDown(1n, 1n, 0n));
  });

  it('scales between decimals both ways', () => {
    expect(scaleDecimals(15n, 6, 18, 'up')).toBe(15n * 10n ** 12n);
    expect(scaleDecimals(10n ** 12n + 1n, 18, 6, 'up')).toBe(2n);
    expect(scaleDecimals(10n ** 12n + 1n, 18, 6, 'down')).toBe(1n);
    expectCode('BAD_FIELD', () => scaleDecimals(1n, 256, 0, 'up'));
  });
});

describe('a remote payment', () => {
  it('is the repaid amount, the keeper fee and the route fee, all rounded up', () => {
    const terms = { repaid: 10_001n, keeperFee: 7n, feeBps: 1, debtDecimals: 6, payDecimals: 6 };
    expect(remotePayment(terms)).toEqual({ routeFee: 2n, payAmount: 10_010n });
    expect(remotePayment({ ...terms, payDecimals: 3 })).toEqual({ routeFee: 2n, payAmount: 11n });
  });
});

describe('a position key', () => {
  it('depends on market and position', () => {
    const [one, two] = [marketId('one'), marketId('two')];
    expect(new Set([positionKey(one, '0x01'), positionKey(two, '0x01'), positionKey(one, '0x02')]).size).toBe(
      3,
    );
    expectCode('BAD_FIELD', () => positionKey('0x01', '0x01'));
    expectCode('BAD_FIELD', () => positionKey(one, `0x${'01'.repeat(257)}`));
    expectCode('BAD_FIELD', () => positionKey(one, '0x'));
  });

  it('is the hash of the two as a contract encodes them, whatever the length', () => {
    const market = marketId('one');
    for (const length of [1, 31, 32, 33, 64, 96, 256]) {
      const position: Hex = `0x${'A7'.repeat(length)}`;
      const encoded = encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes' }], [market, position]);
      expect(positionKey(market, position)).toBe(keccak256(encoded));
    }
  });
});
