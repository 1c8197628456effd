import { MAX_MESSAGE_BYTES, messageId } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Telemetry } from '../observe/telemetry.ts';
import { createFairQueue, type Waiting } from './fair-queue.ts';
import type { TopicName, Validation, Validator } from './validation.ts';

/** What was decided of a message. `passing`: another copy should be judged again. */
export type Judgement =
  | { readonly outcome: 'accept'; readonly code: 'ACCEPTED' }
  | { readonly outcome: 'accept'; readonly code: 'KNOWN' }
  | Exclude<Validation, { outcome: 'accept' }>;

/** How much of a topic a peer may send. A peer relays the whole network's. */
export type Rate = {
  /** Messages at once. */
  readonly burst: number;
  /** Messages a second for long. */
  readonly perSecond: number;
};

/** What peers can make this node do. The rate is that of each topic, unless `intents` has its own. */
export type AdmissionLimits = Rate & {
  readonly intents?: Rate;
  /** Messages of one topic under judgement at once. */
  readonly inFlight: number;
  /** Messages of one topic that wait for it. */
  readonly waiting: number;
};

/** An intent costs questions to a chain, and honest nodes send one for each unhealthy position and slot. */
export const DEFAULT_LIMITS: AdmissionLimits = {
  burst: 1_000,
  perSecond: 300,
  intents: { burst: 300, perSecond: 30 },
  inFlight: 256,
  waiting: 512,
};

/** Accepted messages remembered: each is delivered once, even if it comes back after gossipsub forgot it. */
const REMEMBERED = 20_000;

/** Decides which messages come in, from peers and from ourselves, through one door. */
export type Admission = {
  /** Judges a message of a peer in its turn. Never throws. */
  fromPeer(topic: TopicName, bytes: Uint8Array, peer: string): Promise<Judgement>;
  /**
   * Another peer has sent a message too: if it still waits in the first's line, it waits in this one's as
   * well.
   */
  alsoFrom(id: string, peer: string): void;
  /** Judges a message of our own, at once. `KNOWN` if it was accepted before. Never throws. */
  fromSelf(topic: TopicName, bytes: Uint8Array, self: string): Promise<Judgement>;
};

/**
 * Creates the door: size and load are checked before a validator sees a message, and it waits for its turn;
 * copies share one judgement; an accepted message is delivered once. A validator that throws counts as
 * `ignore`.
 */
export function createAdmission(options: {
  readonly validators: Readonly<Record<TopicName, Validator>>;
  readonly limits: AdmissionLimits;
  readonly telemetry: Telemetry;
}): Admission {
  const { validators, limits } = options;
  const { log, metrics } = options.telemetry;
  const line = createFairQueue(limits);
  const accepted = new LRUCache<string, true>({ max: REMEMBERED });
  const inFlight = new Map<string, { readonly entry: Waiting; readonly judgement: Promise<Judgement> }>();

  const validate = async (
    topic: TopicName,
    id: string,
    bytes: Uint8Array,
    from: string,
  ): Promise<Judgement> => {
    const validation = await runValidator(topic, bytes, from);
    if (validation.outcome !== 'accept') return validation;
    accepted.set(id, true);
    try {
      validation.deliver();
    } catch (err) {
      log.error({ err, topic }, 'delivery failed');
      metrics.count('gossip_delivery_failed', { topic });
    }
    return { outcome: 'accept', code: 'ACCEPTED' };
  };

  const runValidator = async (topic: TopicName, bytes: Uint8Array, from: string): Promise<Validation> => {
    try {
      return await validators[topic](bytes, from);
    } catch (err) {
      log.warn({ err, topic, peer: from }, 'validator failed');
      return { outcome: 'ignore', code: 'VALIDATOR_FAILED', passing: true };
    }
  };

  /** Judges once what may come several times. `peer` in whose line it waits; our own does not. */
  const judge = (
    topic: TopicName,
    bytes: Uint8Array,
    from: string,
    peer?: string,
  ): Promise<Judgement> | Judgement => {
    const id = gossipId(topic, bytes).toString('base64');
    if (accepted.has(id)) return { outcome: 'accept', code: 'KNOWN' };
    const running = inFlight.get(id);
    if (running !== undefined) {
      // What waits in a peer's line is judged at once when it is our own, too.
      if (peer === undefined) void running.entry.begin?.();
      else if (running.entry.begin !== undefined) line.enter(running.entry, peer);
      return running.judgement;
    }
    const { promise: judgement, resolve } = Promise.withResolvers<Judgement>();
    const entry: Waiting = {
      topic,
      begin: async () => {
        entry.begin = undefined;
        resolve(await validate(topic, id, bytes, from));
        inFlight.delete(id);
      },
    };
    if (peer !== undefined && !line.enter(entry, peer))
      return { outcome: 'ignore', code: 'BUSY', passing: true };
    inFlight.set(id, { entry, judgement });
    if (peer === undefined) void entry.begin?.();
    return judgement;
  };

  const record = (topic: TopicName, peer: string, judgement: Judgement): Judgement => {
    metrics.count('gossip', { topic, outcome: judgement.outcome, code: judgement.code });
    if (judgement.outcome !== 'accept') {
      const { outcome, code, meta } = judgement;
      log.debug({ topic, peer, outcome, code, ...meta }, 'message refused');
    }
    return judgement;
  };

  const oversized = (bytes: Uint8Array): Judgement | undefined =>
    bytes.length <= MAX_MESSAGE_BYTES
      ? undefined
      : { outcome: 'reject', code: 'OVERSIZED', meta: { bytes: bytes.length, most: MAX_MESSAGE_BYTES } };

  return {
    async fromPeer(topic, bytes, peer) {
      const judgement = oversized(bytes) ?? (await judge(topic, bytes, peer, peer));
      if (judgement.code !== 'KNOWN') return record(topic, peer, judgement);
      return record(topic, peer, { outcome: 'ignore', code: 'DUPLICATE' });
    },
    alsoFrom(id, peer) {
      const entry = inFlight.get(id)?.entry;
      if (entry?.begin !== undefined) line.enter(entry, peer);
    },
    async fromSelf(topic, bytes, self) {
      return record(topic, self, oversized(bytes) ?? (await judge(topic, bytes, self)));
    },
  };
}

/**
 * Returns a message's id on its topic. The topic is part of it: else bytes sent first on a wrong topic, and
 * rejected there, would pass for a copy on the right one, and anyone could silence anyone.
 */
export function gossipId(topic: TopicName, bytes: Uint8Array): Buffer {
  return Buffer.from(messageId(Buffer.concat([Buffer.from(`${topic}\0`), bytes])));
}
