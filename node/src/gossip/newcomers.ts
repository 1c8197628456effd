import type { GossipSub, MeshPeer } from '@chainsafe/libp2p-gossipsub';
import type { Internals } from './internals.ts';

/** Messages remembered of a topic in one heartbeat. */
const MOST_IN_HEARTBEAT = 1_024;

/** Ids announced to one peer, the newest: with more, its frame limit would have it take nothing. */
export const MOST_ANNOUNCED = 4_096;

/** Remembers what was published and accepted lately, and announces it to peers that join. */
export type Newcomers = {
  /** Takes a message that gossipsub holds, or is about to hold. */
  remember(topic: string, id: Uint8Array): void;
};

/**
 * Announces the messages of the last `heartbeats` to every peer when it enters a topic's mesh. Gossipsub
 * itself does not: it forwards to the mesh, and announces at heartbeats to the peers outside of it, so that
 * what is published between a peer's connecting and its entering the mesh reaches it neither way. The peer
 * asks for what it lacks. `heartbeats` must be well below the length of gossipsub's message cache: what is
 * announced has to be there when asked for. Counted in heartbeats, not in time, as that cache does.
 */
export function announceToNewcomers(options: {
  readonly pubsub: GossipSub;
  readonly internals: Internals;
  readonly heartbeats: number;
}): Newcomers {
  const { pubsub, internals, heartbeats } = options;
  let recent: Map<string, Uint8Array[]>[] = [new Map()];

  pubsub.addEventListener('gossipsub:heartbeat', () => {
    recent = [new Map(), ...recent.slice(0, heartbeats - 1)];
  });
  pubsub.addEventListener('gossipsub:graft', ({ detail }: CustomEvent<MeshPeer>) => {
    const { peerId, topic } = detail;
    // The event also tells of peers that asked and were refused.
    if (internals.mesh.get(topic)?.has(peerId) !== true) return;
    const messageIDs = recent.flatMap((ids) => ids.get(topic) ?? []).slice(0, MOST_ANNOUNCED);
    if (messageIDs.length === 0) return;
    internals.gossip.set(peerId, [...(internals.gossip.get(peerId) ?? []), { topicID: topic, messageIDs }]);
  });

  return {
    remember(topic, id) {
      const [now] = recent;
      const ids = now?.get(topic) ?? [];
      if (ids.length < MOST_IN_HEARTBEAT) now?.set(topic, [...ids, id]);
    },
  };
}
