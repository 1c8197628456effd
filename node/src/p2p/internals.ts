import type { GossipSub } from '@chainsafe/libp2p-gossipsub';
import { P2pError } from './errors.ts';

/** What of gossipsub we use beyond its published interface, and of its class beyond what is public. */
export type Internals = {
  /** Ids of messages seen, by `messageKey`; private in its class. */
  readonly seenCache: { readonly entries: Map<string, unknown> };
  /** Peers of each topic's mesh. */
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>;
  /** Announcements (IHAVE) that go to each peer with the next thing sent to it, at the latest at the next heartbeat. */
  readonly gossip: Map<string, Announcement[]>;
};

type Announcement = { readonly topicID: string; readonly messageIDs: Uint8Array[] };

/** Reach behind gossipsub's interface. Throws P2pError GOSSIPSUB_CHANGED if a later version hides things elsewhere. */
export function internalsOf(pubsub: GossipSub): Internals {
  const { seenCache, mesh, gossip } = pubsub as GossipSub & Partial<Internals>;
  if (seenCache?.entries instanceof Map && mesh instanceof Map && gossip instanceof Map) {
    return { seenCache, mesh, gossip };
  }
  throw new P2pError('GOSSIPSUB_CHANGED', 'This version of gossipsub is not the one the node was built for');
}

/**
 * Make gossipsub forget a message, so that another copy is judged. It marks messages as seen before they are
 * validated: without this, a peer over its rate could spend a message's only chance, and an RPC that fails for a
 * second could cost a quote.
 */
export function forgetMessage({ seenCache }: Internals, id: Uint8Array): void {
  seenCache.entries.delete(messageKey(id));
}

/** Write a message id as gossipsub's caches are to hold it. */
export function messageKey(id: Uint8Array): string {
  return Buffer.from(id).toString('base64');
}
