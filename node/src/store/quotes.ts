import type { Level } from 'level';
import type { Hex } from 'viem';
import { decode, encode } from './encoding.ts';

/** Hold quotes by digest, found again by their `intent`. */
export type Quotes<Quote> = {
  /** Record a quote, on disk when this resolves. */
  put(digest: Hex, quote: Quote): Promise<void>;
  get(digest: Hex): Promise<Quote | undefined>;
  /** Read an intent's quotes, by ascending digest. */
  forIntent(intent: Hex): AsyncIterable<{ digest: Hex; quote: Quote }>;
  /** Read every quote, by ascending digest. */
  all(): AsyncIterable<{ digest: Hex; quote: Quote }>;
};

/** Keep quotes in `database`. */
export function createQuotes<Quote extends { readonly intent: Hex }>(database: Level): Quotes<Quote> {
  const quotes = database.sublevel('quotes');
  const byIntent = database.sublevel('quotes-by-intent');

  const get = async (digest: Hex): Promise<Quote | undefined> => {
    const value = await quotes.get(digest.toLowerCase());
    return value === undefined ? undefined : (decode(value) as Quote);
  };

  return {
    get,
    async put(digest, quote) {
      const key = digest.toLowerCase();
      await database.batch(
        [
          { type: 'put', sublevel: quotes, key, value: encode(quote) },
          { type: 'put', sublevel: byIntent, key: `${quote.intent.toLowerCase()}!${key}`, value: '' },
        ],
        { sync: true },
      );
    },
    async *all() {
      for await (const [digest, value] of quotes.iterator()) {
        yield { digest: digest as Hex, quote: decode(value) as Quote };
      }
    },
    async *forIntent(intent) {
      const prefix = intent.toLowerCase();
      for await (const key of byIntent.keys({ gte: `${prefix}!`, lt: `${prefix}"` })) {
        const digest = key.slice(prefix.length + 1) as Hex;
        const quote = await get(digest);
        if (quote !== undefined) yield { digest, quote };
      }
    },
  };
}
