import { type GossipSub, gossipsub, StrictNoSign } from '@chainsafe/libp2p-gossipsub';
import { createPeerScoreParams, createTopicScoreParams } from '@chainsafe/libp2p-gossipsub/score';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Topics } from '@gavel/protocol';
import { type Identify, identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import type { Config } from '../config/schema.ts';
import { gossipId } from './admission.ts';
import { P2pError } from './errors.ts';
import { messageKey } from './internals.ts';
import { TOPIC_NAMES, type TopicName } from './validation.ts';

/** Hold a libp2p node with gossipsub. */
export type Network = Libp2p<{ identify: Identify; pubsub: GossipSub }>;

/** Bound one gossipsub frame, which may carry many messages, in bytes. */
const MOST_FRAME = 1024 * 1024;

/**
 * Heartbeats come twice a second, so that repairs fit into an auction; messages are kept for twelve of them, and for the
 * first eight they are announced to peers that enter the mesh, which leaves those time to ask.
 */
const HEARTBEAT_MS = 500;
const KEPT_HEARTBEATS = 12;
export const ANNOUNCED_HEARTBEATS = 8;

/** Score of a message a validator rejects, squared with their number: nine in a minute silence a peer. */
const REJECTION = { invalidMessageDeliveriesWeight: -1, invalidMessageDeliveriesDecay: 0.99 };

/**
 * Start libp2p over TCP, noise and yamux, with gossipsub: unsigned messages (payloads are signed once already), ids
 * by content, own messages sent to every subscriber. Throws BAD_ADDRESS if it cannot listen.
 */
export async function startNetwork(options: {
  readonly privateKey: PrivateKey;
  readonly p2p: Config['p2p'];
  readonly topics: Topics;
}): Promise<Network> {
  const { privateKey, p2p, topics } = options;
  const names = new Map<string, TopicName>(TOPIC_NAMES.map((name) => [topics[name], name]));
  try {
    return await createLibp2p({
      privateKey,
      nodeInfo: { name: 'gavel', version: '1' },
      addresses: { listen: [...p2p.listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: {
        maxConnections: p2p.maxPeers,
        maxIncomingPendingConnections: 32,
        inboundConnectionThreshold: 32,
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
          msgIdToStrFn: messageKey,
          msgIdFn: ({ topic, data }) => gossipId(names.get(topic) ?? 'awards', data),
          scoreParams: scoreParams([...names.keys()]),
        }),
      },
    });
  } catch (cause) {
    throw new P2pError('BAD_ADDRESS', 'Cannot listen: is the port in use, and the address of this machine?', {
      meta: { listen: p2p.listen.join(' ') },
      cause,
    });
  }
}

/**
 * Score peers by rejected messages above all. Silence is no fault on topics as quiet as ours, and many nodes of one
 * machine are no attack on a loopback network.
 */
function scoreParams(topics: readonly string[]): ReturnType<typeof createPeerScoreParams> {
  const topic = createTopicScoreParams({
    topicWeight: 1,
    timeInMeshQuantum: 10_000,
    timeInMeshCap: 3,
    firstMessageDeliveriesDecay: 0.9,
    firstMessageDeliveriesCap: 3,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    ...REJECTION,
  });
  return createPeerScoreParams({
    topics: Object.fromEntries(topics.map((name) => [name, topic])),
    behaviourPenaltyThreshold: 6,
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
  });
}
