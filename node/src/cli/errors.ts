import { GavelError } from '@gavel/protocol/errors';

/** Every way in which a command can fail by itself. */
export type CliErrorCode =
  /** No node answers at the address of its interface. */
  | 'NO_NODE'
  /** The node refused, in its own words. */
  | 'REFUSED'
  /** A file is there already, and is not overwritten. */
  | 'EXISTS'
  /** An argument cannot be used. */
  | 'BAD_ARGUMENT'
  /** A question was not answered. */
  | 'CANCELLED';

/** A failure of a command. */
export class CliError extends GavelError<CliErrorCode> {
  override readonly name: string = 'CliError';
}
