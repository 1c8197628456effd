import type { Fill, Landing, Order, OrderId, Payment, PositionKey } from '@gavel/protocol';
import type { Address } from 'viem';
import type { EventOf } from './events.ts';
import type { OrderView } from './fold.ts';
import { isTerminal } from './states.ts';

/** An intent whose ranking this node holds. */
export type Awarded = OrderView & { landing: Landing };

/**
 * A remote order whose terms and id are known. They stay known when a reorganisation takes its landing back.
 */
export type Known = OrderView & { orderId: OrderId; order: Order };

/** A remote order whose landing is on record. */
export type Opened = Known & { opened: EventOf<'opened'> };

/** A known order with a payment in its pay escrow. */
export type Paid = Known & { payment: Payment };

/** An order whose lot is on sale at home, as far as this node knows. */
export type OnSale = OrderView & { expired: EventOf<'expired'> };

/** An order with a part of its bond still held, to be forfeited or freed. */
export type HoldingBond = OrderView & { bondHeld: EventOf<'bondHeld'> };

/** An order whose borrower waits for a part of the surplus. */
export type AwaitingSurplus = OrderView & { surplusCredited: EventOf<'surplusCredited'> };

/** Tells whether this node holds the ranking of an intent. */
export function isAwarded(view: OrderView): view is Awarded {
  return view.landing !== undefined;
}

/** Tells whether the terms of an order are known. */
export function isKnown(view: OrderView): view is Known {
  return view.order !== undefined && view.orderId !== undefined;
}

/** Tells whether the landing of a remote order is on record. */
export function isOpened(view: OrderView): view is Opened {
  return view.opened !== undefined && isKnown(view);
}

/** Tells whether an order is known, and paid on its pay chain. */
export function isPaid(view: OrderView): view is Paid {
  return view.payment !== undefined && isKnown(view);
}

/** Tells whether the winner kept its promise: a payment before its exclusive right ended. */
export function isPaidInTime(view: OrderView): view is Paid {
  return isPaid(view) && view.payment.filledAt <= view.order.exclusiveUntil;
}

/** Tells whether an order's lot is on sale at home, as far as this node knows. */
export function isOnSale(view: OrderView): view is OnSale {
  return view.expired !== undefined && (view.state === 'expired' || view.state === 'filled');
}

/** Tells whether a part of an order's bond is still held, to be forfeited or freed. */
export function holdsBond(view: OrderView): view is HoldingBond {
  return view.bondHeld !== undefined && view.bondFreed === undefined && view.bondForfeited === undefined;
}

/** Tells whether a part of the surplus was credited to the borrower and not returned yet. */
export function awaitsSurplus(view: OrderView): view is AwaitingSurplus {
  const { surplusCredited, surplusReturned } = view;
  return surplusReturned === undefined && surplusCredited !== undefined && surplusCredited.toBorrower > 0n;
}

/**
 * Tells whether nothing is left to do for an order. All of its facts were taken back; or its payment is over
 * or its lot was sold unpaid, and neither a credited surplus nor a held bond waits.
 */
export function isClosed(view: OrderView): boolean {
  const isOver = isTerminal(view.state) || (view.state === 'sold' && view.payment === undefined);
  if (!isOver) return view.version > 0 && view.facts.length === 0;
  return !awaitsSurplus(view) && !holdsBond(view);
}

/** Returns the key of an order's position and its collateral token, as far as they are known. */
export function lotOf(view: OrderView): { positionKey: PositionKey; collateral: Address } | undefined {
  if (isKnown(view)) return { positionKey: view.order.positionKey, collateral: view.order.collateral };
  if (view.liquidated === undefined || view.landing === undefined) return undefined;
  return { positionKey: view.liquidated.positionKey, collateral: view.landing.intent.collateral };
}

/** Returns a payment together with its order, as the contracts take them. */
export function fillOf({ order, payment }: Paid): Fill {
  return { order, ...payment };
}
