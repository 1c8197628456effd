import { GavelError } from '@gavel/protocol';

/** Every way in which a strategy, a protocol, their options or their surroundings can be wrong. */
export type SdkErrorCode =
  /** The options given to a strategy or a protocol do not parse; `meta.faults` lists why. */
  | 'BAD_OPTIONS'
  /** A definition that makes no strategy, such as one without a name. */
  | 'BAD_STRATEGY'
  /** A definition that makes no protocol, such as one that follows no event. */
  | 'BAD_PROTOCOL'
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
  /** A strategy or a protocol fails its compliance suite; `meta` holds the evidence. */
  | 'NOT_COMPLIANT';

/** A fault of a strategy, a protocol, their options or what they were given. */
export class SdkError extends GavelError<SdkErrorCode> {
  override readonly name: string = 'SdkError';
}
