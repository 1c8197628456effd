import { BPS } from './limits.ts';
import { mulDivDown } from './primitives.ts';

/**
 * Computes the lot on offer at `at`: from `leastBps` of the full lot at `start`, linearly to all of it after
 * `length`. Times in Unix seconds, lots in collateral units, rounded down. The same as `Lots.rising` in the
 * contracts; vectors hold both.
 */
export function risingLot(
  full: bigint,
  curve: {
    readonly leastBps: bigint;
    readonly start: bigint;
    readonly length: bigint;
  },
  at: bigint,
): bigint {
  const { leastBps, start, length } = curve;
  if (at >= start + length) return full;
  const since = at > start ? at - start : 0n;
  return mulDivDown(full, leastBps * length + (BPS - leastBps) * since, BPS * length);
}

/**
 * Computes the ask that a fill for oneself gets at `at`, collateral units: from the winner's at
 * `exclusiveUntil`, linearly to `maxAsk` at `fillDeadline`. The same as `Lots.risingAsk` in the
 * contracts; vectors hold both.
 */
export function risingAsk(
  order: {
    readonly ask: bigint;
    readonly maxAsk: bigint;
    readonly exclusiveUntil: bigint;
    readonly fillDeadline: bigint;
  },
  at: bigint,
): bigint {
  const { ask, maxAsk, exclusiveUntil, fillDeadline } = order;
  if (at <= exclusiveUntil) return ask;
  const last = at < fillDeadline ? at : fillDeadline;
  return ask + ((maxAsk - ask) * (last - exclusiveUntil)) / (fillDeadline - exclusiveUntil);
}
