import { addressOfKey, type Vote } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import type { Core } from '../core.ts';
import { childOf } from '../observe/telemetry.ts';
import { createAuctioneer } from './award.ts';

/** Take part in every auction whose market names this key as one of its auctioneers. */
export function startAuctioneer(
  core: Core,
  key: Hex,
): {
  onIntent(auction: Auction): void;
  onVote(auction: Auction, voter: Address, vote: Vote): void;
  onDisavowal(auction: Auction, signer: Address, subject: Hex): void;
} {
  const { scheduler, publish, store, config, now } = core;
  const address = addressOfKey(key);
  const telemetry = childOf(core.telemetry, { module: 'auctioneer', auctioneer: address });
  const auctioneer = createAuctioneer({
    key,
    address,
    scheduler,
    publish,
    votes: store.votes,
    tallyWait: BigInt(config.auction.tallyWaitMs),
    voteWait: BigInt(config.auction.voteWaitMs),
    chainTime: core.chains.chainTime,
    now,
    isClockOff: core.clock.isOff,
    onRanked: core.recorder.onRanked,
    guard: core.keys.of('auctioneer'),
    telemetry,
  });
  return {
    onIntent: auctioneer.onIntent,
    onVote: (auction, voter, vote) =>
      scheduler.run('guard key', () => auctioneer.onVote(auction, voter, vote)),
    onDisavowal: (auction, signer, subject) =>
      scheduler.run('guard key', () => auctioneer.onDisavowal(auction, signer, subject)),
  };
}
