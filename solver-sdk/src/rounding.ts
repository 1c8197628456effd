/** Basis points in a whole. */
export const BPS = 10_000n;

/**
 * Computes `a × b ÷ divisor`, rounded towards zero. All three are non-negative, the divisor above zero.
 */
export function mulDivDown(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b) / divisor;
}

/**
 * Computes `a × b ÷ divisor`, rounded up. All three are non-negative, the divisor above zero.
 */
export function mulDivUp(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b + divisor - 1n) / divisor;
}
