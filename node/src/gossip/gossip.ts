import { type Message, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import { topicsOf } from '@gavel/protocol';
import type { PeerId } from '@libp2p/interface';
import type { ClockWatch } from '../clock/watch.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { type AdmissionLimits, createAdmission, DEFAULT_LIMITS, gossipId } from './admission.ts';
import { askClocks, type ClockAnswer, serveClock } from './clock.ts';
import { GossipError } from './errors.ts';
import { loadIdentity } from './identity.ts';
import { forgetMessage, internalsOf, messageKey } from './internals.ts';
import { openKnownPeers } from './known-peers.ts';
import { NEWCOMER_HEARTBEATS, type P2pOptions, startNetwork } from './network.ts';
import { announceToNewcomers } from './newcomers.ts';
import { createBanned, createPeerLimits } from './peer-limits.ts';
import { bootstrapPeers, findKnown, keepConnected, rememberPeers } from './peers.ts';
import { TOPIC_NAMES, type TopicName, type Validator } from './validation.ts';

/** Talk to the network. */
export type Gossip = {
  readonly peerId: string;
  /** Multiaddrs others can dial, each with our peer id. */
  addresses(): string[];
  /** Peers connected now. */
  peers(): string[];
  /** What a peer's peerLimits so far is worth: below -80 nothing it says is taken. */
  score(peer: string): number;
  /** Connected peers that listen to `topic`. */
  subscribers(topic: TopicName): string[];
  /**
   * Peers that messages on `topic` are forwarded to as they come; what is published reaches `subscribers`.
   */
  mesh(topic: TopicName): string[];
  /**
   * Judges a message by our own validator, delivers it here, and publishes it. Having no peers, or having
   * published the same before, is no error. Throws GossipError with the code of the rule it breaks, or
   * STOPPED.
   */
  publish(topic: TopicName, bytes: Uint8Array): Promise<void>;
  /** Asks peers for the time; those that do not answer are left out. */
  askClocks(): Promise<ClockAnswer[]>;
  /**
   * Calls back whenever a peer comes, goes, changes what it listens to, or enters or leaves a mesh. Returns a
   * function that ends it.
   */
  onPeers(callback: () => void): () => void;
  /** Disconnect and stop. Idempotent. */
  stop(): Promise<void>;
};

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

const PEER_EVENTS = ['peer:connect', 'peer:disconnect'] as const;
const TOPIC_EVENTS = ['subscription-change', 'gossipsub:graft', 'gossipsub:prune'] as const;

/**
 * Joins the gossip network: listen, dial the bootstrap peers, subscribe to every topic, each behind its
 * validator. Throws GossipError BAD_ADDRESS or BAD_IDENTITY. `signal` ends dialling; `stop` ends everything.
 */
export async function startGossip(options: {
  readonly network: string;
  readonly p2p: P2pOptions;
  /** File of the peers that were good; without it none are remembered over restarts. */
  readonly knownPeers?: string;
  readonly validators: Readonly<Record<TopicName, Validator>>;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  readonly limits?: AdmissionLimits;
  /** What peers are told when they ask for the time; the wall clock unless given. */
  readonly clock?: Pick<ClockWatch, 'wall' | 'steady' | 'isOff'>;
}): Promise<Gossip> {
  const { network, p2p, validators, signal, limits = DEFAULT_LIMITS, telemetry } = options;
  const { log, metrics } = telemetry;
  const { clock = { wall: Date.now, steady: () => performance.now(), isOff: () => false } } = options;
  const topics = topicsOf(network);
  const privateKey = await loadIdentity(p2p.identity);
  const protectedPeers = bootstrapPeers(p2p.bootstrap);
  const banned = createBanned(protectedPeers);
  const libp2p = await startNetwork({ privateKey, p2p, topics, protectedPeers, banned, metrics });
  const { pubsub } = libp2p.services;
  const internals = internalsOf(pubsub);
  const newcomers = announceToNewcomers({ pubsub, internals, heartbeats: NEWCOMER_HEARTBEATS });
  const self = libp2p.peerId.toString();
  const admission = createAdmission({ validators, limits, telemetry });
  const peerLimits = createPeerLimits({
    internals,
    topics: new Map(TOPIC_NAMES.map((name) => [topics[name], name])),
    limits,
    banned,
    hangUp: (peer) => void libp2p.hangUp(peer).catch((err) => log.debug({ err }, 'not hung up')),
    onCopy: admission.alsoFrom,
    telemetry,
  });
  libp2p.addEventListener('peer:disconnect', ({ detail }) => peerLimits.left(detail.toString()));

  for (const topic of TOPIC_NAMES) {
    pubsub.topicValidators.set(topics[topic], async (peer: PeerId, message: Message) => {
      // Copied: the message is a view of a much larger network buffer.
      const bytes = Uint8Array.from(message.data);
      const id = gossipId(topic, bytes);
      if (!peerLimits.countCopy(messageKey(id), peer.toString())) {
        metrics.count('gossip', { topic, outcome: 'ignore', code: 'REPEATED' });
        forgetMessage(internals, id);
        return RESULTS.ignore;
      }
      const judgement = await admission.fromPeer(topic, bytes, peer.toString());
      if (judgement.outcome === 'accept') newcomers.remember(topics[topic], id);
      else if (judgement.passing === true) forgetMessage(internals, id);
      return RESULTS[judgement.outcome];
    });
    pubsub.subscribe(topics[topic]);
  }

  const { wall, steady, isOff } = clock;
  await serveClock({ libp2p, network, wall, steady, isOff, metrics });

  const stopping = new AbortController();
  const ends = AbortSignal.any([signal, stopping.signal]);
  const known =
    options.knownPeers === undefined ? undefined : await openKnownPeers({ path: options.knownPeers, log });
  const dialling = Promise.all([
    keepConnected({ libp2p, bootstrap: p2p.bootstrap, signal: ends, log }),
    known === undefined ? undefined : findKnown({ libp2p, known, signal: ends, log }),
  ]);
  if (known !== undefined) rememberPeers({ libp2p, known, signal: ends, log });
  let stopped: Promise<void> | undefined;

  return {
    peerId: self,
    addresses: () => libp2p.getMultiaddrs().map(String),
    peers: () => libp2p.getPeers().map(String),
    score: (peer) => internals.score.score(peer),
    mesh: (topic) => [...(internals.mesh.get(topics[topic]) ?? [])],
    subscribers: (topic) => pubsub.getSubscribers(topics[topic]).map(String),
    async publish(topic, message) {
      if (stopped !== undefined)
        throw new GossipError('STOPPED', 'The node is stopping: nothing more is published');
      const bytes = Uint8Array.from(message);
      const judgement = await admission.fromSelf(topic, bytes, self);
      if (judgement.outcome !== 'accept') {
        throw new GossipError(judgement.code, 'Our own rules refuse the message', {
          meta: { topic, outcome: judgement.outcome, ...judgement.meta },
          retry: judgement.passing ?? false,
        });
      }
      if (judgement.code !== 'KNOWN') newcomers.remember(topics[topic], gossipId(topic, bytes));
      await pubsub.publish(topics[topic], bytes);
    },
    askClocks: () => askClocks({ libp2p, network, steady, signal: ends }),
    onPeers(callback) {
      const listener = () => callback();
      for (const event of PEER_EVENTS) libp2p.addEventListener(event, listener);
      for (const event of TOPIC_EVENTS) pubsub.addEventListener(event, listener);
      return () => {
        for (const event of PEER_EVENTS) libp2p.removeEventListener(event, listener);
        for (const event of TOPIC_EVENTS) pubsub.removeEventListener(event, listener);
      };
    },
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await dialling;
        await libp2p.stop();
        await known?.saved();
      })();
      return stopped;
    },
  };
}
