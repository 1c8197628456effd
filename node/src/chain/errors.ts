import { GavelError } from '@gavel/protocol';

/** Every way in which a chain can fail us. */
export type ChainErrorCode =
  /** An RPC endpoint serves another chain than configured. */
  | 'CHAIN_ID_MISMATCH'
  /** No endpoint answers. Worth a retry. */
  | 'UNREACHABLE'
  /** An endpoint's answer does not fit its question: cut short, or about something else. */
  | 'BAD_ANSWER'
  /** An endpoint is quarantined and not asked. `meta.reasons`. */
  | 'QUARANTINED'
  /** Too few endpoints answer to be sure. `meta.answered`, `meta.needed`. Worth a retry. */
  | 'NO_QUORUM'
  /** Endpoints say different things, and too few say the same. `meta.answers`. Worth a retry. */
  | 'DISAGREEMENT'
  /**
   * The call would revert now; nothing was sent. `meta.errorName` and `meta.args` if the ABI knows the error.
   */
  | 'REVERTED'
  /**
   * The transaction was mined and reverted. `meta.hash`, and `meta.errorName` if the reason could be found.
   */
  | 'FAILED'
  /** The transaction was refused, and the chain shows that the account cannot pay for it. `meta.words`. */
  | 'REFUSED'
  /** The call needs more gas than one transaction may have; nothing was signed. `meta.gas`, `meta.most`. */
  | 'GAS_CAP'
  /**
   * The key's native balance does not cover value and gas; nothing was signed. `meta.balance`, `meta.needed`,
   * wei.
   */
  | 'OUT_OF_GAS_MONEY'
  /** Gas costs more than the configuration allows; nothing was signed. Worth a retry. */
  | 'FEE_CAP'
  /**
   * It was stuck and no longer wanted, or would have failed by then: its nonce went to another transaction of
   * ours.
   */
  | 'CANCELLED'
  /** Another transaction took the nonce. Worth a retry. */
  | 'REPLACED'
  /** No receipt in time; the transaction may still be mined. `meta.hash`. */
  | 'RECEIPT_TIMEOUT'
  /** Stopped by shutdown before the end was known. */
  | 'ABORTED'
  /**
   * A token raises an allowance only from zero, and the one there is must not be zero for a moment. Worth a
   * retry.
   */
  | 'ALLOWANCE_IN_USE'
  /** A contract does not tell how many decimals it has, as every token must. `meta.token`. */
  | 'NOT_A_TOKEN'
  /** The signing key is not a secp256k1 key. */
  | 'BAD_KEY';

/** A failure of a chain or of our transaction on it. */
export class ChainError extends GavelError<ChainErrorCode> {
  override readonly name: string = 'ChainError';
}
