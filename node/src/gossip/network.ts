import { type GossipSub, gossipsub, StrictNoSign } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Topics } from '@gavel/protocol';
import { type Identify, identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import type { Config } from '../config/schema.ts';
import type { Counters } from '../observe/counters.ts';
import { gossipId } from './admission.ts';
import { GossipError } from './errors.ts';
import { createGater } from './gater.ts';
import { messageKey } from './internals.ts';
import type { Banned } from './peer-limits.ts';
import { scoreParams, THRESHOLDS } from './scores.ts';
import { TOPIC_NAMES, type TopicName } from './validation.ts';

/** A libp2p node with gossipsub. */
export type Network = Libp2p<{ identify: Identify; pubsub: GossipSub }>;

/** The network part of a configuration; what is left out has the configuration's default. */
export type P2pOptions = Pick<Config['p2p'], 'listen' | 'bootstrap' | 'identity' | 'maxPeers'> &
  Partial<Config['p2p']>;

/** Connections from one address unless configured; this machine's own are not counted. */
export const MAX_PER_ADDRESS = 8;

/** Connections beyond the peers' places that may be at the handshake, and dials of one address a second. */
export const SPARE_CONNECTIONS = 8;
export const MOST_PENDING = 32;

/**
 * What a peer may open on one connection, and how much may wait to be sent to one that reads slowly, in
 * bytes.
 */
export const MOST_STREAMS = 32;
export const MOST_GOSSIP_STREAMS = 8;
export const MOST_UNSENT = 4 * 1024 * 1024;

/** What one gossipsub frame may hold. */
export const FRAME_LIMITS = {
  maxSubscriptions: 64,
  maxMessages: 1_024,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 256,
  maxPeerInfos: 16,
};

/** One gossipsub frame, which may carry many messages, in bytes. */
export const MOST_FRAME = 1024 * 1024;

/**
 * Heartbeats come twice a second, so that repairs fit into an auction. Messages are kept for half a minute,
 * about as long as a certificate can land, and announced almost as long to peers that enter the mesh, after a
 * partition for instance, which leaves those time to ask. To others they are announced for four seconds,
 * again and again.
 */
export const HEARTBEAT_MS = 500;
export const KEPT_HEARTBEATS = 64;
export const NEWCOMER_HEARTBEATS = 60;
export const ANNOUNCED_HEARTBEATS = 8;

/**
 * Starts libp2p over TCP, noise and yamux, with gossipsub: unsigned messages (payloads are signed once
 * already), ids by content, own messages sent to every subscriber. Throws BAD_ADDRESS if it cannot listen.
 */
export async function startNetwork(options: {
  readonly privateKey: PrivateKey;
  readonly p2p: P2pOptions;
  readonly topics: Topics;
  /** Peers that always have a place and a good score: the bootstrap peers. */
  readonly protectedPeers?: ReadonlySet<string>;
  /** Peers kept out for what they did. */
  readonly banned?: Banned;
  readonly metrics: Counters;
}): Promise<Network> {
  const { privateKey, p2p, topics, protectedPeers = new Set<string>(), metrics } = options;
  let started: Network | undefined;
  const gater = createGater(
    {
      allow: p2p.allow ?? [],
      deny: p2p.deny ?? [],
      protectedPeers,
      maxPeers: p2p.maxPeers,
      maxPerAddress: p2p.maxPerAddress ?? MAX_PER_ADDRESS,
    },
    {
      connections: () => started?.getConnections() ?? [],
      isBanned: (peer) => options.banned?.has(peer) ?? false,
      metrics,
    },
  );
  const names = new Map<string, TopicName>(TOPIC_NAMES.map((name) => [topics[name], name]));
  try {
    started = await createLibp2p({
      privateKey,
      nodeInfo: { name: 'gavel', version: '1' },
      addresses: { listen: [...p2p.listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ maxInboundStreams: MOST_STREAMS, maxOutboundStreams: MOST_STREAMS })],
      connectionGater: gater,
      connectionManager: {
        // The gater counts strangers; this leaves room beyond for the protected, who are known only after the
        // handshake.
        maxConnections: p2p.maxPeers + protectedPeers.size + SPARE_CONNECTIONS,
        maxIncomingPendingConnections: MOST_PENDING,
        inboundConnectionThreshold: MOST_PENDING,
      },
      services: {
        identify: identify(),
        pubsub: gossipsub({
          globalSignaturePolicy: StrictNoSign,
          emitSelf: false,
          allowPublishToZeroTopicPeers: true,
          ignoreDuplicatePublishError: true,
          fallbackToFloodsub: false,
          floodPublish: true,
          heartbeatInterval: HEARTBEAT_MS,
          mcacheLength: KEPT_HEARTBEATS,
          mcacheGossip: ANNOUNCED_HEARTBEATS,
          allowedTopics: [...names.keys()],
          maxInboundDataLength: MOST_FRAME,
          maxInboundStreams: MOST_GOSSIP_STREAMS,
          maxOutboundBufferSize: MOST_UNSENT,
          decodeRpcLimits: FRAME_LIMITS,
          doPX: true,
          msgIdToStrFn: messageKey,
          msgIdFn: ({ topic, data }) => gossipId(names.get(topic) ?? 'awards', data),
          scoreParams: scoreParams([...names.keys()], protectedPeers),
          scoreThresholds: THRESHOLDS,
        }),
      },
    });
    started.addEventListener('connection:open', ({ detail }) => {
      if (gater.isTooMany(detail))
        detail.abort(new GossipError('NO_PLACE', 'There is no place for another peer'));
    });
    return started;
  } catch (cause) {
    throw new GossipError(
      'BAD_ADDRESS',
      'Cannot listen: is the port in use, and the address of this machine?',
      {
        meta: { listen: p2p.listen.join(' ') },
        cause,
      },
    );
  }
}
