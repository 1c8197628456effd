import { collateralEscrowAbi } from '@gavel/abi';
import { type Ms, sameAddress, toMs, toSeconds } from '@gavel/protocol';
import { type Address, erc20Abi, getAbiItem, type Hex, parseEventLogs } from 'viem';
import type { Chain } from '../chain/client.ts';
import { readLogs } from '../chain/read-logs.ts';
import type { OrderView } from '../order/fold.ts';
import type { Engine } from '../orders/engine.ts';
import type { Quotes } from '../store/quotes.ts';
import type { QuoteRecord } from '../store/records.ts';
import type { Inventory } from './inventory.ts';
import type { Spending } from './spending.ts';

/** A quote on record. */
export type SentQuote = { readonly digest: Hex; readonly quote: QuoteRecord };

/** Quotes listed; older ones are still found by their intent. */
export const MOST_LISTED = 1_000;

/**
 * Rebuild what was promised and paid before a restart: quotes that may still land, won orders not paid yet,
 * and payments that spending limits count. Returns the latest quotes, newest first.
 */
export async function promiseAgain(deps: {
  readonly inventory: Inventory;
  readonly quotes: Pick<Quotes<QuoteRecord>, 'all'>;
  readonly engine: Pick<Engine, 'get'>;
  readonly now: () => Ms;
  readonly count: (view: OrderView, own: SentQuote) => void;
}): Promise<SentQuote[]> {
  const { inventory, quotes, engine, now, count } = deps;
  const latest: SentQuote[] = [];
  for await (const own of quotes.all()) {
    const { digest, quote } = own;
    latest.push(own);
    const view = engine.get(quote.intent);
    if (view !== undefined) count(view, own);
    const isUnpaidWin = view?.state === 'opened' && view.order?.quote === digest;
    // A landing seen already has decided; without one the promise stands until `openBy`, which the inventory
    // watches.
    const isPending =
      view?.opened === undefined &&
      view?.liquidated === undefined &&
      quote.reservation.openBy >= toSeconds(now());
    if (isUnpaidWin || isPending) inventory.reserve(quote.reservation);
    if (isUnpaidWin) inventory.won(quote.intent);
    if (latest.length >= 2 * MOST_LISTED) keepLatest(latest);
  }
  return keepLatest(latest);
}

/**
 * Counts our payments for orders towards the limits: remote ones and purchases from their signing on, local
 * ones with their landing.
 */
export function countPayments(deps: {
  readonly spending: Pick<Spending, 'spent'>;
  readonly payer: Address;
}): (view: OrderView, own?: SentQuote) => void {
  const { spending, payer } = deps;
  return ({ intent, order, orderId, filling, buying, payment, liquidated }, own) => {
    const isOurs = payment !== undefined && sameAddress(payment.payer, payer);
    const paid = isOurs ? toMs(payment.filledAt) : undefined;
    const at = filling?.at ?? paid;
    if (order !== undefined && at !== undefined) {
      const { payDomain: domain, payToken: token, payAmount: amount } = order;
      spending.spent({ intent, domain, token, amount, at });
    }
    if (order !== undefined && orderId !== undefined && buying !== undefined) {
      const { homeDomain: domain, debt: token } = order;
      spending.spent({ intent: orderId, domain, token, amount: buying.amount, at: buying.at });
    }
    if (own !== undefined && liquidated?.quote === own.digest) {
      // When it landed is not on record: not later than this.
      const { reservation } = own.quote;
      spending.spent({ ...reservation, at: toMs(reservation.openBy) });
    }
  };
}

const TAKEN = getAbiItem({ abi: collateralEscrowAbi, name: 'Taken' });

/** Remembers what was paid for takes, which have no order whose record could. */
export type TakeMemory = {
  /**
   * Counts the last hour's takes on a chain, once; rejects if it cannot be asked. Nothing is taken there
   * before.
   */
  recall(chain: Chain): Promise<void>;
  /** Counts a take of this moment; amount in debt units. */
  add(taken: {
    readonly tx: Hex;
    readonly domain: number;
    readonly token: Address;
    readonly amount: bigint;
  }): void;
};

/** Milliseconds for which spending limits count, and a little more. */
const RECALLED_MS = 3_700_000n;

/** Creates the memory of what `taker` took: the chains' own logs, and what is added since. */
export function createTakeMemory(deps: {
  readonly taker: Address;
  readonly spending: Pick<Spending, 'spent'>;
  readonly now: () => Ms;
}): TakeMemory {
  const { taker, spending, now } = deps;
  const recalled = new Map<string, Promise<void>>();

  const recall = async (chain: Chain): Promise<void> => {
    const { domain, agreed: client, config, contracts } = chain;
    const since = toSeconds(now() - RECALLED_MS);
    const source = { chain, address: contracts.collateralEscrow, events: [TAKEN], args: { taker } } as const;
    const batches = readLogs(source, { fromBlock: config.fromBlock, newestFirst: true });
    for await (const { logs, fromBlock } of batches) {
      for (const { transactionHash: hash, blockNumber } of logs) {
        const [receipt, { timestamp }] = await Promise.all([
          client.getTransactionReceipt({ hash }),
          client.getBlock({ blockNumber }),
        ]);
        const [paid] = parseEventLogs({ abi: erc20Abi, eventName: 'Transfer', logs: receipt.logs }).filter(
          ({ args }) => sameAddress(args.from, taker),
        );
        if (paid === undefined) continue;
        const { address: token } = paid;
        spending.spent({ intent: hash, domain, token, amount: paid.args.value, at: toMs(timestamp) });
      }
      const { timestamp } = await client.getBlock({ blockNumber: fromBlock });
      if (timestamp < since) return;
    }
  };

  return {
    recall(chain) {
      const known = recalled.get(chain.name) ?? recall(chain);
      recalled.set(chain.name, known);
      known.catch(() => recalled.delete(chain.name));
      return known;
    },
    add: ({ tx, ...paid }) => spending.spent({ intent: tx, ...paid, at: now() }),
  };
}

function keepLatest(quotes: SentQuote[]): SentQuote[] {
  quotes.sort((a, b) => (a.quote.reservation.openBy > b.quote.reservation.openBy ? -1 : 1));
  quotes.length = Math.min(quotes.length, MOST_LISTED);
  return quotes;
}
