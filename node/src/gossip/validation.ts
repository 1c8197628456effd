/** A gossip topic without its network. */
export type TopicName = 'intents' | 'quotes' | 'awards';

/** The topics, in the order in which they are joined. */
export const TOPIC_NAMES: readonly TopicName[] = ['intents', 'quotes', 'awards'];

/**
 * Judges a message. `accept`: forwarded, and `deliver` called once. `ignore`: neither forwarded nor held
 * against the peer. `reject`: not forwarded, and held against the peer. `code` names the rule.
 */
export type Validation =
  | {
      readonly outcome: 'accept';
      /** Hands the message on to the node. */
      readonly deliver: () => void;
    }
  | {
      readonly outcome: 'ignore' | 'reject';
      readonly code: string;
      readonly meta?: Record<string, unknown>;
      /** True if the judgement may differ later (an RPC was down): another copy is then judged again. */
      readonly passing?: boolean;
    };

/** Judges bytes that a peer (`from`, its peer id) sent. Should not throw; throwing counts as `ignore`. */
export type Validator = (bytes: Uint8Array, from: string) => Promise<Validation>;
