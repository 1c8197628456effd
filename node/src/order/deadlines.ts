import type { Seconds } from '@gavel/protocol';
import type { OrderView } from './fold.ts';

/** What an order waits for, and until when, Unix seconds by the chain's clock. */
export type Deadline = { at: Seconds; kind: 'landing' | 'payment' | 'proof' };

/** Returns the next moment at which an order's situation changes by itself, or undefined if none is ahead. */
export function deadlineOf(view: OrderView): Deadline | undefined {
  if (view.state === 'awarded' && view.landing !== undefined) {
    return { at: view.landing.intent.openBy, kind: 'landing' };
  }
  if (view.state === 'opened' && view.order !== undefined) {
    return { at: view.order.exclusiveUntil, kind: 'payment' };
  }
  if (view.state === 'filled' && view.order !== undefined) {
    return { at: view.order.expiresAt, kind: 'proof' };
  }
  return undefined;
}

/**
 * Tells whether an award can no longer land: the home chain's clock, in Unix seconds, has passed `openBy`.
 */
export function hasLapsed(view: OrderView, chainTime: Seconds): boolean {
  const deadline = deadlineOf(view);
  return deadline?.kind === 'landing' && chainTime > deadline.at;
}

/**
 * Tells whether a winner may still pay at its own ask: before `exclusiveUntil` less a margin, both in Unix
 * seconds. A payment after it would forfeit the late penalty, and its ask would no longer be exclusive.
 */
export function mayStillPay(view: OrderView, chainTime: Seconds, margin: bigint): boolean {
  return (
    view.state === 'opened' && view.order !== undefined && chainTime + margin <= view.order.exclusiveUntil
  );
}
