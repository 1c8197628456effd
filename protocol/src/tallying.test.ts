import fc from 'fast-check';
import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { type AuthoredTally, secondVoteTallies, tallied, tallyId } from './tallying.ts';
import { expectCode } from './testing/expect-code.ts';

const digest = (byte: string): Hex => `0x${byte.repeat(32)}`;
const author = (n: number): Hex => `0x${String(n).padStart(40, '0')}`;
const intent = digest('1a');
const tally = (by: number, id: string, quotes: readonly string[]): AuthoredTally => ({
  id: digest(id),
  author: author(by),
  tally: { intent, quotes: quotes.map(digest) },
});

describe('tallied quotes', () => {
  it('are those carried by n − k + 1 tallies', () => {
    const tallies = [tally(1, 'c1', ['a1', 'a2']), tally(2, 'c2', ['a2']), tally(3, 'c3', ['a3'])];
    expect(tallied(tallies, 3, 2)).toEqual(new Set([digest('a2')]));
    expect(tallied(tallies, 3, 3)).toEqual(new Set(['a1', 'a2', 'a3'].map(digest)));
    expect(tallied(tallies, 3, 1)).toEqual(new Set());
  });

  it('are not helped by copies of one tally, nor by a quote listed twice in it', () => {
    const one = tally(1, 'c1', ['a1', 'a1']);
    expect(tallied([one, one], 3, 2)).toEqual(new Set());
  });

  it('are not carried by an author who signed two tallies, however often either comes', () => {
    const tallies = [
      tally(1, 'c1', ['a1']),
      tally(1, 'd1', ['a1']),
      tally(1, 'c1', ['a1']),
      tally(2, 'c2', ['a1']),
    ];
    expect(tallied(tallies, 3, 2)).toEqual(new Set());
  });

  it('are refused of two intents, and by a threshold out of range', () => {
    const other = { ...tally(2, 'c2', []), tally: { intent: digest('2b'), quotes: [] } };
    expectCode('MISMATCH', () => tallied([tally(1, 'c1', []), other], 3, 2));
    expectCode('BAD_FIELD', () => tallied([], 3, 4));
    expectCode('BAD_FIELD', () => tallied([], 3, 0));
  });

  it('do not depend on the order of the tallies', () => {
    const lists = [
      ['a1', 'a2'],
      ['a2', 'a3'],
      ['a1', 'a3', 'a4'],
    ];
    const anyTally = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(2))
      .map(([by, version]) => tally(by, `${by}${version}`, lists[(by + version) % 3] ?? []));
    fc.assert(
      fc.property(fc.array(anyTally, { maxLength: 12 }), (tallies) => {
        expect(tallied([...tallies].reverse(), 5, 3)).toEqual(tallied(tallies, 5, 3));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the tallies a second vote counts', () => {
  const [one, two] = [tally(1, 'c1', ['a1']), tally(2, 'c2', ['a1'])];

  it('are those someone other than the author cited first', () => {
    const votes = [{ voter: author(1), cited: [digest('c1'), digest('c2')] }];
    expect(secondVoteTallies(votes, [one, two])).toEqual([two]);
  });

  it('leave out a tally nobody cited', () => {
    expect(secondVoteTallies([{ voter: author(3), cited: [digest('c1')] }], [one, two])).toEqual([one]);
    expect(secondVoteTallies([], [one, two])).toEqual([]);
  });
});

describe('tallyId', () => {
  it('keeps equal tallies of two auctioneers apart', () => {
    expect(tallyId(digest('c1'), author(1))).not.toEqual(tallyId(digest('c1'), author(2)));
    expect(tallyId(digest('c1'), author(1))).toEqual(tallyId(digest('c1'), author(1)));
  });
});
