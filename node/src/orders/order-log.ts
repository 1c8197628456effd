import { type IntentDigest, marketName } from '@gavel/protocol';
import type { Telemetry } from '../observe/telemetry.ts';
import { isChainFact, type OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { type Line, lineOf } from './facts.ts';

/**
 * Creates the order log: one line and one count for each event of an order. `quotesOf`: quotes received for
 * an intent.
 */
export function createOrderLog(options: {
  readonly telemetry: Telemetry;
  readonly quotesOf: (intent: IntentDigest) => number;
  /** Takes the same lines, for listeners other than the log. */
  readonly tell?: (msg: string, fields: Record<string, unknown>) => void;
}): (view: OrderView, event: OrderEvent) => void {
  const { quotesOf, tell } = options;
  const { log, metrics } = options.telemetry;
  return (view, event) => {
    metrics.count('order_event', { event: event.type });
    const line = describe(view, event, quotesOf);
    const seen =
      'seen' in event ? { chain: event.seen.chain, tx: event.seen.tx, block: event.seen.block } : {};
    const order = view.orderId ? { orderId: view.orderId } : {};
    const fields = { intent: view.intent, ...order, ...seen, ...line.fields };
    log.info(fields, line.msg);
    tell?.(line.msg, fields);
  };
}

function describe(view: OrderView, event: OrderEvent, quotesOf: (intent: IntentDigest) => number): Line {
  if (isChainFact(event)) return lineOf(event.type, event, { view, quotesOf });
  switch (event.type) {
    case 'awarded': {
      const { intent, quotes } = event.landing;
      const [winner] = quotes;
      const { solver, ask, payDomain } = winner?.quote ?? {};
      const fields = { market: marketName(intent.market), ranked: quotes.length, solver, ask, payDomain };
      return { msg: 'award recorded', fields };
    }
    case 'filling':
      return { msg: 'payment sent', fields: { chain: event.chain, tx: event.hash } };
    case 'buying':
      return { msg: 'purchase sent', fields: { chain: event.chain, tx: event.hash, amount: event.amount } };
    case 'reverted':
      return { msg: 'event reverted', fields: { event: event.event } };
    case 'abandoned':
      return { msg: 'award lapsed', fields: { reason: event.reason } };
  }
}
