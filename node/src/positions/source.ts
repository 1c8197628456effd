import { MAX_POSITION_BYTES } from '@gavel/protocol';
import type { EventLog } from '@gavel/solver-sdk';
import { type AbiEvent, type Hex, isHex, size } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import { moduleFailure } from '../runtime/load-module.ts';
import { inModule } from '../runtime/module-context.ts';
import type { LoadedProtocol } from './protocols.ts';

/**
 * The positions of one lending market, found in its contract's logs. Only adds: whether a position still owes
 * anything is the adapter's `assess` to say, so a log that is missed late or seen twice does no harm.
 */
export type PositionSource = {
  /** The events to follow on the protocol's contract. */
  readonly events: readonly AbiEvent[];
  /** Takes logs of those events in chain order. */
  ingest(logs: Iterable<EventLog>): void;
  /** Lists the positions known so far, in lowercase, each once, in the order first seen. */
  positions(): Iterable<Hex>;
  /** How many positions are known. */
  size(): number;
  /** Names who owns a position; only one position of an owner is auctioned at a time. */
  ownerOf(position: Hex): string;
};

/** Positions that one log may make known. An account has tens of collaterals and debts at most. */
const MOST_OF_ONE_LOG = 10_000;

/**
 * Creates a source that knows no position. A protocol that throws on a log, or finds what is no position,
 * is counted and reported, once for each of its failures, and stops neither other logs nor the node.
 */
export function createPositionSource(
  { protocol, module }: LoadedProtocol,
  { log, metrics }: Telemetry,
): PositionSource {
  const known = new Set<Hex>();
  const complained = new Set<string>();

  const guard = <T>(call: 'positions' | 'ownerOf', ask: () => T, otherwise: T): T => {
    try {
      return module === undefined ? ask() : inModule(module, ask);
    } catch (cause) {
      metrics.count('protocol_failed', { call });
      const err = module === undefined ? cause : moduleFailure(module, cause);
      if (!complained.has(call)) log.error({ err, call }, 'protocol failed');
      complained.add(call);
      return otherwise;
    }
  };

  const find = guard(
    'positions',
    () => protocol.positions(),
    () => [],
  );
  return {
    events: protocol.events,
    ingest(logs) {
      for (const entry of logs) {
        guard(
          'positions',
          () => {
            let count = 0;
            for (const position of find(entry)) {
              count += 1;
              if (count > MOST_OF_ONE_LOG)
                throw new RangeError(`one log has more than ${MOST_OF_ONE_LOG} positions`);
              known.add(checkPosition(position));
            }
          },
          undefined,
        );
      }
    },
    positions: () => known.values(),
    size: () => known.size,
    ownerOf: (position) =>
      guard(
        'ownerOf',
        () => {
          const owner: unknown = protocol.ownerOf(position);
          if (typeof owner !== 'string') throw new TypeError(`the owner of ${position} is no text`);
          return owner;
        },
        position,
      ),
  };
}

function checkPosition(position: unknown): Hex {
  if (!isHex(position) || position.length % 2 !== 0)
    throw new TypeError('a position is bytes in hexadecimal');
  const bytes = size(position);
  if (bytes === 0 || bytes > MAX_POSITION_BYTES)
    throw new RangeError(`a position has 1 to ${MAX_POSITION_BYTES} bytes, not ${bytes}`);
  return position.toLowerCase() as Hex;
}
