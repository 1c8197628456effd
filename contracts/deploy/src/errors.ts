import { GavelError } from '@gavel/protocol';

/** Every way in which a deployment can be refused or fail. */
export type DeployErrorCode =
  /** The command line is not understood. */
  | 'USAGE'
  /** The configuration cannot be read or is wrong; `meta.faults` lists everything found. */
  | 'BAD_CONFIG'
  /** A compiled contract is missing, or asks for something the deployer does not know. */
  | 'BAD_ARTIFACT'
  /** A chain does not answer; `meta.faults` names each. */
  | 'WRONG_CHAIN'
  /** A contract has no place because of a fault that is reported in its own words. */
  | 'NOT_PLACED'
  /** No key, or a key or signer that is not the deployer's. */
  | 'BAD_SIGNER'
  /** A transaction was refused or reverted. */
  | 'TX_FAILED';

/** A deployment that is refused or failed, in words that say what to change. */
export class DeployError extends GavelError<DeployErrorCode> {
  override readonly name: string = 'DeployError';
}

/** What the process's exit code says. */
export const EXIT = {
  /** Every chain is as the configuration says. */
  inSync: 0,
  /** Failed while running; what was done stands, and the same command goes on from there. */
  failed: 1,
  /** Used or configured wrongly: nothing was sent. */
  usage: 2,
  /** `plan`: something is to be done. `apply`: something waits for its delay or for governance. */
  pending: 3,
} as const;
