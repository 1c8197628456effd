import { createPeerScoreParams, createTopicScoreParams } from '@chainsafe/libp2p-gossipsub/score';

/** Below it a peer gets no announcements, and does not get its score back by coming anew. */
export const MISTRUST_SCORE = -10;
/** Below it nothing we publish goes to a peer. */
export const SILENCE_SCORE = -50;
/** Below it nothing a peer says is taken. */
export const GRAYLIST_SCORE = -80;

/**
 * Score of a bootstrap peer, times the weight of 10: stays in the mesh, and its word on other peers is
 * taken.
 */
export const PROTECTED_SCORE = 2;

export const THRESHOLDS = {
  gossipThreshold: MISTRUST_SCORE,
  publishThreshold: SILENCE_SCORE,
  graylistThreshold: GRAYLIST_SCORE,
  // Above the cap of a stranger's score.
  acceptPXThreshold: 15,
  opportunisticGraftThreshold: 20,
};

/**
 * Scores a topic by rejected messages above all. Silence is no fault on topics as quiet as ours, so
 * deliveries that do not come cost nothing.
 */
export const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 1,
  timeInMeshQuantum: 10_000,
  timeInMeshCap: 1,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 3,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -1,
  invalidMessageDeliveriesDecay: 0.99,
};

export const PEER_SCORE = {
  appSpecificWeight: 10,
  IPColocationFactorWeight: -5,
  IPColocationFactorThreshold: 10,
  behaviourPenaltyWeight: -10,
  behaviourPenaltyThreshold: 6,
  behaviourPenaltyDecay: 0.9,
  decayInterval: 1_000,
  topicScoreCap: 10,
};

/** Makes the score parameters of a node. Many nodes of one machine are no attack on a loopback network. */
export function scoreParams(
  topics: readonly string[],
  protectedPeers: ReadonlySet<string>,
): ReturnType<typeof createPeerScoreParams> {
  const topic = createTopicScoreParams(TOPIC_SCORE);
  return createPeerScoreParams({
    ...PEER_SCORE,
    topics: Object.fromEntries(topics.map((name) => [name, topic])),
    appSpecificScore: (peer) => (protectedPeers.has(peer) ? PROTECTED_SCORE : 0),
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
  });
}
