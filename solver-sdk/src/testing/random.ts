import { uniformBigInt } from 'pure-rand/distribution/uniformBigInt';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Hex } from '../opportunity.ts';

/** Reproducible random values; see {@link createRandom}. */
export type Random = {
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** A bigint from 0 to below `bound`, which is above zero. */
  below(bound: bigint): bigint;
  /** A bigint from 1 to below `bound` (or 1), small magnitudes as likely as great ones. */
  logUniform(bound: bigint): bigint;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One of the values, of which there is at least one. */
  pick<T>(values: readonly [T, ...T[]]): T;
  /** `length` bytes in hexadecimal. */
  bytes(length: number): Hex;
};

/**
 * Creates a pseudo-random source: the same seed draws the same values on every machine. For tests, never for
 * keys.
 */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const below = (bound: bigint): bigint => uniformBigInt(generator, 0n, bound - 1n);
  const int = (least: number, most: number): number => uniformInt(generator, least, most);
  return {
    int,
    below,
    logUniform: (bound) => {
      const limit = bound > 2n ? bound : 2n;
      const width = int(1, (limit - 1n).toString(2).length);
      const drawn = uniformBigInt(generator, 1n << BigInt(width - 1), (1n << BigInt(width)) - 1n);
      return drawn < limit ? drawn : limit - 1n;
    },
    chance: (p) => uniformFloat64(generator) < p,
    pick: ([first, ...others]) => others[int(0, others.length) - 1] ?? first,
    bytes: (length) =>
      `0x${below(1n << BigInt(length * 8))
        .toString(16)
        .padStart(length * 2, '0')}`,
  };
}
