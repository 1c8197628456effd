import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Decision } from './decision.ts';
import { SdkError } from './errors.ts';
import { deepFreeze, type Opportunity } from './opportunity.ts';
import { parseOptions } from './options.ts';

/**
 * A strategy: a name, options, and a pure function.
 *
 * `quote` sees a frozen opportunity and answers at once. It does no I/O, reads no clock but
 * `opportunity.now`, draws no random numbers and remembers nothing: the same opportunity gives the same
 * decision.
 */
export type Strategy<O = unknown> = {
  readonly name: string;
  readonly options: O;
  /** Decides on an opportunity, at once. */
  quote(opportunity: Opportunity): Decision;
};

/**
 * The default export of a strategy module: makes a strategy of raw options, as a configuration file has them.
 *
 * @throws SdkError BAD_OPTIONS when the options do not parse.
 */
export type StrategyFactory<O = unknown> = (raw?: unknown) => Strategy<O>;

/** What {@link defineStrategy} takes. */
export type StrategyDefinition<O> = {
  /** Short name in kebab-case, for logs. */
  readonly name: string;
  /**
   * The schema of the options, of any library that implements Standard Schema, such as zod. Parses at once.
   */
  readonly options: StandardSchemaV1<unknown, O>;
  /** Decide; pure. */
  readonly quote: (opportunity: Opportunity, options: O) => Decision;
};

/**
 * Defines a strategy and returns the factory that makes it from options.
 *
 * Options are parsed once, when the factory is called, and frozen. What a schema throws arrives as
 * BAD_OPTIONS with the original as its cause.
 *
 * @throws SdkError BAD_STRATEGY when the name is not kebab-case.
 */
export function defineStrategy<O>(definition: StrategyDefinition<O>): StrategyFactory<O> {
  const { name } = definition;
  if (!NAME.test(name)) {
    throw new SdkError('BAD_STRATEGY', 'A strategy is named in kebab-case, such as constant-spread', {
      meta: { name },
    });
  }
  return (raw) => {
    const options = deepFreeze(parsed(definition, raw));
    return Object.freeze({
      name,
      options,
      quote: (opportunity: Opportunity) => definition.quote(opportunity, options),
    });
  };
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

function parsed<O>({ name, options }: StrategyDefinition<O>, raw: unknown): O {
  try {
    return parseOptions(options, raw);
  } catch (cause) {
    if (cause instanceof SdkError && cause.code === 'BAD_OPTIONS') throw cause;
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new SdkError('BAD_OPTIONS', 'The options of the strategy do not parse', {
      meta: { strategy: name, faults: [fault] },
      cause,
    });
  }
}
