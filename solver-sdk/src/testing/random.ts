import type { Hex } from '../opportunity.ts';

/** Draw reproducible random values; see {@link createRandom}. */
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
 * Create a pseudo-random source: the same seed draws the same values on every machine. For tests, never for keys.
 * A Weyl sequence through the 32-bit finaliser of MurmurHash3.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const bits = (count: number): bigint => {
    let value = 0n;
    for (let drawn = 0; drawn < count; drawn += 32) value = (value << 32n) | BigInt(word());
    return BigInt.asUintN(count, value);
  };
  // 64 bits more than the bound has make the remainder's bias too small to matter.
  const below = (bound: bigint): bigint => bits(bound.toString(2).length + 64) % bound;
  const int = (least: number, most: number): number => least + Number(below(BigInt(most - least + 1)));
  return {
    int,
    below,
    logUniform: (bound) => {
      const limit = bound > 2n ? bound : 2n;
      const width = int(1, (limit - 1n).toString(2).length);
      const drawn = (1n << BigInt(width - 1)) | bits(width - 1);
      return drawn < limit ? drawn : limit - 1n;
    },
    chance: (p) => word() < p * 2 ** 32,
    pick: ([first, ...others]) => others[int(0, others.length) - 1] ?? first,
    bytes: (length) =>
      `0x${bits(length * 8)
        .toString(16)
        .padStart(length * 2, '0')}`,
  };
}
