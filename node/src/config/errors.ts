import { GavelError } from '@gavel/protocol';

/** Every way in which configuration can be unusable. */
export type ConfigErrorCode =
  /** The configuration file cannot be read. */
  | 'UNREADABLE'
  /** One or more faults: `meta.faults` lists them all. */
  | 'INVALID'
  /** A referenced secret is not there, or is not a key. */
  | 'BAD_SECRET'
  /** An order names a domain that no configured chain has. */
  | 'CHAIN_NOT_CONFIGURED'
  /** A role is on without its section of the configuration. */
  | 'ROLE_NOT_CONFIGURED';

/** One thing that is wrong with a configuration, in words that tell what to do. */
export type Fault = {
  /** Where: `chains.alpha.rpc[0]`, `line 3`, `GAVEL_LOG__LEVEL`, `--log-level`. */
  readonly path: string;
  readonly problem: string;
};

/** A refused configuration. */
export class ConfigError extends GavelError<ConfigErrorCode> {
  override readonly name: string = 'ConfigError';

  /** Lists what is wrong, one fault each; empty unless the code is INVALID. */
  get faults(): readonly Fault[] {
    return Array.isArray(this.meta.faults) ? this.meta.faults : [];
  }
}
