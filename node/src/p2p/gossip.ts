import { type Message, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import { topicsOf } from '@gavel/protocol';
import type { PeerId } from '@libp2p/interface';
import type { Config } from '../config/schema.ts';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import { type AdmissionLimits, createAdmission, DEFAULT_LIMITS, gossipId } from './admission.ts';
import { P2pError } from './errors.ts';
import { forgetMessage } from './forgetting.ts';
import { loadIdentity } from './identity.ts';
import { startNetwork } from './network.ts';
import { keepConnected } from './peers.ts';
import { TOPIC_NAMES, type TopicName, type Validator } from './validation.ts';

/** Talk to the network. */
export type Gossip = {
  readonly peerId: string;
  /** Multiaddrs others can dial, each with our peer id. */
  addresses(): string[];
  /** Peers connected now. */
  peers(): string[];
  /** Connected peers that listen to `topic`. */
  subscribers(topic: TopicName): string[];
  /**
   * Judge a message by our own validator, deliver it here, and publish it. Having no peers, or having published the
   * same before, is no error. Throws P2pError with the code of the rule it breaks, or STOPPED.
   */
  publish(topic: TopicName, bytes: Uint8Array): Promise<void>;
  /** Call back whenever a peer comes, goes, or changes what it listens to. Returns a function that ends it. */
  onPeers(callback: () => void): () => void;
  /** Disconnect and stop. Idempotent. */
  stop(): Promise<void>;
};

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

/**
 * Join the gossip network: listen, dial the bootstrap peers, subscribe to every topic, each behind its validator.
 * Throws P2pError BAD_ADDRESS or BAD_IDENTITY. `signal` ends dialling; `stop` ends everything.
 */
export async function startGossip(options: {
  readonly network: string;
  readonly p2p: Config['p2p'];
  readonly validators: Readonly<Record<TopicName, Validator>>;
  readonly log: Logger;
  readonly counters: Counters;
  readonly signal: AbortSignal;
  readonly limits?: AdmissionLimits;
}): Promise<Gossip> {
  const { network, p2p, validators, log, counters, signal, limits = DEFAULT_LIMITS } = options;
  const topics = topicsOf(network);
  const privateKey = await loadIdentity(p2p.identity);
  const libp2p = await startNetwork({ privateKey, p2p, topics });
  const { pubsub } = libp2p.services;
  const self = libp2p.peerId.toString();
  const admission = createAdmission({ validators, limits, log, counters });

  for (const topic of TOPIC_NAMES) {
    pubsub.topicValidators.set(topics[topic], async (peer: PeerId, message: Message) => {
      // Copied: the message is a view of a much larger network buffer.
      const bytes = Uint8Array.from(message.data);
      const judgement = await admission.fromPeer(topic, bytes, peer.toString());
      if (judgement.verdict !== 'accept' && judgement.passing === true) {
        forgetMessage(pubsub, gossipId(topic, bytes));
      }
      return RESULTS[judgement.verdict];
    });
    pubsub.subscribe(topics[topic]);
  }

  const stopping = new AbortController();
  const dialling = keepConnected({
    libp2p,
    bootstrap: p2p.bootstrap,
    signal: AbortSignal.any([signal, stopping.signal]),
    log,
  });
  let stopped: Promise<void> | undefined;

  return {
    peerId: self,
    addresses: () => libp2p.getMultiaddrs().map(String),
    peers: () => libp2p.getPeers().map(String),
    subscribers: (topic) => pubsub.getSubscribers(topics[topic]).map(String),
    async publish(topic, message) {
      if (stopped !== undefined)
        throw new P2pError('STOPPED', 'The node is stopping: nothing more is published');
      const bytes = Uint8Array.from(message);
      const judgement = await admission.fromSelf(topic, bytes, self);
      if (judgement.verdict !== 'accept') {
        throw new P2pError(judgement.code, 'Our own rules refuse the message', {
          meta: { topic, verdict: judgement.verdict, ...judgement.meta },
          retry: judgement.passing ?? false,
        });
      }
      await pubsub.publish(topics[topic], bytes);
    },
    onPeers(callback) {
      const listener = () => callback();
      for (const event of ['peer:connect', 'peer:disconnect'] as const)
        libp2p.addEventListener(event, listener);
      pubsub.addEventListener('subscription-change', listener);
      return () => {
        for (const event of ['peer:connect', 'peer:disconnect'] as const)
          libp2p.removeEventListener(event, listener);
        pubsub.removeEventListener('subscription-change', listener);
      };
    },
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await dialling;
        await libp2p.stop();
      })();
      return stopped;
    },
  };
}
