import type { Landing } from '@gavel/protocol';
import type { Address, Hex } from 'viem';

import type { Order, Payment } from './order.ts';

/** Where on a chain something was seen. `chain` is the configured name. */
export type Seen = { chain: string; tx: Hex; block: bigint };

/**
 * Everything that can happen to one awarded intent, as this node learnt it. Records are keyed by the intent's digest; a
 * remote order's id is carried by `opened` and `filled`. Events are facts: an order's state is nothing but their fold.
 */
export type OrderEvent =
  /** k auctioneers signed a ranking (or the landing was read back from its transaction). `quotes` counts those received. */
  | { type: 'awarded'; landing: Landing; quotes: number; at: bigint /* ms */ }
  /** A local quote landed: paid, liquidated and delivered in one transaction. */
  | {
      type: 'liquidated';
      seen: Seen;
      quote: Hex;
      positionKey: Hex;
      solver: Address;
      repaid: bigint;
      seized: bigint;
      ask: bigint;
    }
  /** A remote quote landed: debt repaid, collateral in escrow, payment awaited. */
  | { type: 'opened'; seen: Seen; orderId: Hex; order: Order; seized: bigint }
  /** This solver is about to pay; durable before the payment is broadcast. */
  | { type: 'filling'; orderId: Hex; chain: string; hash: Hex; at: bigint /* ms */ }
  /** The payment is in the pay escrow. */
  | { type: 'filled'; seen: Seen; orderId: Hex; payment: Payment }
  /** A message carrying the fill left the pay chain. */
  | { type: 'reported'; seen: Seen; messageId: Hex }
  /** The home chain accepted the fill and paid the collateral. */
  | { type: 'settled'; seen: Seen; beneficiary: Address; ask: bigint; surplus: bigint }
  /** The home chain refused the fill, for good. */
  | { type: 'refused'; seen: Seen }
  /** A message carrying the verdict left the home chain. */
  | { type: 'verdictSent'; seen: Seen; messageId: Hex; accepted: boolean }
  /** The pay chain received "accepted". */
  | { type: 'accepted'; seen: Seen }
  /** The pay chain received "refused". */
  | { type: 'declined'; seen: Seen }
  /** The payment went to the treasury of its route. */
  | { type: 'released'; seen: Seen; amount: bigint }
  /** The payment went back to its payer. */
  | { type: 'refunded'; seen: Seen; amount: bigint }
  /** The surplus was split; the borrower's part waits in the escrow. */
  | { type: 'surplusCredited'; seen: Seen; toBorrower: bigint; toTreasury: bigint }
  /** The borrower's part is back in the position. */
  | { type: 'surplusReturned'; seen: Seen; amount: bigint }
  /** Nothing landed by `openBy`. This node's conclusion: chain evidence to the contrary overrides it. */
  | { type: 'abandoned'; reason: string; at: bigint /* ms */ };

/** The name of an event. */
export type OrderEventType = OrderEvent['type'];

/** One event type's shape. */
export type EventOf<T extends OrderEventType> = Extract<OrderEvent, { type: T }>;
