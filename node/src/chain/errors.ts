import { GavelError } from '@gavel/protocol';

/** Name every way in which a chain can fail us. */
export type ChainErrorCode =
  /** An RPC endpoint serves another chain than configured. */
  | 'CHAIN_ID_MISMATCH'
  /** No endpoint answers. Worth a retry. */
  | 'UNREACHABLE'
  /** The call would revert now; nothing was sent. `meta.errorName` and `meta.args` if the ABI knows the error. */
  | 'REVERTED'
  /** The transaction was mined and reverted. `meta.hash`, and `meta.errorName` if the reason could be found. */
  | 'FAILED'
  /** The node refused the transaction: no funds, fee too low, and the like. */
  | 'REFUSED'
  /** Another transaction took the nonce. Worth a retry. */
  | 'REPLACED'
  /** No receipt in time; the transaction may still be mined. `meta.hash`. */
  | 'RECEIPT_TIMEOUT'
  /** Stopped by shutdown before the end was known. */
  | 'ABORTED'
  /** The signing key is not a secp256k1 key. */
  | 'BAD_KEY';

/** Report a failure of a chain or of our transaction on it. */
export class ChainError extends GavelError<ChainErrorCode> {
  override readonly name: string = 'ChainError';
}
