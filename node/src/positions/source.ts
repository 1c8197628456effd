import type { AbiEvent, Hex } from 'viem';

/** A decoded log, as far as a position source reads it. Arguments are checked by the source. */
export type SourceLog = { readonly eventName: string; readonly args: Readonly<Record<string, unknown>> };

/**
 * Collects the positions of one lending market from its contract's logs. Only adds: whether a position still
 * owes anything is the adapter's `assess` to say, so a log that is missed late or seen twice does no harm.
 */
export type PositionSource = {
  /** The events to follow on the protocol's contract. */
  readonly events: readonly AbiEvent[];
  /** Takes logs in chain order. Logs of other events, or without the expected arguments, are passed over. */
  ingest(logs: Iterable<SourceLog>): void;
  /**
   * Lists the positions known so far, in the adapter's canonical encoding, each once, in the order first
   * seen.
   */
  positions(): Iterable<Hex>;
  /** How many positions are known. */
  size(): number;
  /** Names who owns a position; only one position of an owner is auctioned at a time. */
  ownerOf(position: Hex): string;
};

/**
 * Prices collateral of a position in its debt by the lending market's own oracle at a block: debt units,
 * rounded down. Rejects if the oracle cannot be read.
 */
export type ValueInDebt = (position: Hex, collateralAmount: bigint, block: bigint) => Promise<bigint>;

/**
 * Which of one owner's positions to take first at a block; undefined if none of them is proposed. Rejects
 * if the chain cannot be asked.
 */
export type Propose = (positions: readonly Hex[], block: bigint) => Promise<Hex | undefined>;

/** Returns an argument if it is an address or other hex, in lowercase. */
export function hexArgument(log: SourceLog, name: string): Hex | undefined {
  const value = log.args[name];
  return typeof value === 'string' && value.startsWith('0x') ? (value.toLowerCase() as Hex) : undefined;
}
