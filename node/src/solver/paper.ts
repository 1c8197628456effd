import { type Certificate, quoteDigest } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import { rank } from '../auction/rank.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { Quotes } from '../store/quotes.ts';
import type { QuoteRecord } from '../store/records.ts';

/** Bids on paper: quotes go into memory instead of the network, and each award is compared with them. */
export type Paper = {
  readonly quotes: Quotes<QuoteRecord>;
  /** Says what our paper quote would have come to. Rejects if the chain cannot be asked. */
  onCertificate(auction: Auction, certificate: Certificate): Promise<void>;
};

/** Paper quotes remembered. */
const MOST_QUOTES = 2_048;

/** Creates a paper trader. */
export function createPaper({ log, metrics }: Telemetry): Paper {
  const records = new Map<Hex, { readonly digest: Hex; readonly quote: QuoteRecord }>();
  return {
    quotes: {
      async put(digest, quote) {
        records.set(quote.intent, { digest, quote });
        const [oldest] = records.keys();
        if (records.size > MOST_QUOTES && oldest !== undefined) records.delete(oldest);
      },
      get: async (digest) => [...records.values()].find((record) => record.digest === digest)?.quote,
      async *forIntent(intent) {
        const record = records.get(intent);
        if (record !== undefined) yield record;
      },
      async *all() {
        yield* records.values();
      },
    },
    async onCertificate(auction, certificate) {
      const { digest: intent } = auction.observed;
      const own = records.get(intent);
      if (own === undefined) return;
      const { home } = auction.market;
      const rivals = certificate.quotes.map((signed) => [quoteDigest(signed.quote, home), signed] as const);
      const quotes = new Map([...rivals, [own.digest, own.quote.signed] as const]);
      const { ranked, excluded } = await rank({ ...auction, quotes }, quotes.keys());
      const place = ranked.findIndex(({ digest }) => digest === own.digest) + 1;
      const reason = excluded.find(({ digest }) => digest === own.digest)?.reason;
      const outcome = place === 1 ? 'won' : place > 1 ? 'lost' : 'not ranked';
      metrics.count('paper_auction', { outcome });
      const winner = certificate.quotes[0]?.quote;
      const fields = {
        intent,
        market: auction.market.name,
        place,
        ask: own.quote.signed.quote.ask,
        payDomain: own.quote.signed.quote.payDomain,
        winningAsk: winner?.ask,
        winner: winner?.solver,
        ...(reason === undefined ? {} : { reason }),
      };
      log.info(fields, place === 1 ? 'would have won' : 'would not have won');
    },
  };
}
