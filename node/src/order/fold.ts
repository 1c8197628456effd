import type { IntentDigest, Landing, Order, OrderId, Payment } from '@gavel/protocol';
import { OrderError } from './errors.ts';
import { type EventOf, isChainFact, isSamePlace, type OrderEvent } from './events.ts';
import { next, type OrderState } from './states.ts';

/** An event that an order is made of: all but those that take another back. */
export type KeptEvent = Exclude<OrderEvent, EventOf<'reverted'>>;

/** The kept event of each type; of a type that may come more than once, the latest. */
type Latest = { [T in KeptEvent['type']]?: EventOf<T> };

/** An order as its events make it. Absent parts are not known to this node (yet). */
export type OrderView = Latest & {
  /** Digest of the intent; the record's key. */
  intent: IntentDigest;
  state: OrderState;
  /** How many events made it; the version to append at. */
  version: number;
  landing?: Landing;
  orderId?: OrderId;
  order?: Order;
  payment?: Payment;
  /** The facts that stand, in the order in which they came; without those taken back. */
  facts: readonly KeptEvent[];
};

/** Returns an order of which nothing is known. */
export function emptyOrder(intent: IntentDigest): OrderView {
  return { intent, state: 'unknown', version: 0, facts: [] };
}

/**
 * Returns an order with one event more. Throws ORDER_TRANSITION if the order's state does not allow the
 * event.
 */
export function apply(view: OrderView, event: OrderEvent): OrderView {
  return event.type === 'reverted' ? withdraw(view, event) : advance(view, event);
}

/**
 * Takes a fact back: folds the facts that remain anew. Facts that the table allows only after the one taken
 * back (a split in its own transaction) go too.
 */
function withdraw(view: OrderView, event: EventOf<'reverted'>): OrderView {
  const remaining = view.facts.filter(
    (fact) => !(fact.type === event.event && isChainFact(fact) && isSamePlace(fact.seen, event.seen)),
  );
  const again = remaining.reduce(
    (folded, fact) => (next(folded.state, fact.type) === undefined ? folded : advance(folded, fact)),
    emptyOrder(view.intent),
  );
  // An order's id commits to its terms, so the terms stay true without the landing. A payment for the order
  // needs them to be refunded.
  const order = again.orderId === undefined ? undefined : view.order;
  return { ...again, ...(order && { order }), version: view.version + 1 };
}

function advance(view: OrderView, event: KeptEvent): OrderView {
  const state = next(view.state, event.type);
  if (state === undefined) {
    throw new OrderError('ORDER_TRANSITION', 'An order cannot take this event in its state', {
      meta: { intent: view.intent, state: view.state, event: event.type },
    });
  }
  return {
    ...view,
    [event.type]: event,
    ...partsOf(event),
    state,
    version: view.version + 1,
    facts: [...view.facts, event],
  };
}

/**
 * Returns the order that a record's events make. Throws ORDER_TRANSITION on a history that the table does not
 * allow.
 */
export function fold(intent: IntentDigest, events: readonly OrderEvent[]): OrderView {
  return events.reduce(apply, emptyOrder(intent));
}

function partsOf(event: OrderEvent): Partial<OrderView> {
  switch (event.type) {
    case 'awarded':
      return { landing: event.landing };
    case 'opened':
      return { orderId: event.orderId, order: event.order };
    case 'filling':
    case 'buying':
      return { orderId: event.orderId };
    case 'filled':
      return { orderId: event.orderId, payment: event.payment };
    default:
      return {};
  }
}
