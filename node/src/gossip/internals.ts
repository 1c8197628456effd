import type { GossipSub } from '@chainsafe/libp2p-gossipsub';
import type { PeerId } from '@libp2p/interface';
import { GossipError } from './errors.ts';

/** What of gossipsub we use beyond its published interface, and of its class beyond what is public. */
export type Internals = {
  /** Ids of messages seen, by `messageKey`; private in its class. */
  readonly seenCache: { readonly entries: Map<string, unknown> };
  /** Peers of each topic's mesh. */
  readonly mesh: ReadonlyMap<string, ReadonlySet<string>>;
  /**
   * Announcements (IHAVE) that go to each peer with the next thing sent to it, at the latest at the next
   * heartbeat.
   */
  readonly gossip: Map<string, Announcement[]>;
  /** Takes what a peer sent, before anything else looks at it. */
  handleReceivedRpc(from: PeerId, rpc: Frame): Promise<void>;
  readonly score: {
    score(peer: string): number;
    addPenalty(peer: string, penalty: number, label: string): void;
    /** Told of every copy of a message that gossipsub has seen. `id` by `messageKey`. */
    duplicateMessage(from: string, id: string, topic: string): void;
  };
};

/** What a peer sends at once. */
export type Frame = { messages: { readonly topic: string }[] };

type Announcement = { readonly topicID: string; readonly messageIDs: Uint8Array[] };

/**
 * Reaches behind gossipsub's interface. Throws GossipError GOSSIPSUB_CHANGED if a later version hides things
 * elsewhere.
 */
export function internalsOf(pubsub: GossipSub): Internals {
  const internals = pubsub as GossipSub & Partial<Internals>;
  const { seenCache, mesh, gossip, score, handleReceivedRpc } = internals;
  const hasMaps = seenCache?.entries instanceof Map && mesh instanceof Map && gossip instanceof Map;
  const calls = [handleReceivedRpc, score?.score, score?.addPenalty, score?.duplicateMessage];
  if (hasMaps && calls.every((call) => typeof call === 'function')) return internals as GossipSub & Internals;
  throw new GossipError(
    'GOSSIPSUB_CHANGED',
    'This version of gossipsub is not the one the node was built for',
  );
}

/**
 * Makes gossipsub forget a message, so that another copy is judged. It marks messages as seen before they are
 * validated: without this, a peer over its rate could spend a message's only chance, and an RPC that fails
 * for a second could cost a quote.
 */
export function forgetMessage({ seenCache }: Internals, id: Uint8Array): void {
  seenCache.entries.delete(messageKey(id));
}

/** Writes a message id as gossipsub's caches are to hold it. */
export function messageKey(id: Uint8Array): string {
  return Buffer.from(id).toString('base64');
}
