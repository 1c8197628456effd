import {
  bondOf,
  isGavelError,
  type Ms,
  positionKey,
  type QuoteDigest,
  quoteDigest,
  remotePayment,
  type SignedQuote,
  sameAddress,
  verifyQuote,
} from '@gavel/protocol';
import type { Address } from 'viem';
import { mayBeLost } from '../../auction/lost-records.ts';
import type { FindMarket, Market } from '../../auction/market.ts';
import type { Chain } from '../../chain/client.ts';
import type { Telemetry } from '../../observe/telemetry.ts';
import type { Opened } from '../../order/views.ts';
import { readAward } from '../../orders/reconcile.ts';
import type { Quotes } from '../../store/quotes.ts';
import type { QuoteRecord } from '../../store/records.ts';
import { roundKeyOf } from '../inventory.ts';

/** The parts that reading a lost quote back needs. */
export type LostQuoteDeps = {
  /** Unix milliseconds at which quotes on record were lost, or the key was claimed; undefined if neither. */
  readonly lostAt: () => bigint | undefined;
  readonly account: Address;
  /** The address of the key that this solver signs with. */
  readonly signer: Address;
  readonly quotes: Pick<Quotes<QuoteRecord>, 'put'>;
  readonly findMarket: FindMarket;
  readonly chainOf: (domain: number) => Chain;
  readonly decimals: (chain: Chain, token: Address) => Promise<number>;
  /** The promise is known again. */
  readonly onFound: (record: QuoteRecord) => void;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/**
 * Creates a reader of lost quotes. The landing that a quote won carries the quote, signed. The quote counts
 * as ours only if quotes were lost at all, if it can be from before the loss, and if our own key signed it
 * for our account. The quote is on record when the reader resolves; undefined if it is not ours by these
 * rules. Rejects if a chain cannot be asked.
 */
export function createLostQuotes(deps: LostQuoteDeps): (view: Opened) => Promise<QuoteRecord | undefined> {
  const { now } = deps;
  const { log, metrics } = deps.telemetry;
  return async (view) => {
    const { order, opened } = view;
    const lostAt = deps.lostAt();
    if (lostAt === undefined) return undefined;
    const home = deps.chainOf(order.homeDomain);
    const market = deps.findMarket(order.market, order.homeDomain, order.homeEscrow);
    if (market === undefined) return undefined;
    const landing = view.landing ?? (await readAward(home, opened.seen.tx, view.intent, now()))?.landing;
    const signed = landing?.quotes.find(({ quote }) => quoteDigest(quote, market.home) === order.quote);
    if (landing === undefined || signed === undefined || !isOurs(signed, market, deps)) return undefined;
    const { intent } = landing;
    const { observedBlock: at } = intent;
    const pay = deps.chainOf(signed.quote.payDomain);
    const [terms, debtTerms, route, debtDecimals] = await Promise.all([
      market.reads.terms(market.id, at),
      market.reads.debtTerms(market.id, intent.debt, at),
      market.reads.route(market.id, intent.debt, pay.domain, at),
      deps.decimals(home, intent.debt),
    ]);
    if (!mayBeLost(lostAt, terms, intent)) return undefined;
    const { keeperFee } = debtTerms;
    const { feeBps, payDecimals, payToken } = route;
    const { payAmount } = remotePayment({
      repaid: intent.repay,
      keeperFee,
      feeBps,
      debtDecimals,
      payDecimals,
    });
    const record: QuoteRecord = {
      intent: view.intent,
      signed,
      reservation: {
        intent: view.intent,
        domain: pay.domain,
        token: payToken,
        amount: payAmount,
        homeDomain: intent.homeDomain,
        debt: intent.debt,
        bond: bondOf(signed.quote.ask, intent, terms),
        openBy: intent.openBy,
        roundKey: roundKeyOf(intent.homeDomain, positionKey(market.id, intent.position), intent.round),
      },
      repay: intent.repay,
      seizable: intent.seizable,
      market: market.id,
      positionKey: positionKey(market.id, intent.position),
      collateral: intent.collateral,
      homeEscrow: market.home.escrow,
    };
    await deps.quotes.put(order.quote, record);
    deps.onFound(record);
    metrics.count('lost_quote_found');
    log.warn(
      { intent: view.intent, orderId: view.orderId, quote: order.quote },
      'lost quote read back from its landing',
    );
    return record;
  };
}

function isOurs(signed: SignedQuote, market: Market, { account, signer }: LostQuoteDeps): boolean {
  if (!sameAddress(signed.quote.solver, account)) return false;
  try {
    return sameAddress(verifyQuote(signed, market.home).signer, signer);
  } catch (error) {
    if (isGavelError(error)) return false;
    throw error;
  }
}

/**
 * Creates what tells who signed the quote of an order of the account that is not on record. A quote of our
 * own key shows that another node uses the key: `onTwin` is told. The account's other keys may sign
 * elsewhere.
 */
export function createSignerOf(
  deps: Pick<LostQuoteDeps, 'account' | 'signer' | 'findMarket' | 'chainOf' | 'now'> & {
    readonly onTwin: (quote: QuoteDigest) => Promise<void>;
  },
): (view: Opened) => Promise<'another key' | 'key used elsewhere' | undefined> {
  return async (view) => {
    const { order, opened } = view;
    const market = deps.findMarket(order.market, order.homeDomain, order.homeEscrow);
    if (market === undefined) return undefined;
    const home = deps.chainOf(order.homeDomain);
    const landing = view.landing ?? (await readAward(home, opened.seen.tx, view.intent, deps.now()))?.landing;
    const signed = landing?.quotes.find(({ quote }) => quoteDigest(quote, market.home) === order.quote);
    if (signed === undefined || !sameAddress(signed.quote.solver, deps.account)) return undefined;
    if (!sameAddress(verifyQuote(signed, market.home).signer, deps.signer)) return 'another key';
    await deps.onTwin(order.quote);
    return 'key used elsewhere';
  };
}
