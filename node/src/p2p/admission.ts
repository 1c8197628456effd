import { MAX_MESSAGE_BYTES, messageId } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import { createRateLimit } from './rate-limit.ts';
import type { TopicName, Validation, Validator } from './validation.ts';

/** Say what was decided of a message. `passing`: another copy should be judged again. */
export type Judgement =
  | { readonly verdict: 'accept'; readonly code: 'ACCEPTED' }
  | { readonly verdict: 'accept'; readonly code: 'KNOWN' }
  | Exclude<Validation, { verdict: 'accept' }>;

/** Bound what peers can make this node do. */
export type AdmissionLimits = {
  /** Messages a peer may send at once, on each topic. */
  readonly burst: number;
  /** Messages a second a peer may send for long, on each topic. A peer relays the whole network's. */
  readonly perSecond: number;
  /** Messages of one topic under validation at once. */
  readonly inFlight: number;
};

export const DEFAULT_LIMITS: AdmissionLimits = { burst: 1_000, perSecond: 300, inFlight: 256 };

/** Accepted messages remembered: each is delivered once, even if it comes back after gossipsub forgot it. */
const REMEMBERED = 20_000;

/** Decide which messages come in, from peers and from ourselves, through one door. */
export type Admission = {
  /** Judge a message of a peer. Never throws. */
  fromPeer(topic: TopicName, bytes: Uint8Array, peer: string): Promise<Judgement>;
  /** Judge a message of our own, without a rate limit. `KNOWN` if it was accepted before. Never throws. */
  fromSelf(topic: TopicName, bytes: Uint8Array, self: string): Promise<Judgement>;
};

/**
 * Create the door: size, rate and load are checked before a validator sees a message; copies under validation share
 * one judgement; an accepted message is delivered once. A validator that throws counts as `ignore`.
 */
export function createAdmission(options: {
  readonly validators: Readonly<Record<TopicName, Validator>>;
  readonly limits: AdmissionLimits;
  readonly log: Logger;
  readonly counters: Counters;
}): Admission {
  const { validators, limits, log, counters } = options;
  const rate = createRateLimit(limits);
  const accepted = new LRUCache<string, true>({ max: REMEMBERED });
  const inFlight = new Map<string, Promise<Judgement>>();
  const load: Record<TopicName, number> = { intents: 0, quotes: 0, awards: 0 };

  const validate = async (
    topic: TopicName,
    id: string,
    bytes: Uint8Array,
    from: string,
  ): Promise<Judgement> => {
    const validation = await runValidator(topic, bytes, from);
    if (validation.verdict !== 'accept') return validation;
    accepted.set(id, true);
    try {
      validation.deliver();
    } catch (err) {
      log.error({ err, topic }, 'delivery failed');
      counters.count('gossip_delivery_failed', { topic });
    }
    return { verdict: 'accept', code: 'ACCEPTED' };
  };

  const runValidator = async (topic: TopicName, bytes: Uint8Array, from: string): Promise<Validation> => {
    try {
      return await validators[topic](bytes, from);
    } catch (err) {
      log.warn({ err, topic, peer: from }, 'validator failed');
      return { verdict: 'ignore', code: 'VALIDATOR_FAILED', passing: true };
    }
  };

  const judge = (topic: TopicName, bytes: Uint8Array, from: string): Promise<Judgement> | Judgement => {
    const id = gossipId(topic, bytes).toString('base64');
    if (accepted.has(id)) return { verdict: 'accept', code: 'KNOWN' };
    const running = inFlight.get(id);
    if (running !== undefined) return running;
    if (load[topic] >= limits.inFlight) return { verdict: 'ignore', code: 'BUSY', passing: true };
    load[topic]++;
    const judgement = validate(topic, id, bytes, from).finally(() => {
      load[topic]--;
      inFlight.delete(id);
    });
    inFlight.set(id, judgement);
    return judgement;
  };

  const record = (topic: TopicName, peer: string, judgement: Judgement): Judgement => {
    counters.count('gossip', { topic, verdict: judgement.verdict, code: judgement.code });
    if (judgement.verdict !== 'accept') {
      const { verdict, code, meta } = judgement;
      log.debug({ topic, peer, verdict, code, ...meta }, 'message refused');
    }
    return judgement;
  };

  const oversized = (bytes: Uint8Array): Judgement | undefined =>
    bytes.length <= MAX_MESSAGE_BYTES
      ? undefined
      : { verdict: 'reject', code: 'OVERSIZED', meta: { bytes: bytes.length, most: MAX_MESSAGE_BYTES } };

  return {
    async fromPeer(topic, bytes, peer) {
      // Of each topic its own: a flood of intents that a peer passes on does not cost the awards it passes on.
      if (!rate.take(`${topic} ${peer}`)) {
        return record(topic, peer, { verdict: 'ignore', code: 'RATE_LIMITED', passing: true });
      }
      const judgement = oversized(bytes) ?? (await judge(topic, bytes, peer));
      if (judgement.code !== 'KNOWN') return record(topic, peer, judgement);
      return record(topic, peer, { verdict: 'ignore', code: 'DUPLICATE' });
    },
    async fromSelf(topic, bytes, self) {
      return record(topic, self, oversized(bytes) ?? (await judge(topic, bytes, self)));
    },
  };
}

/**
 * Return a message's id on its topic. The topic is part of it: else bytes sent first on a wrong topic, and rejected
 * there, would pass for a copy on the right one, and anyone could silence anyone.
 */
export function gossipId(topic: TopicName, bytes: Uint8Array): Buffer {
  return Buffer.from(messageId(Buffer.concat([Buffer.from(`${topic}\0`), bytes])));
}
