import { GavelError } from '@gavel/protocol';

/** The failures of the gossip layer itself; a validator's own codes come through `publish` unchanged. */
export type GossipErrorCode =
  /** More bytes than a message may have. */
  | 'OVERSIZED'
  /** Its sender has sent too much. */
  | 'RATE_LIMITED'
  /** Its sender has sent it more often than there is a reason for. */
  | 'REPEATED'
  /** Too many messages are being validated. */
  | 'BUSY'
  /** The validator threw. */
  | 'VALIDATOR_FAILED'
  /** A connection too many. */
  | 'NO_PLACE'
  /** The node is stopping or stopped. */
  | 'STOPPED'
  /** A listen or bootstrap address that is not a multiaddr, or cannot be listened on. */
  | 'BAD_ADDRESS'
  /** A gossipsub that keeps its state elsewhere than the one the node was built for. */
  | 'GOSSIPSUB_CHANGED'
  /** The identity file is not a libp2p key. */
  | 'BAD_IDENTITY';

/**
 * A failure of the gossip layer, or why it refuses to publish a message: then `code` is the
 * validator's.
 */
export class GossipError extends GavelError<GossipErrorCode | (string & {})> {
  override readonly name: string = 'GossipError';
}
