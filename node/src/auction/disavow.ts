import { encodeAuctionMessage, signDisavowal } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Publish } from '../gossip/publish.ts';
import type { Auction } from './auctions.ts';

/** Tells the other node that uses a key: it has no other way to learn that its key has a twin. */
export async function disavow(publish: Publish, key: Hex, auction: Auction, subject: Hex): Promise<void> {
  const { digest: intent } = auction.observed;
  const disavowal = signDisavowal(intent, subject, auction.market.home, key);
  await publish('awards', encodeAuctionMessage({ kind: 'disavowal', disavowal }), { intent, subject });
}
