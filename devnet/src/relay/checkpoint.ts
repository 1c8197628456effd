import { GavelError } from '@gavel/protocol';
import { type Address, concat, encodePacked, type Hash, type Hex, keccak256, pad, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** A merkle tree's state right after one message was inserted. */
export interface Checkpoint {
  /** Domain of the chain the tree is on. */
  readonly origin: number;
  readonly merkleTreeHook: Address;
  readonly root: Hash;
  /** Index of the message's leaf. */
  readonly index: number;
  readonly messageId: Hash;
}

/** Signs a checkpoint as one validator does: an Ethereum signed message over the digest. */
export interface Validator {
  readonly address: Address;
  sign(checkpoint: Checkpoint): Promise<Hex>;
}

/** Makes a validator from its key. */
export function createValidator(privateKey: Hex): Validator {
  const account = privateKeyToAccount(privateKey);
  return {
    address: account.address,
    sign: (checkpoint) => account.signMessage({ message: { raw: checkpointDigest(checkpoint) } }),
  };
}

/** Computes what validators sign, as Hyperlane's `CheckpointLib.digest` does. */
export function checkpointDigest({ origin, merkleTreeHook, root, index, messageId }: Checkpoint): Hash {
  const domainHash = keccak256(
    encodePacked(['uint32', 'bytes32', 'string'], [origin, pad(merkleTreeHook), 'HYPERLANE']),
  );
  return keccak256(
    encodePacked(['bytes32', 'bytes32', 'uint32', 'bytes32'], [domainHash, root, index, messageId]),
  );
}

/**
 * Has `threshold` of the validators sign, and packs what a message-id multisig security module verifies.
 *
 * Which ones sign moves on by one with every message, so all of them do. Throws DEVNET_TOO_FEW_VALIDATORS.
 */
export async function multisigMetadata(
  checkpoint: Checkpoint,
  validators: readonly Validator[],
  threshold: number,
): Promise<Hex> {
  if (threshold < 1 || threshold > validators.length) {
    throw new GavelError('DEVNET_TOO_FEW_VALIDATORS', 'the threshold is not 1 to the number of validators', {
      meta: { validators: validators.length, threshold },
    });
  }
  const start = checkpoint.index % validators.length;
  const signers = [...validators.slice(start), ...validators.slice(0, start)]
    .slice(0, threshold)
    // the module walks its sorted set once, so signatures must ascend by address
    .sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  const signatures = await Promise.all(signers.map((validator) => validator.sign(checkpoint)));
  return concat([
    pad(checkpoint.merkleTreeHook),
    checkpoint.root,
    toHex(checkpoint.index, { size: 4 }),
    ...signatures,
  ]);
}
