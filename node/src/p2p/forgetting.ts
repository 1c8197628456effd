import type { GossipSub } from '@chainsafe/libp2p-gossipsub';

/** What gossipsub remembers messages by, behind its published interface. */
type SeenCache = { readonly entries: Map<string, unknown> };

/**
 * Make gossipsub forget a message, so that another copy is judged. It marks messages as seen before they are
 * validated: without this, a peer over its rate could spend a message's only chance, and an RPC that fails for a
 * second could cost a quote. Returns false if it knew no such message.
 */
export function forgetMessage(pubsub: GossipSub, id: Uint8Array): boolean {
  const { seenCache } = pubsub as GossipSub & { readonly seenCache?: SeenCache };
  return seenCache?.entries.delete(messageKey(id)) ?? false;
}

/** Write a message id as gossipsub's caches are to hold it. */
export function messageKey(id: Uint8Array): string {
  return Buffer.from(id).toString('base64');
}
