import { bondOf, type Intent, type Landing, type Order, orderIdOf, quoteDigest } from '@gavel/protocol';
import { pad } from 'viem';
import { observe } from '../src/auction/derive.ts';
import type { OrderEvent, Seen } from '../src/order/events.ts';
import type { QuoteRecord } from '../src/store/records.ts';
import { addressOf, createArena, HOME_DOMAIN, keyOf, PAY_DOMAIN, PAYOUT, POSITION } from './arena.ts';

/** Where made-up evidence was seen. */
export const SEEN: Seen = { chain: 'alpha', tx: pad('0x7e', { size: 32 }), block: 10n };

/** Pays escrow, pay token and treasury of the made-up order. */
export const PAY_ESCROW = pad('0xe5', { size: 20 });
export const PAY_TOKEN = pad('0x70', { size: 20 });

/** A quote on record and the order that follows from it. */
export type Won = {
  readonly intent: Intent;
  readonly landing: Landing;
  readonly record: QuoteRecord;
  readonly order: Order;
  readonly orderId: `0x${string}`;
};

/** Makes a won quote of solver `x`, paid on another chain, and its order for the whole repay. */
export async function createWon(change: Partial<Order> = {}): Promise<Won> {
  const arena = createArena({ at: 1_700_000_000_000n });
  const result = await observe(arena.market, POSITION, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const { intent, digest, positionKey, terms } = result.observed;
  const signed = arena.quote('x', digest, {}, keyOf('x'));
  const { quote } = signed;
  const bond = bondOf(quote.ask, intent, terms);
  const record: QuoteRecord = {
    intent: digest,
    signed,
    reservation: {
      intent: digest,
      domain: PAY_DOMAIN,
      token: PAY_TOKEN,
      amount: 1_000_501n,
      homeDomain: HOME_DOMAIN,
      debt: intent.debt,
      bond,
      openBy: intent.openBy,
    },
    repay: intent.repay,
    seizable: intent.seizable,
    market: intent.market,
    positionKey,
    collateral: intent.collateral,
    homeEscrow: arena.home.escrow,
  };
  const order: Order = {
    intent: digest,
    quote: quoteDigest(quote, arena.home),
    market: intent.market,
    positionKey,
    homeDomain: HOME_DOMAIN,
    homeEscrow: arena.home.escrow,
    payDomain: PAY_DOMAIN,
    payEscrow: PAY_ESCROW,
    collateral: intent.collateral,
    debt: intent.debt,
    payToken: PAY_TOKEN,
    treasury: pad('0x7a', { size: 20 }),
    bridge: pad('0x00', { size: 20 }),
    solver: addressOf('x'),
    payout: PAYOUT,
    terms: 1,
    repaid: intent.repay,
    keeperFee: 1n,
    routeFee: 500n,
    payAmount: 1_000_501n,
    ask: quote.ask,
    maxAsk: 490_000n,
    bond,
    latePenalty: bond,
    openBy: intent.openBy,
    exclusiveUntil: intent.openBy + 130n,
    fillDeadline: intent.openBy + 1_000n,
    expiresAt: intent.openBy + 2_000n,
    ...change,
  };
  const landing: Landing = { intent, attempt: 1, quotes: [signed], signatures: '0x' };
  return { intent, landing, record, order, orderId: orderIdOf(order) };
}

/** Makes the evidence of a remote order's whole life, in the order in which it happens. */
export function lifeOf({ order, orderId, landing }: Won): OrderEvent[] {
  const payment = {
    payer: order.solver,
    beneficiary: order.payout,
    ask: order.ask,
    filledAt: order.openBy,
  };
  const messageId = pad('0x01', { size: 32 });
  return [
    { type: 'awarded', landing, quotes: 3, at: 0n },
    { type: 'opened', seen: SEEN, orderId, order, seized: 495_000n },
    { type: 'filling', orderId, chain: 'gamma', hash: pad('0x02', { size: 32 }), at: 1n },
    { type: 'filled', seen: SEEN, orderId, payment },
    { type: 'reported', seen: SEEN, messageId },
    { type: 'settled', seen: SEEN, beneficiary: order.payout, ask: order.ask, surplus: 15_000n },
    { type: 'surplusCredited', seen: SEEN, toBorrower: 12_000n, toTreasury: 3_000n },
    { type: 'surplusReturned', seen: SEEN, amount: 12_000n },
    { type: 'verdictSent', seen: SEEN, messageId, accepted: true },
    { type: 'accepted', seen: SEEN },
    { type: 'released', seen: SEEN, amount: order.payAmount },
  ];
}
