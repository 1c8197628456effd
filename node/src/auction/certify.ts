import {
  type AuthoredTally,
  assembleCertificate,
  type Certificate,
  isGavelError,
  type Ranking,
  rankedOf,
  secondVoteTallies,
  tallied,
} from '@gavel/protocol';
import { type Auction, agreed, firstCitations } from './auctions.ts';
import { rank } from './rank.ts';

/** Returns the tallies that count for an attempt, as far as they are known here now. */
export function talliesOf(auction: Auction, attempt: number): readonly AuthoredTally[] {
  if (attempt === 1) return auction.tallies;
  return withoutFlooders(auction, secondVoteTallies(firstCitations(auction), auction.tallies));
}

/** Ranks as an auctioneer would who knows what this node knows now. Rejects if the chain cannot be asked. */
export function rankAsWitness(auction: Auction, attempt: number): Promise<Ranking> {
  const { members, threshold } = auction.observed.council;
  const honest = withoutEquivocators(talliesOf(auction, attempt));
  return rank(auction, tallied(honest, members.length, threshold));
}

/**
 * Drops the tallies of an author who signed more than are kept, once others cite one that is not known here:
 * two nodes may have kept, and cited, different ones, and then both must count none. Its own citations are no
 * reason.
 */
function withoutFlooders(auction: Auction, tallies: readonly AuthoredTally[]): AuthoredTally[] {
  const known = new Set(auction.tallies.map(({ id }) => id));
  const unknown = firstCitations(auction).filter(({ cited }) => cited.some((id) => !known.has(id)));
  return tallies.filter(
    ({ author }) => !auction.flooders.has(author) || unknown.every(({ voter }) => voter === author),
  );
}

/** Drops the tallies of authors who signed two: they count as none, and citing them would only cost room. */
export function withoutEquivocators(tallies: readonly AuthoredTally[]): AuthoredTally[] {
  return tallies.filter(({ author, id }) =>
    tallies.every((other) => other.author !== author || other.id === id),
  );
}

/**
 * Makes a certificate once enough equal votes are there; undefined before, or while a ranked quote is unknown
 * here.
 */
export function tryCertificate(auction: Auction): Certificate | undefined {
  if (auction.certificate !== undefined) return undefined;
  const result = agreed(auction);
  if (result === undefined) return undefined;
  const { market, observed } = auction;
  const { members, threshold } = observed.council;
  const quotes = rankedOf(result.award).flatMap((digest) => auction.quotes.get(digest) ?? []);
  const parts = { intent: observed.intent, ...result, quotes };
  try {
    return assembleCertificate(parts, market.home, members, threshold);
  } catch (error) {
    // A ranked quote has not come yet; it travels beside the tallies.
    if (isGavelError(error, 'MISMATCH')) return undefined;
    throw error;
  }
}
