import type { Address, Hex } from 'viem';
import { type QuoteDigest, sameAddress, type TallyId } from './brands.ts';
import { ProtocolError } from './errors.ts';
import { address, bytes32 } from './fields.ts';
import { keccak } from './keccak.ts';
import type { Tally } from './messages/tally.ts';
import { addressWord, bytes32Word } from './typed-data.ts';

/** A verified tally: its id (see `tallyId`), and the auctioneer who signed it. */
export type AuthoredTally = { readonly id: TallyId; readonly author: Address; readonly tally: Tally };

/** The tallies that a verified first vote cited. */
export type Citation = { readonly voter: Address /** Tally ids. */; readonly cited: readonly TallyId[] };

/**
 * Returns what votes cite a tally by: keccak256(abi.encode(tally digest, author)). The digest alone would not
 * do: two auctioneers who saw the same quotes sign the same one. Throws BAD_FIELD.
 */
export function tallyId(digest: Hex, author: Address): TallyId {
  const words = bytes32Word(digest, 'tally') + addressWord(author, 'author');
  return keccak(Buffer.from(words, 'hex'));
}

/**
 * Returns the digests of the quotes that at least n − k + 1 tallies of distinct auctioneers carry, lowercase:
 * with k of n deciding, one dishonest auctioneer can then neither slip in a late quote nor hide one. An
 * author's conflicting tallies count as none. Throws MISMATCH unless all are of one intent, BAD_FIELD unless
 * 1 ≤ k ≤ n.
 */
export function tallied(tallies: readonly AuthoredTally[], n: number, k: number): ReadonlySet<QuoteDigest> {
  if (!Number.isInteger(n) || !Number.isInteger(k) || k < 1 || k > n) {
    throw new ProtocolError('BAD_FIELD', 'A threshold is out of its range', {
      meta: { field: 'k', got: k, expected: `1 to ${n}` },
    });
  }
  const carriers = new Map<QuoteDigest, number>();
  for (const { tally } of withoutConflicts(tallies)) {
    for (const quote of new Set(tally.quotes.map((digest) => bytes32(digest, 'quotes')))) {
      carriers.set(quote, (carriers.get(quote) ?? 0) + 1);
    }
  }
  const enough = n - k + 1;
  return new Set([...carriers].filter(([, count]) => count >= enough).map(([quote]) => quote));
}

/**
 * Returns the tallies a second vote counts: those cited by a first vote of an auctioneer other than their
 * author. Pass the result to `tallied`, which drops conflicting ones.
 */
export function secondVoteTallies(
  firstVotes: readonly Citation[],
  tallies: readonly AuthoredTally[],
): AuthoredTally[] {
  return tallies.filter(({ id, author }) =>
    firstVotes.some(({ voter, cited }) => !sameAddress(voter, author) && cited.includes(id)),
  );
}

/** Keeps the tally of each author who signed exactly one; copies are one. */
function withoutConflicts(tallies: readonly AuthoredTally[]): AuthoredTally[] {
  const byAuthor = new Map<Address, AuthoredTally | 'conflict'>();
  const intent = tallies[0]?.tally.intent;
  for (const entry of tallies) {
    if (entry.tally.intent !== intent) {
      throw new ProtocolError('MISMATCH', 'Only tallies of one intent can be counted together', {
        meta: { got: entry.tally.intent, expected: intent },
      });
    }
    const author = address(entry.author, 'author');
    const known = byAuthor.get(author);
    const same = known === undefined || (known !== 'conflict' && known.id === entry.id);
    byAuthor.set(author, same ? entry : 'conflict');
  }
  return [...byAuthor.values()].filter((entry) => entry !== 'conflict');
}
