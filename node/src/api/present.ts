import { marketName, quoteDigest, toMs } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { z } from 'zod';
import type { Auction } from '../auction/auctions.ts';
import type { Seen } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { isClosed } from '../order/views.ts';
import type { Flag } from '../orders/flags.ts';
import type { Holding } from '../solver/holdings.ts';
import type { SentQuote } from '../solver/restore.ts';
import type * as schemas from './schemas.ts';

type Shown<Schema extends z.ZodType> = z.output<Schema>;

/** Puts an order into plain JSON. */
export function showOrder(view: OrderView): Shown<typeof schemas.order> {
  const { intent, state, orderId, order, landing, liquidated } = view;
  const market = order?.market ?? landing?.intent.market;
  const parts = order ?? liquidated;
  const terms = order ?? landing?.intent;
  return compact({
    intent,
    orderId,
    state,
    closed: isClosed(view),
    market: market === undefined ? undefined : marketName(market),
    mode: liquidated !== undefined ? 'local' : order !== undefined ? 'remote' : undefined,
    solver: parts?.solver,
    collateral: terms?.collateral,
    debt: terms?.debt,
    repaid: parts?.repaid.toString(),
    seized: (liquidated?.seized ?? view.opened?.seized)?.toString(),
    ask: parts?.ask.toString(),
    payDomain: order?.payDomain,
    payToken: order?.payToken,
    payAmount: order?.payAmount.toString(),
    quoteBy: landing === undefined ? undefined : Number(landing.intent.quoteBy),
    openBy: terms === undefined ? undefined : Number(terms.openBy),
    exclusiveUntil: order === undefined ? undefined : Number(order.exclusiveUntil),
    fillDeadline: order === undefined ? undefined : Number(order.fillDeadline),
    expiresAt: order === undefined ? undefined : Number(order.expiresAt),
    sale: showSale(view),
    heldBond: showHeldBond(view),
    transactions: transactionsOf(view),
  });
}

/** When an order began, milliseconds, as far as it is known: what lists are sorted by. */
export function timeOfOrder({ landing, order }: OrderView): bigint {
  return landing?.intent.quoteBy ?? toMs(order?.openBy ?? 0n);
}

/** Puts a quote of our own into plain JSON; `now` in milliseconds. */
export function showQuote(
  { digest, quote }: SentQuote,
  known: {
    readonly view: OrderView | undefined;
    readonly auction: Auction | undefined;
    readonly now: bigint;
  },
): Shown<typeof schemas.quote> {
  const { signed, reservation, intent, repay, seizable } = quote;
  return {
    digest,
    intent,
    market: marketName(quote.market),
    outcome: outcomeOf(digest, reservation.openBy, known),
    ask: signed.quote.ask.toString(),
    payDomain: reservation.domain,
    payToken: reservation.token,
    payAmount: reservation.amount.toString(),
    bond: reservation.bond.toString(),
    repay: repay.toString(),
    seizable: seizable.toString(),
    openBy: Number(reservation.openBy),
  };
}

/** Puts a holding into plain JSON. */
export function showHolding(holding: Holding): Shown<typeof schemas.holding> {
  const { chain, purpose, token, holder, balance, promised, available, room } = holding;
  return compact({
    chain,
    purpose,
    symbol: token.symbol,
    token: token.address,
    decimals: token.decimals,
    holder,
    balance: balance.toString(),
    promised: promised.toString(),
    available: available.toString(),
    room: room?.toString(),
  });
}

/** Puts a flag into plain JSON; `time` of its chain in Unix seconds, undefined before its first head. */
export function showFlag(flag: Flag, time: bigint | undefined): Shown<typeof schemas.flag> {
  const { market, chain, position, positionKey, takeableFrom, lapsesAt, taken } = flag;
  return compact({
    market: marketName(market),
    chain,
    position,
    positionKey,
    state: stateOfFlag(flag, time),
    takeableFrom: Number(takeableFrom),
    lapsesAt: Number(lapsesAt),
    taken: taken && { ...taken, repaid: taken.repaid.toString(), lot: taken.lot.toString() },
  });
}

/** Tells where a flag stands, by the log and its chain's own time in Unix seconds. */
export function stateOfFlag(
  { isCleared, takeableFrom, lapsesAt }: Flag,
  time: bigint | undefined,
): Shown<typeof schemas.flag>['state'] {
  if (isCleared) return 'cleared';
  if (time === undefined || time < takeableFrom) return 'waiting';
  return time <= lapsesAt ? 'takeable' : 'lapsed';
}

function showSale({ expired, sold }: OrderView): Shown<typeof schemas.order>['sale'] {
  if (expired === undefined) return undefined;
  const { debt, floor, restUntil } = expired;
  return compact({
    debt: debt.toString(),
    floor: floor.toString(),
    restUntil: Number(restUntil),
    sold: sold && {
      buyer: sold.buyer,
      recipient: sold.recipient,
      lot: sold.lot.toString(),
      price: sold.price.toString(),
    },
  });
}

function showHeldBond({
  bondHeld,
  bondFreed,
  bondForfeited,
}: OrderView): Shown<typeof schemas.order>['heldBond'] {
  if (bondHeld === undefined) return undefined;
  const outcome = bondFreed !== undefined ? 'freed' : bondForfeited !== undefined ? 'forfeited' : 'held';
  return { amount: bondHeld.amount.toString(), readyAt: Number(bondHeld.readyAt), outcome };
}

function outcomeOf(
  digest: Hex,
  openBy: bigint,
  known: {
    readonly view: OrderView | undefined;
    readonly auction: Auction | undefined;
    readonly now: bigint;
  },
): Shown<typeof schemas.quote>['outcome'] {
  const { view, auction, now } = known;
  const landed = view?.order?.quote ?? view?.liquidated?.quote;
  if (landed !== undefined) return landed === digest ? 'won' : 'lost';
  const [first] = auction?.certificate?.quotes ?? [];
  const isFirst =
    auction !== undefined && first !== undefined && quoteDigest(first.quote, auction.market.home) === digest;
  if (now <= toMs(openBy)) return isFirst ? 'awarded' : first === undefined ? 'open' : 'lost';
  // Another solver's landing is not on a solver's record; a certificate for another says as much.
  return first !== undefined && !isFirst ? 'lost' : 'lapsed';
}

function transactionsOf(view: OrderView): Shown<typeof schemas.order>['transactions'] {
  const { liquidated, opened, filled, reported, expired, sold, bondFreed, bondForfeited } = view;
  const { verdictSent, surplusCredited, surplusReturned } = view;
  const steps: [string, Seen | undefined][] = [
    ['liquidated', liquidated?.seen],
    ['opened', opened?.seen],
    ['filled', filled?.seen],
    ['reported', reported?.seen],
    ['expired', expired?.seen],
    ['sold', sold?.seen],
    ['bondFreed', bondFreed?.seen],
    ['bondForfeited', bondForfeited?.seen],
    ['verdictSent', verdictSent?.seen],
    ['surplusCredited', surplusCredited?.seen],
    ['surplusReturned', surplusReturned?.seen],
  ];
  return steps.flatMap(([event, seen]) =>
    seen === undefined ? [] : [{ event, chain: seen.chain, tx: seen.tx, block: Number(seen.block) }],
  );
}

/** Leaves out what is undefined. */
export function compact<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
