import { EventEmitter } from 'node:events';
import type { Certificate, SignedQuote, Vote } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Auction } from './auction/auctions.ts';
import type { Observation } from './auction/derive.ts';
import type { Market } from './auction/market.ts';
import type { Head } from './chain/heads.ts';
import type { OrderEvent } from './order/events.ts';
import type { OrderView } from './order/fold.ts';

/** What happens in a node, and the arguments that listeners get. */
export type NodeEvents = {
  /** A new head of a chain, by the chain's name. */
  head: [chain: string, head: Head];
  /** The first accepted intent of an auction. */
  intent: [auction: Auction];
  /** An accepted quote. */
  quote: [auction: Auction, digest: Hex, signed: SignedQuote];
  /** An accepted vote. */
  vote: [auction: Auction, voter: Address, vote: Vote];
  /** A key disavowed a quote or a vote that it signed. */
  disavowal: [auction: Auction, signer: Address, subject: Hex];
  /** The first certificate of an auction. */
  certificate: [auction: Auction, certificate: Certificate];
  /** A quote that a home chain landed. */
  landed: [intent: Hex, quote: Hex];
  /** The home escrow's logs of a chain have been read up to a block, and told. */
  read: [chain: string, toBlock: bigint];
  /** A position that this node's watcher found unhealthy. */
  unhealthy: [market: Market, observed: Observation];
  /** An order whose record changed. */
  order: [view: OrderView];
  /** An event that is on disk. */
  recorded: [event: OrderEvent];
};

/** Passes events to listeners at once, in order of subscription. The emitter gets what a listener throws. */
export type Bus = EventEmitter<NodeEvents>;

/** Creates a bus without listeners. */
export function createBus(): Bus {
  return new EventEmitter<NodeEvents>();
}
