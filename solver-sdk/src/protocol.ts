import type { StandardSchemaV1 } from '@standard-schema/spec';
import type {
  Abi,
  AbiEvent,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionParameters,
  ContractFunctionReturnType,
  Hex,
  Log,
} from 'viem';
import { SdkError } from './errors.ts';
import { deepFreeze } from './opportunity.ts';
import { optionsOf, parseOptions } from './options.ts';

/** Reads a contract. Rejects if the chain cannot be asked or the call reverts. */
export type Read = <
  const abi extends Abi | readonly unknown[],
  name extends ContractFunctionName<abi, 'pure' | 'view'>,
  const args extends ContractFunctionArgs<abi, 'pure' | 'view', name>,
>(
  call: ContractFunctionParameters<abi, 'pure' | 'view', name, args>,
) => Promise<ContractFunctionReturnType<abi, 'pure' | 'view', name, args>>;

/** The chain of a lending market, as of one block. */
export type LendingChain = {
  /** The market's `source` of the configuration: the contract whose events are followed. */
  readonly source: Address;
  /** Reads a contract as of the block. */
  readonly read: Read;
  /**
   * Reads what never changes, such as a token's decimals or an immutable. An answer is remembered, a failure
   * is not.
   */
  readonly readFixed: Read;
};

/** A log of one of the events `E`, strictly decoded: every argument has the type of its declaration. */
export type EventLog<E extends readonly AbiEvent[] = readonly AbiEvent[]> = LogOf<E[number]>;

type LogOf<Event> = Event extends AbiEvent
  ? Pick<Log<bigint, number, false, Event, true, readonly [Event], Event['name']>, 'eventName' | 'args'>
  : never;

/**
 * Finds the positions that a log makes known, in the canonical encoding of the market's adapter. A position
 * may be found more than once. Logs come in chain order, and come again after a reorganisation.
 */
export type FindPositions<E extends readonly AbiEvent[] = readonly AbiEvent[]> = (
  log: EventLog<E>,
) => Iterable<Hex>;

/**
 * A lending protocol as a node knows it: how positions are found, and what their collateral is worth.
 * Whether a position may be liquidated is for the adapter contract to say.
 */
export type Protocol = {
  /** The events to follow on the market's `source`. */
  readonly events: readonly AbiEvent[];
  /** Creates a finder that has seen no log. */
  positions(): FindPositions;
  /** Names who owns a position; of one owner, one position is auctioned at a time. */
  ownerOf(position: Hex): string;
  /**
   * Values collateral of a position in units of its debt token, rounded down, by the protocol's own price.
   * Rejects if the chain cannot be asked.
   */
  valueInDebt(position: Hex, amount: bigint, chain: LendingChain): Promise<bigint>;
  /**
   * Chooses which of one owner's positions to auction first; undefined for no preference. Rejects if the
   * chain cannot be asked.
   */
  propose(positions: readonly Hex[], chain: LendingChain): Promise<Hex | undefined>;
};

/**
 * The default export of a protocol module: makes a protocol of raw options, as a configuration file has them.
 *
 * @throws SdkError BAD_OPTIONS when the options do not parse.
 */
export type ProtocolFactory = (raw?: unknown) => Protocol;

/** What {@link defineProtocol} takes. */
export type ProtocolDefinition<E extends readonly AbiEvent[], O> = {
  /** The events that make positions known, as `parseAbi` of viem returns them. */
  readonly events: E;
  /** Creates a finder that has seen no log; what the finder remembers is its own. */
  readonly positions: () => FindPositions<E>;
  /** See {@link Protocol}; without it, each position has an owner of its own. */
  readonly ownerOf?: (position: Hex) => string;
  /** See {@link Protocol}. */
  readonly valueInDebt: (position: Hex, amount: bigint, chain: LendingChain, options: O) => Promise<bigint>;
  /** See {@link Protocol}; without it, the largest debt goes first. */
  readonly propose?: (positions: readonly Hex[], chain: LendingChain, options: O) => Promise<Hex | undefined>;
  /**
   * The schema of `markets[].options`, of any library that implements Standard Schema. Without it, the
   * protocol takes no options.
   */
  readonly options?: StandardSchemaV1<unknown, O>;
};

/**
 * Defines a lending protocol and returns the factory that makes it from options.
 *
 * @throws SdkError BAD_PROTOCOL when the definition follows no event, or one event twice.
 */
export function defineProtocol<const E extends readonly AbiEvent[], O = unknown>(
  definition: ProtocolDefinition<E, O>,
): ProtocolFactory {
  const { events, positions, ownerOf, valueInDebt, propose } = definition;
  const names = events.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size < names.length) {
    throw new SdkError('BAD_PROTOCOL', 'A protocol follows at least one event, and each name once', {
      meta: { names },
    });
  }
  return (raw) => {
    const schema = definition.options ?? (optionsOf({}) as StandardSchemaV1<unknown, O>);
    const options = deepFreeze(parseOptions(schema, raw));
    return Object.freeze({
      events,
      // A node hands over logs of these events alone.
      positions: positions as () => FindPositions,
      ownerOf: ownerOf ?? ((position: Hex) => position),
      valueInDebt: (position: Hex, amount: bigint, chain: LendingChain) =>
        valueInDebt(position, amount, chain, options),
      propose: async (known: readonly Hex[], chain: LendingChain) => propose?.(known, chain, options),
    });
  };
}
