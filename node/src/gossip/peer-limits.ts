import type { PeerId } from '@libp2p/interface';
import { LRUCache } from 'lru-cache';
import type { Telemetry } from '../observe/telemetry.ts';
import type { AdmissionLimits } from './admission.ts';
import type { Internals } from './internals.ts';
import { createRateLimit } from './rate-limit.ts';
import { GRAYLIST_SCORE, MISTRUST_SCORE } from './scores.ts';
import type { TopicName } from './validation.ts';

/**
 * Copies of one message that a peer may have reason to send: it forwards once, and answers when asked three
 * times.
 */
export const MOST_COPIES = 4;
/**
 * Messages over a peer's rate that cost it one penalty: many, for who relays a busy network may be over it
 * for a while.
 */
export const PENALISED_EVERY = 1_000;
/** Frames of a graylisted peer that are decrypted and thrown away before it is hung up on. */
export const MOST_UNHEARD_FRAMES = 20;
/**
 * How long a peer stays away that left or was hung up on with a bad score, milliseconds: its score would
 * begin anew.
 */
export const AWAY_MS = 600_000;

/** Peers that are kept out for a while. */
export type Banned = {
  has(peer: string): boolean;
  /** False for a peer that is never kept out. */
  add(peer: string): boolean;
};

/** Creates an empty list of peers that are kept out for a while. `protectedPeers` never come onto it. */
export function createBanned(protectedPeers: ReadonlySet<string>): Banned {
  const banned = new LRUCache<string, true>({ max: 4_096, ttl: AWAY_MS });
  return {
    has: (peer) => banned.has(peer),
    add(peer) {
      if (protectedPeers.has(peer)) return false;
      banned.set(peer, true);
      return true;
    },
  };
}

/**
 * Watches how much peers send, ahead of gossipsub. What is over a peer's rate is dropped before it is hashed
 * or remembered, and costs penalties; so do more copies of one message than there is a reason for. A peer
 * whose score has fallen so far that nothing it says is taken is hung up on, and kept out for a while.
 */
export function createPeerLimits(options: {
  readonly internals: Internals;
  readonly topics: ReadonlyMap<string, TopicName>;
  readonly limits: AdmissionLimits;
  readonly banned: Banned;
  readonly hangUp: (peer: PeerId) => void;
  /** Another copy of a message came. */
  readonly onCopy: (id: string, peer: string) => void;
  readonly telemetry: Telemetry;
}): {
  /** Takes a copy of a message that is about to be judged; false if the peer has sent too many. */
  countCopy(id: string, peer: string): boolean;
  /** A peer has gone. */
  left(peer: string): void;
} {
  const { internals, topics, limits, banned } = options;
  const { log, metrics } = options.telemetry;
  const { score } = internals;
  const rate = createRateLimit(limits);
  const rates = { intents: createRateLimit(limits.intents ?? limits), quotes: rate, awards: rate };
  const dropped = new LRUCache<string, number>({ max: 4_096 });
  const copies = new LRUCache<string, number>({ max: 50_000 });
  const unheard = new LRUCache<string, number>({ max: 4_096 });
  const penalise = (peer: string, reason: 'rate' | 'copies') => {
    metrics.count('peer_penalised', { reason });
    score.addPenalty(peer, 1, reason);
  };

  const isWithinRate = (topic: TopicName, peer: string): boolean => {
    if (rates[topic].take(`${topic} ${peer}`)) return true;
    metrics.count('gossip', { topic, outcome: 'ignore', code: 'RATE_LIMITED' });
    const count = (dropped.get(peer) ?? 0) + 1;
    dropped.set(peer, count);
    if (count % PENALISED_EVERY === 0) penalise(peer, 'rate');
    return false;
  };
  const countCopy = (id: string, peer: string): boolean => {
    const key = `${peer} ${id}`;
    const count = (copies.get(key) ?? 0) + 1;
    copies.set(key, count);
    if (count > MOST_COPIES) penalise(peer, 'copies');
    return count <= MOST_COPIES;
  };
  /** Counts the frames of a peer that is not listened to; true if there have been enough. */
  const isEnough = (peer: string): boolean => {
    if (score.score(peer) >= GRAYLIST_SCORE) return false;
    const count = (unheard.get(peer) ?? 0) + 1;
    unheard.set(peer, count);
    return count >= MOST_UNHEARD_FRAMES;
  };

  const handle = internals.handleReceivedRpc.bind(internals);
  internals.handleReceivedRpc = async (from, frame) => {
    const peer = from.toString();
    if (banned.has(peer)) return;
    if (isEnough(peer) && banned.add(peer)) {
      metrics.count('peer_hung_up');
      log.warn({ peer, score: score.score(peer) }, 'peer misbehaves, hung up');
      options.hangUp(from);
      return;
    }
    frame.messages = frame.messages.filter(({ topic }) => {
      const name = topics.get(topic);
      return name !== undefined && isWithinRate(name, peer);
    });
    await handle(from, frame);
  };
  const duplicate = score.duplicateMessage.bind(score);
  score.duplicateMessage = (from, id, topic) => {
    countCopy(id, from);
    options.onCopy(id, from);
    duplicate(from, id, topic);
  };
  return {
    countCopy,
    left(peer) {
      unheard.delete(peer);
      if (score.score(peer) < MISTRUST_SCORE) banned.add(peer);
    },
  };
}
