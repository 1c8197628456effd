import fc from 'fast-check';
import { hashTypedData, domainSeparator as viemDomainSeparator } from 'viem';
import { describe, expect, it } from 'vitest';
import { awardDigest, awardOf } from './messages/award.ts';
import { intentDigest } from './messages/intent.ts';
import { quoteDigest } from './messages/quote.ts';
import { tallyDigest } from './messages/tally.ts';
import { ballotDigest } from './messages/vote.ts';
import {
  anyAddress,
  anyBytes32,
  anyDigests,
  anyIntent,
  anyQuote,
  anyUint64,
  home,
} from './testing/arbitraries.ts';
import { expectCode } from './testing/expect-code.ts';
import { domainOf, domainSeparator, TYPES } from './typed-data.ts';

const domain = domainOf(home);
const runs = { numRuns: 60 };

describe('digests equal viem’s hashTypedData', () => {
  it('of an intent', () => {
    fc.assert(
      fc.property(anyIntent, (message) => {
        const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Intent', message });
        expect(intentDigest(message, home)).toBe(expected);
      }),
      runs,
    );
  });

  it('of a quote', () => {
    fc.assert(
      fc.property(anyQuote, (message) => {
        const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Quote', message });
        expect(quoteDigest(message, home)).toBe(expected);
      }),
      runs,
    );
  });

  it('of a tally', () => {
    fc.assert(
      fc.property(anyBytes32, anyDigests(8), (intent, quotes) => {
        const message = { intent, quotes };
        const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Tally', message });
        expect(tallyDigest(message, home)).toBe(expected);
      }),
      runs,
    );
  });

  it('of an award', () => {
    fc.assert(
      fc.property(
        anyBytes32,
        fc.constantFrom(1 as const, 2 as const),
        anyDigests(3),
        (intent, attempt, ranked) => {
          const message = awardOf(intent, attempt, ranked);
          const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Award', message });
          expect(awardDigest(message, home)).toBe(expected);
        },
      ),
      runs,
    );
  });

  it('of a ballot', () => {
    fc.assert(
      fc.property(anyBytes32, anyDigests(16), (award, tallies) => {
        const message = { award, tallies };
        const expected = hashTypedData({ domain, types: TYPES, primaryType: 'Ballot', message });
        expect(ballotDigest(message, home)).toBe(expected);
      }),
      runs,
    );
  });
});

describe('the domain separator', () => {
  it('equals viem’s for any home, the first time and from memory', () => {
    fc.assert(
      fc.property(anyUint64, anyAddress, (chainId, escrow) => {
        const any = { chainId, escrow };
        const expected = viemDomainSeparator({ domain: domainOf(any) });
        expect(domainSeparator(any)).toBe(expected);
        expect(domainSeparator(any)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for a chain id given as a number and an escrow in capitals', () => {
    const escrow = `0x${'E5'.repeat(20)}` as const;
    expect(domainSeparator({ chainId: 31337, escrow })).toBe(domainSeparator(home));
  });
});

describe('an intent’s digest', () => {
  it('is refused for another home’s escrow', () => {
    const [intent] = fc.sample(anyIntent, 1);
    if (intent === undefined) return expect.unreachable();
    const other = { ...home, escrow: `0x${'ab'.repeat(20)}` as const };
    expectCode('MISMATCH', () => intentDigest(intent, other));
  });
});
