import type { IntentDigest, Ms } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Operation, Table } from './table.ts';
import type { Writer } from './writer.ts';

/** Quotes by digest, found again by their `intent`. */
export type Quotes<Quote> = {
  /** Records a quote, on disk when this resolves. */
  put(digest: Hex, quote: Quote): Promise<void>;
  get(digest: Hex): Promise<Quote | undefined>;
  /** Reads an intent's quotes, by ascending digest. */
  forIntent(intent: IntentDigest): AsyncIterable<{ digest: Hex; quote: Quote }>;
  /** Reads every quote, by ascending digest. */
  all(): AsyncIterable<{ digest: Hex; quote: Quote }>;
};

/** What is kept of quotes besides reading and adding. */
export type QuoteKeeping<Quote> = {
  /** Forgets quotes recorded before `before` (Unix milliseconds) that `isDone`. Returns how many. */
  prune(before: bigint, isDone: (quote: Quote) => boolean): Promise<number>;
};

/** The tables of quotes: by digest, their digests by intent, and by when they were recorded. */
export type QuoteTables<Quote> = {
  readonly byDigest: Table<Quote>;
  readonly byIntent: Table<null>;
  readonly byTime: Table<null>;
};

/** Quotes forgotten in one write. */
const PRUNED_TOGETHER = 256;

/** Keeps quotes in their tables. `now` in Unix milliseconds. */
export function createQuotes<Quote extends { readonly intent: IntentDigest }>(options: {
  readonly tables: QuoteTables<Quote>;
  readonly writer: Pick<Writer, 'commit'>;
  readonly now: () => Ms;
}): Quotes<Quote> & QuoteKeeping<Quote> {
  const { tables, writer, now } = options;
  const { byDigest, byIntent, byTime } = tables;
  const get = (digest: Hex) => byDigest.get(digest);

  return {
    get,
    put: (digest, quote) => writer.commit(recordQuote(tables, digest, quote, now())),
    async *all() {
      for await (const [digest, quote] of byDigest.entries()) yield { digest: digest as Hex, quote };
    },
    async *forIntent(intent) {
      for await (const key of byIntent.keys({ gte: `${intent}!`, lt: `${intent}"` })) {
        const digest = key.slice(intent.length + 1) as Hex;
        const quote = await get(digest);
        if (quote !== undefined) yield { digest, quote };
      }
    },
    async prune(before, isDone) {
      let pruned = 0;
      let operations: Operation[] = [];
      for await (const key of byTime.keys({ lt: timeKey(before) })) {
        const digest = key.slice(key.indexOf('!') + 1);
        const quote = await byDigest.get(digest);
        if (quote !== undefined && !isDone(quote)) continue;
        operations.push(byTime.del(key), byDigest.del(digest));
        if (quote !== undefined) operations.push(byIntent.del(`${quote.intent}!${digest}`));
        pruned += 1;
        if (pruned % PRUNED_TOGETHER === 0) await writer.commit(operations.splice(0));
      }
      await writer.commit(operations);
      operations = [];
      return pruned;
    },
  };
}

/** Lists what recording a quote at a time (Unix milliseconds) changes. */
export function recordQuote<Quote extends { readonly intent: IntentDigest }>(
  { byDigest, byIntent, byTime }: QuoteTables<Quote>,
  digest: Hex,
  quote: Quote,
  at: Ms,
): Operation[] {
  return [
    byDigest.put(digest, quote),
    byIntent.put(`${quote.intent}!${digest}`, null),
    byTime.put(`${timeKey(at)}!${digest}`, null),
  ];
}

function timeKey(at: Ms): string {
  return String(at).padStart(16, '0');
}
