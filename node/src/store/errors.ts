import { GavelError } from '@gavel/protocol';

/** Name every way in which the store can refuse. */
export type StoreErrorCode =
  /** Another process has the data directory open. */
  | 'LOCKED'
  /** Written by another version of Gavel. */
  | 'SCHEMA_UNKNOWN'
  /** The database cannot be opened or read. */
  | 'UNREADABLE'
  /** Something else was written first: another version of the order, or another value under the key. */
  | 'CONFLICT'
  /** A value that has no encoding. */
  | 'UNENCODABLE';

/** Report a failure of the store. */
export class StoreError extends GavelError<StoreErrorCode> {
  override readonly name: string = 'StoreError';
}
