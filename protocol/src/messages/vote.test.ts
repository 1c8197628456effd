import { describe, expect, it } from 'vitest';
import { ZERO_BYTES32 } from '../limits.ts';
import { auctioneers, home, key, keys } from '../testing/arbitraries.ts';
import { expectCode } from '../testing/expect-code.ts';
import { type Award, awardOf, rankedOf } from './award.ts';
import { signVote, verifyVote } from './vote.ts';

const digest = (byte: string) => `0x${byte.repeat(32)}` as const;
const award = awardOf(digest('1a'), 1, [digest('a1'), digest('a2')]);

describe('an award', () => {
  it('ranks what it was made of', () => {
    expect(rankedOf(award)).toEqual([digest('a1'), digest('a2')]);
    expect(award.third).toBe(ZERO_BYTES32);
  });

  it('refuses a fourth place, a quote twice, a gap, and a third attempt', () => {
    const four = ['a1', 'a2', 'a3', 'a4'].map(digest);
    expectCode('TOO_MANY', () => awardOf(digest('1a'), 1, four));
    expectCode('DUPLICATE', () => awardOf(digest('1a'), 1, [digest('a1'), digest('a1')]));
    expectCode('BAD_FIELD', () => awardOf(digest('1a'), 1, [ZERO_BYTES32, digest('a1')]));
    expectCode('BAD_FIELD', () => signVote({ ...award, attempt: 3 } as unknown as Award, [], home, key));
  });
});

describe('verifying a vote', () => {
  const vote = signVote(award, [digest('c2'), digest('c1')], home, key);

  it('returns the voter', () => {
    expect(verifyVote(vote, home, auctioneers)).toBe(auctioneers[0]);
  });

  it('cites in one order whatever order was given', () => {
    expect(vote).toEqual(signVote(award, [digest('c1'), digest('c2')], home, key));
  });

  it('accepts one that ranks nobody: its citations still count', () => {
    const empty = signVote(awardOf(digest('1a'), 1, []), [digest('c1')], home, key);
    expect(verifyVote(empty, home, auctioneers)).toBe(auctioneers[0]);
  });

  it('refuses a ballot of another signer, and citations changed after signing', () => {
    const [, second] = keys;
    if (second === undefined) return expect.unreachable();
    const { ballot } = signVote(award, vote.cited, home, second);
    expectCode('MISMATCH', () => verifyVote({ ...vote, ballot }, home, auctioneers));
    expectCode('MISMATCH', () => verifyVote({ ...vote, cited: [digest('c3')] }, home, auctioneers));
  });

  it('refuses a voter who is not an auctioneer', () => {
    expectCode('NOT_AUCTIONEER', () => verifyVote(vote, home, auctioneers.slice(1)));
  });

  it('refuses a tally cited twice, and a seventeenth', () => {
    const seventeen = Array.from(
      { length: 17 },
      (_, index) => `0x${String(index).padStart(64, '0')}` as const,
    );
    expectCode('DUPLICATE', () => signVote(award, [digest('c1'), digest('c1')], home, key));
    expectCode('TOO_MANY', () => signVote(award, seventeen, home, key));
  });
});
