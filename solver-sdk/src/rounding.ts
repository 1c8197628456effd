/*
 * Unlike the functions of `@gavel/protocol`, these throw for no input but a divisor of 0: a strategy that is
 * shown a contradictory opportunity answers with a rejection, not with an error.
 */

/** Computes `a × b ÷ divisor`, rounded towards zero. */
export function mulDivDown(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b) / divisor;
}

/** Computes `a × b ÷ divisor`, rounded up. */
export function mulDivUp(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b + divisor - 1n) / divisor;
}
