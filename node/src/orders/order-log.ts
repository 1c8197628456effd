import { marketName } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';

/**
 * Tell what happened to orders, one line and one count for each event: constant messages, fields for machines. `quotes` is
 * the number of quotes this node received for the intent.
 */
export function createOrderLog(options: {
  readonly log: Logger;
  readonly counters: Counters;
  readonly quotesOf: (intent: Hex) => number;
  /** Takes the same lines, for whoever listens beside the log. */
  readonly tell?: (msg: string, fields: Record<string, unknown>) => void;
}): (view: OrderView, event: OrderEvent) => void {
  const { log, counters, quotesOf, tell } = options;
  return (view, event) => {
    counters.count('order_event', { event: event.type });
    const line = lineOf(view, event, quotesOf);
    const seen =
      'seen' in event ? { chain: event.seen.chain, tx: event.seen.tx, block: event.seen.block } : {};
    const order = view.orderId ? { orderId: view.orderId } : {};
    const fields = { intent: view.intent, ...order, ...seen, ...line.fields };
    log.info(fields, line.msg);
    tell?.(line.msg, fields);
  };
}

function lineOf(
  view: OrderView,
  event: OrderEvent,
  quotesOf: (intent: Hex) => number,
): { msg: string; fields: Record<string, unknown> } {
  switch (event.type) {
    case 'awarded': {
      const { intent, quotes } = event.landing;
      const [winner] = quotes;
      const fields = {
        solver: winner?.quote.solver,
        ask: winner?.quote.ask,
        payDomain: winner?.quote.payDomain,
      };
      return {
        msg: 'award recorded',
        fields: { market: marketName(intent.market), ranked: quotes.length, ...fields },
      };
    }
    case 'liquidated': {
      const { solver, repaid, seized, ask, positionKey } = event;
      const fields = {
        mode: 'local',
        solver,
        repaid,
        seized,
        ask,
        positionKey,
        quotes: quotesOf(view.intent),
      };
      return { msg: 'landed', fields };
    }
    case 'opened': {
      const { order, seized } = event;
      const { solver, repaid, ask, payDomain, payAmount, positionKey } = order;
      const parts = { mode: 'remote', solver, repaid, seized, ask, payDomain, payAmount, positionKey };
      return { msg: 'landed', fields: { ...parts, quotes: quotesOf(view.intent) } };
    }
    case 'filling':
      return { msg: 'payment sent', fields: { chain: event.chain, tx: event.hash } };
    case 'filled': {
      const { payer, beneficiary, ask } = event.payment;
      return { msg: 'filled', fields: { payer, beneficiary, ask, payAmount: view.order?.payAmount } };
    }
    case 'reported':
      return { msg: 'reported', fields: { messageId: event.messageId } };
    case 'settled':
      return {
        msg: 'settled',
        fields: { beneficiary: event.beneficiary, ask: event.ask, surplus: event.surplus },
      };
    case 'refused':
      return { msg: 'fill refused', fields: {} };
    case 'verdictSent':
      return { msg: 'verdicts sent', fields: { messageId: event.messageId, accepted: event.accepted } };
    case 'accepted':
      return { msg: 'verdict received', fields: { accepted: true } };
    case 'declined':
      return { msg: 'verdict received', fields: { accepted: false } };
    case 'released':
      return { msg: 'released', fields: { amount: event.amount } };
    case 'refunded':
      return { msg: 'refunded', fields: { amount: event.amount } };
    case 'expired':
      return {
        msg: 'expired, lot on sale',
        fields: { debt: event.debt, floor: event.floor, restUntil: event.restUntil },
      };
    case 'buying':
      return { msg: 'purchase sent', fields: { chain: event.chain, tx: event.hash, amount: event.amount } };
    case 'sold': {
      const { buyer, recipient, lot, price, surplus } = event;
      return { msg: 'lot sold', fields: { buyer, recipient, lot, price, surplus } };
    }
    case 'bondHeld':
      return {
        msg: 'bond held',
        fields: { amount: event.amount, readyAt: event.readyAt, bountyTo: event.bountyTo },
      };
    case 'bondFreed':
      return { msg: 'bond freed', fields: { amount: event.amount } };
    case 'bondForfeited':
      return {
        msg: 'bond forfeited',
        fields: { amount: event.amount, bounty: event.bounty, bountyTo: event.bountyTo },
      };
    case 'surplusCredited':
      return {
        msg: 'surplus credited',
        fields: { toBorrower: event.toBorrower, toTreasury: event.toTreasury },
      };
    case 'surplusReturned':
      return { msg: 'surplus returned', fields: { amount: event.amount } };
    case 'reverted':
      return { msg: 'event reverted', fields: { event: event.event } };
    case 'abandoned':
      return { msg: 'award lapsed', fields: { reason: event.reason } };
  }
}
