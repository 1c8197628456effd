import { GavelError } from '@gavel/protocol';

/** Every way in which a strategy, its options or its surroundings can be wrong. */
export type SdkErrorCode =
  /** The options given to a strategy do not parse; `meta.faults` lists why. */
  | 'BAD_OPTIONS'
  /** A definition that makes no strategy, such as one without a name. */
  | 'BAD_STRATEGY'
  /** An opportunity that contradicts itself; `meta.faults` lists how. */
  | 'BAD_OPPORTUNITY'
  /** A margin that is no whole number of basis points from 0. */
  | 'BAD_MARGIN'
  /** An amount that is no decimal number from 0. */
  | 'BAD_AMOUNT'
  /** The strategy answered with something that breaks the rules of a decision. */
  | 'BAD_DECISION'
  /** The strategy threw; `cause` is what it threw. */
  | 'STRATEGY_THREW'
  /** Quotes have closed for this intent. */
  | 'TOO_LATE'
  /** A strategy fails its compliance suite; `meta` holds the opportunity that shows it. */
  | 'NOT_COMPLIANT';

/** A fault of a strategy, its options or the opportunity it was given. */
export class SdkError extends GavelError<SdkErrorCode> {
  override readonly name: string = 'SdkError';
}
