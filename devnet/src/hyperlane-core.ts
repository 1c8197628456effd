import type { Address } from 'viem';

/** Hyperlane's core on one chain. */
export interface HyperlaneCore {
  readonly mailbox: Address;
  readonly merkleTreeHook: Address;
  /** The required hook: takes the message fee. */
  readonly protocolFee: Address;
  /** Routes by origin to a message-id multisig module each. */
  readonly defaultIsm: Address;
  /** Accepts any message; for trying a route out. */
  readonly testRecipient: Address;
  /** A block before the merkle tree's first leaf. */
  readonly fromBlock: bigint;
}
