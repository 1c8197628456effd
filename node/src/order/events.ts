import type { Landing, Ms, Order, OrderId, Payment, PositionKey, QuoteDigest } from '@gavel/protocol';
import type { Address, Hex } from 'viem';

/** Where on a chain something was seen. `chain` is the configured name. */
export type Seen = { chain: string; tx: Hex; block: bigint };

/**
 * Everything that can happen to one awarded intent, as this node learnt it. Records are keyed by the intent's
 * digest; a remote order's id is carried by `opened` and `filled`. Events are facts: an order's state is
 * nothing but their fold.
 */
export type OrderEvent =
  /**
   * k auctioneers signed a ranking (or the landing was read back from its transaction). `quotes` counts those
   * received.
   */
  | { type: 'awarded'; landing: Landing; quotes: number; at: Ms }
  /** A local quote landed: paid, liquidated and delivered in one transaction. */
  | {
      type: 'liquidated';
      seen: Seen;
      quote: QuoteDigest;
      positionKey: PositionKey;
      solver: Address;
      repaid: bigint;
      seized: bigint;
      ask: bigint;
    }
  /** A remote quote landed: debt repaid, collateral in escrow, payment awaited. */
  | { type: 'opened'; seen: Seen; orderId: OrderId; order: Order; seized: bigint }
  /** This solver is about to pay; durable before the payment is broadcast. */
  | { type: 'filling'; orderId: OrderId; chain: string; hash: Hex; at: Ms }
  /** The payment is in the pay escrow. */
  | { type: 'filled'; seen: Seen; orderId: OrderId; payment: Payment }
  /**
   * A message carrying the fill left the pay chain. `at`: when this node learnt it; absent in older records.
   */
  | { type: 'reported'; seen: Seen; messageId: Hex; at?: bigint /* ms */ }
  /** The home chain accepted the fill and paid the collateral. */
  | { type: 'settled'; seen: Seen; beneficiary: Address; ask: bigint; surplus: bigint }
  /** The home chain refused the fill, for good. */
  | { type: 'refused'; seen: Seen }
  /**
   * A message carrying the verdict left the home chain. `at`: when this node learnt it; absent in older
   * records.
   */
  | { type: 'verdictSent'; seen: Seen; messageId: Hex; accepted: boolean; at?: bigint /* ms */ }
  /** The pay chain received "accepted". */
  | { type: 'accepted'; seen: Seen }
  /** The pay chain received "refused". */
  | { type: 'declined'; seen: Seen }
  /** The payment went to the treasury of its route. */
  | { type: 'released'; seen: Seen; amount: bigint }
  /** The payment went back to its payer. */
  | { type: 'refunded'; seen: Seen; amount: bigint }
  /**
   * No report proved it paid: its lot is on sale at home. `debt` and `floor` in debt units, `restUntil` in
   * Unix seconds.
   */
  | { type: 'expired'; seen: Seen; debt: bigint; floor: bigint; restUntil: bigint }
  /**
   * This solver is about to buy the lot for at most `amount` debt units; durable before the transaction is
   * broadcast.
   */
  | { type: 'buying'; orderId: OrderId; chain: string; hash: Hex; amount: bigint; at: Ms }
  /** The lot was sold: for `price` debt units, `lot` collateral units went to `recipient`. */
  | {
      type: 'sold';
      seen: Seen;
      buyer: Address;
      recipient: Address;
      lot: bigint;
      price: bigint;
      surplus: bigint;
    }
  /**
   * A part of the bond stays locked after a late fill or a sale, to be forfeited from `readyAt` (Unix
   * seconds) on.
   */
  | { type: 'bondHeld'; seen: Seen; amount: bigint; readyAt: bigint; bountyTo: Address }
  /** A report showed a payment in time for a lot that had been sold: the bond is the winner's again. */
  | { type: 'bondFreed'; seen: Seen; amount: bigint }
  /** The held bond was taken; `bounty` of it went to `bountyTo`. */
  | { type: 'bondForfeited'; seen: Seen; amount: bigint; bounty: bigint; bountyTo: Address }
  /** The surplus was split; the borrower's part waits in the escrow. */
  | { type: 'surplusCredited'; seen: Seen; toBorrower: bigint; toTreasury: bigint }
  /** The borrower's part is back in the position. */
  | { type: 'surplusReturned'; seen: Seen; amount: bigint }
  /** Nothing landed by `openBy`. This node's conclusion: chain evidence to the contrary overrides it. */
  | { type: 'abandoned'; reason: string; at: Ms }
  /**
   * The block that held an earlier fact is gone from its chain: that fact, the one of this type seen there,
   * is taken back.
   */
  | { type: 'reverted'; event: ChainFactType; seen: Seen; at: Ms };

/** The name of an event. */
export type OrderEventType = OrderEvent['type'];

/** An event with a place on a chain: what a reorganisation can take back. */
export type ChainFact = Exclude<Extract<OrderEvent, { seen: Seen }>, { type: 'reverted' }>;

/** The name of a chain fact. */
export type ChainFactType = ChainFact['type'];

/** Tells whether an event is a fact of a chain. */
export function isChainFact(event: OrderEvent): event is ChainFact {
  return 'seen' in event && event.type !== 'reverted';
}

/** Tells whether two facts were seen at the same place: chain, transaction and block. */
export function isSamePlace(a: Seen, b: Seen): boolean {
  return a.chain === b.chain && a.tx.toLowerCase() === b.tx.toLowerCase() && a.block === b.block;
}

/** One event type's shape. */
export type EventOf<T extends OrderEventType> = Extract<OrderEvent, { type: T }>;
