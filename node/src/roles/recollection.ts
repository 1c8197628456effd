import { sameHex } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Engine } from '../flow/engine.ts';
import type { Inventory } from '../flow/inventory.ts';
import type { QuoteRecord } from '../flow/quote.ts';
import type { OrderView } from '../order/fold.ts';
import type { Quotes } from '../store/quotes.ts';
import type { Spending } from './spending.ts';

/** A quote on record. */
export type SentQuote = { readonly digest: Hex; readonly quote: QuoteRecord };

/** Quotes listed; older ones are still found by their intent. */
export const MOST_LISTED = 1_000;

/**
 * Rebuild what was promised and paid before a restart: quotes that may still land, won orders not paid yet, and payments
 * that spending limits count. Returns the latest quotes, newest first.
 */
export async function promiseAgain(deps: {
  readonly inventory: Inventory;
  readonly quotes: Pick<Quotes<QuoteRecord>, 'all'>;
  readonly engine: Pick<Engine, 'get'>;
  readonly now: () => bigint;
  readonly count: (view: OrderView, own: SentQuote) => void;
}): Promise<SentQuote[]> {
  const { inventory, quotes, engine, now, count } = deps;
  const latest: SentQuote[] = [];
  for await (const own of quotes.all()) {
    const { digest, quote } = own;
    latest.push(own);
    const view = engine.get(quote.intent);
    if (view !== undefined) count(view, own);
    const isUnpaidWin = view?.state === 'opened' && view.order?.quote.toLowerCase() === digest.toLowerCase();
    // A landing seen already has decided; without one the promise stands until `openBy`, which the inventory watches.
    const isPending =
      view?.opened === undefined &&
      view?.liquidated === undefined &&
      quote.reservation.openBy >= now() / 1_000n;
    if (isUnpaidWin || isPending) inventory.reserve(quote.reservation);
    if (isUnpaidWin) inventory.won(quote.intent);
    if (latest.length >= 2 * MOST_LISTED) keepLatest(latest);
  }
  return keepLatest(latest);
}

/** Count the payments of our orders towards the limits: remote ones from their signing on, local ones with their landing. */
export function countPayments(deps: {
  readonly spending: Pick<Spending, 'spent'>;
  readonly payer: Address;
}): (view: OrderView, own?: SentQuote) => void {
  const { spending, payer } = deps;
  return ({ intent, order, filling, payment, liquidated }, own) => {
    const isOurs = payment !== undefined && sameHex(payment.payer, payer);
    const paid = isOurs ? payment.filledAt * 1_000n : undefined;
    const at = filling?.at ?? paid;
    if (order !== undefined && at !== undefined) {
      const { payDomain: domain, payToken: token, payAmount: amount } = order;
      spending.spent({ intent, domain, token, amount, at });
    }
    if (own !== undefined && liquidated !== undefined && sameHex(liquidated.quote, own.digest)) {
      // When it landed is not on record: not later than this.
      const { reservation } = own.quote;
      spending.spent({ ...reservation, at: reservation.openBy * 1_000n });
    }
  };
}

function keepLatest(quotes: SentQuote[]): SentQuote[] {
  quotes.sort((a, b) => (a.quote.reservation.openBy > b.quote.reservation.openBy ? -1 : 1));
  quotes.length = Math.min(quotes.length, MOST_LISTED);
  return quotes;
}
