import { GavelError } from '@gavel/protocol';

/** Every way in which a step of the flow can fail by itself. */
export type FlowErrorCode =
  /** A chain could not be asked; the step is run again. */
  | 'EVIDENCE_UNKNOWN'
  /** An order names a domain that no configured chain has. */
  | 'CHAIN_NOT_CONFIGURED'
  /** A module that the configuration names cannot be loaded, or has no usable default export. */
  | 'BAD_MODULE'
  /** A role is on without its section of the configuration. */
  | 'ROLE_NOT_CONFIGURED';

/** A failure of a step. */
export class FlowError extends GavelError<FlowErrorCode> {
  override readonly name: string = 'FlowError';
}
