import { type Candidate, MAX_RANKED, type Ranking, rankQuotes } from '@gavel/protocol';
import type { Hex } from 'viem';
import { type Auction, candidatesOf } from './auctions.ts';
import { isCovered } from './coverage.ts';

/**
 * Ranks the named quotes of an auction by chain facts of its observed block alone, so that every auctioneer
 * gets the same. Rejects if the chain cannot be asked: a ranking on half the facts would be another ranking.
 */
export async function rank(
  auction: Auction,
  digests: Iterable<Hex>,
  places: number = MAX_RANKED,
): Promise<Ranking> {
  const { market, observed } = auction;
  const { reads } = market;
  const { intent, digest: intentDigest } = observed;
  const at = intent.observedBlock;
  const quotes = candidatesOf(auction, digests);
  const domains = [...new Set(quotes.map(({ signed }) => signed.quote.payDomain))];
  const remote = domains.filter((domain) => domain !== intent.homeDomain);
  const routes = new Map(
    await Promise.all(
      remote.map(async (domain) => [domain, await reads.route(market.id, intent.debt, domain, at)] as const),
    ),
  );
  const covered = await Promise.all(quotes.map((quote) => hasCover(auction, quote)));
  // A bond depends on the ask, so cover is judged quote by quote before the ranking, not by account inside
  // it.
  const uncovered = quotes.filter((_, index) => covered[index] !== true);
  const ranking = rankQuotes({
    intent,
    intentDigest,
    quotes: quotes.filter((_, index) => covered[index] === true),
    routes,
    capacity: () => true,
    places,
  });
  const excluded = uncovered.map(({ digest }) => ({ digest, reason: 'NOT_COVERED' as const }));
  return { ranked: ranking.ranked, excluded: [...ranking.excluded, ...excluded] };
}

async function hasCover(auction: Auction, { signed }: Candidate): Promise<boolean> {
  const { market, observed } = auction;
  const { reads } = market;
  const { intent, terms, debtTerms } = observed;
  const at = intent.observedBlock;
  const { quote } = signed;
  const local = quote.payDomain === intent.homeDomain;
  const [quotableBond, idle, balance] = await Promise.all([
    reads.quotableBond(quote.solver, intent.debt, at),
    local ? 0n : reads.idle(debtTerms.vault, at),
    local ? reads.balance(quote.solver, intent.debt, at) : 0n,
  ]);
  return isCovered(quote, intent, terms, debtTerms.keeperFee, { quotableBond, idle, balance });
}
