import { addressOfKey } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Auction } from '../auction/book.ts';
import { createAuctioneer } from '../flow/award.ts';
import type { Core } from './core.ts';

/** Take part in every auction whose market names this key as one of its auctioneers. */
export function startAuctioneer(core: Core, key: Hex): { onIntent(auction: Auction): void } {
  const { scheduler, publish, store, chainTime, counters, config } = core;
  const address = addressOfKey(key);
  const log = core.log.child({ module: 'auctioneer', auctioneer: address });
  return createAuctioneer({
    key,
    address,
    scheduler,
    publish,
    votes: store.votes,
    tallyWait: BigInt(config.auction.tallyWaitMs),
    voteWait: BigInt(config.auction.voteWaitMs),
    chainTime,
    log,
    counters,
  });
}
