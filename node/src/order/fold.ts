import type { Fill, Landing, Order, Payment } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import { OrderError } from './errors.ts';
import { type EventOf, isChainFact, isSamePlace, type OrderEvent, type OrderEventType } from './events.ts';

import { isTerminal, next, type OrderState } from './states.ts';

/** An order as its events make it. Absent parts are not known to this node (yet). */
export type OrderView = {
  /** Digest of the intent; the record's key. */
  intent: Hex;
  state: OrderState;
  /** How many events made it; the version to append at. */
  version: number;
  landing?: Landing;
  liquidated?: EventOf<'liquidated'>;
  opened?: EventOf<'opened'>;
  orderId?: Hex;
  order?: Order;
  filling?: EventOf<'filling'>;
  payment?: Payment;
  filledAt?: EventOf<'filled'>['seen'];
  reported?: EventOf<'reported'>;
  verdict?: EventOf<'verdictSent'>;
  expired?: EventOf<'expired'>;
  buying?: EventOf<'buying'>;
  sold?: EventOf<'sold'>;
  /** What is held of the bond, and how that ended. */
  bondHeld?: EventOf<'bondHeld'>;
  bondFreed?: EventOf<'bondFreed'>;
  bondForfeited?: EventOf<'bondForfeited'>;
  surplusCredited?: EventOf<'surplusCredited'>;
  surplusReturned?: EventOf<'surplusReturned'>;
  /** Types of the facts that stand. */
  seen: ReadonlySet<OrderEventType>;
  /** The facts that stand, in the order in which they came: what was taken back is not among them. */
  facts: readonly OrderEvent[];
};

/** Start an order of which nothing is known. */
export function emptyOrder(intent: Hex): OrderView {
  return { intent, state: 'unknown', version: 0, seen: new Set(), facts: [] };
}

/** Fold one event into an order. Throws ORDER_TRANSITION if its state does not allow it. Changes nothing it was given. */
export function apply(view: OrderView, event: OrderEvent): OrderView {
  return event.type === 'reverted' ? withdraw(view, event) : advance(view, event);
}

/** Take a fact back: fold those that remain anew. What only made sense after it (a split of its own transaction) goes too. */
function withdraw(view: OrderView, event: EventOf<'reverted'>): OrderView {
  const remaining = view.facts.filter(
    (fact) => !(fact.type === event.event && isChainFact(fact) && isSamePlace(fact.seen, event.seen)),
  );
  const again = remaining.reduce(
    (folded, fact) => (next(folded.state, fact.type) === undefined ? folded : advance(folded, fact)),
    emptyOrder(view.intent),
  );
  // What an id commits to stays true whatever becomes of its landing, and a payment made for it is taken back by it.
  const order = again.orderId === undefined ? undefined : view.order;
  return { ...again, ...(order && { order }), version: view.version + 1 };
}

function advance(view: OrderView, event: OrderEvent): OrderView {
  const state = next(view.state, event.type);
  if (state === undefined) {
    throw new OrderError('ORDER_TRANSITION', 'An order cannot take this event in its state', {
      meta: { intent: view.intent, state: view.state, event: event.type },
    });
  }
  return {
    ...view,
    ...partOf(event),
    state,
    version: view.version + 1,
    seen: new Set(view.seen).add(event.type),
    facts: [...view.facts, event],
  };
}

/** Fold a record's events. Throws ORDER_TRANSITION on a history that the table does not allow. */
export function fold(intent: Hex, events: readonly OrderEvent[]): OrderView {
  return events.reduce(apply, emptyOrder(intent));
}

/**
 * Tell whether nothing is left to be done for an order: all taken back; or its payment over, or its lot sold unpaid, and
 * neither a credited surplus nor a held bond waiting.
 */
export function isClosed(view: OrderView): boolean {
  const isOver = isTerminal(view.state) || (view.state === 'sold' && view.payment === undefined);
  if (!isOver) return view.version > 0 && view.facts.length === 0;
  const waiting = view.surplusCredited !== undefined && view.surplusCredited.toBorrower > 0n;
  return (!waiting || view.surplusReturned !== undefined) && !holdsBond(view);
}

/** Tell whether a part of an order's bond is still held, to be forfeited or freed. */
export function holdsBond({ bondHeld, bondFreed, bondForfeited }: OrderView): boolean {
  return bondHeld !== undefined && bondFreed === undefined && bondForfeited === undefined;
}

/** Tell whether the winner's promise was kept: a payment before its exclusive right ended. */
export function isPaidInTime({ order, payment }: OrderView): boolean {
  return order !== undefined && payment !== undefined && payment.filledAt <= order.exclusiveUntil;
}

/** Return the key of an order's position, and its collateral token, as far as they are known. */
export function lotOf(view: OrderView): { positionKey: Hex; collateral: Address } | undefined {
  if (view.order !== undefined)
    return { positionKey: view.order.positionKey, collateral: view.order.collateral };
  if (view.liquidated === undefined || view.landing === undefined) return undefined;
  return { positionKey: view.liquidated.positionKey, collateral: view.landing.intent.collateral };
}

function partOf(event: OrderEvent): Partial<OrderView> {
  switch (event.type) {
    case 'awarded':
      return { landing: event.landing };
    case 'liquidated':
      return { liquidated: event };
    case 'opened':
      return { opened: event, orderId: event.orderId, order: event.order };
    case 'filling':
      return { filling: event, orderId: event.orderId };
    case 'filled':
      return { orderId: event.orderId, payment: event.payment, filledAt: event.seen };
    case 'reported':
      return { reported: event };
    case 'verdictSent':
      return { verdict: event };
    case 'expired':
      return { expired: event };
    case 'buying':
      return { buying: event, orderId: event.orderId };
    case 'sold':
      return { sold: event };
    case 'bondHeld':
      return { bondHeld: event };
    case 'bondFreed':
      return { bondFreed: event };
    case 'bondForfeited':
      return { bondForfeited: event };
    case 'surplusCredited':
      return { surplusCredited: event };
    case 'surplusReturned':
      return { surplusReturned: event };
    default:
      return {};
  }
}

/** Put a payment and its order together as the contracts take it; undefined until both are known. */
export function fillOf({ order, payment }: Pick<OrderView, 'order' | 'payment'>): Fill | undefined {
  return order === undefined || payment === undefined ? undefined : { order, ...payment };
}

/** Tell whether an order's lot is on sale at home, as far as this node knows. */
export function isOnSale({ state, expired }: OrderView): boolean {
  return expired !== undefined && (state === 'expired' || state === 'filled');
}
