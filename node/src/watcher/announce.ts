import { encodeIntent, type Ms, toMs } from '@gavel/protocol';
import type { Auction, Auctions } from '../auction/auctions.ts';
import type { Observation } from '../auction/derive.ts';
import type { Market } from '../auction/market.ts';
import type { Publish } from '../gossip/publish.ts';
import type { Logger } from '../observe/logger.ts';

/** What announcing takes. Times in milliseconds. */
export type AnnounceDeps = {
  readonly auctions: Pick<Auctions, 'of'>;
  readonly publish: Publish;
  readonly now: () => Ms;
  readonly log: Logger;
  readonly tallyWait: bigint;
  readonly voteWait: bigint;
};

/** Publish the intent of an unhealthy position, unless an auction of its round is still running. */
export async function announce(market: Market, observed: Observation, deps: AnnounceDeps): Promise<void> {
  const { intent, digest, positionKey } = observed;
  const now = deps.now();
  const others = deps.auctions.of(positionKey, intent.round).filter((auction) => auction.market === market);
  if (others.some((auction) => auction.observed.digest === digest || isRunning(auction, now, deps))) return;
  if (intent.quoteBy <= now) return;
  if (!(await deps.publish('intents', encodeIntent(intent), { intent: digest }))) return;
  const { repay, seizable, round, observedBlock: block, position } = intent;
  const terms = { position, positionKey, repay, seizable, round, block, health: observed.health };
  deps.log.info({ intent: digest, chain: market.chain, ...terms }, 'intent announced');
}

/**
 * Tells whether an auction may still lead to a landing: with votes or a certificate until `openBy`, since
 * each auctioneer is bound by its vote so long; without any, until the second vote is due.
 */
export function isRunning(
  auction: Auction,
  now: bigint,
  waits: { readonly tallyWait: bigint; readonly voteWait: bigint },
): boolean {
  const { quoteBy, openBy } = auction.observed.intent;
  const bound = auction.certificate !== undefined || auction.votes.length > 0;
  // The same wait once more for votes on their way.
  return now <= (bound ? toMs(openBy + 1n) : quoteBy + waits.tallyWait + 2n * waits.voteWait);
}
