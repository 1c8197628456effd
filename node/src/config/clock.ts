import type { Config } from './schema.ts';

/**
 * The least bound that a clock is held to, milliseconds: what is finer, timers and networks do not keep
 * either.
 */
const FINEST_MS = 50;

/** Returns how far a node's clock may be off, milliseconds: as configured, or as much as others tolerate. */
export function maxOffsetOf({ clock, auction }: Pick<Config, 'clock' | 'auction'>): number {
  return clock.maxOffsetMs ?? Math.max(FINEST_MS, auction.clockToleranceMs);
}
