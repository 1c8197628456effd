/**
 * Model the arithmetic of sales, splits and late penalties as the protocol words it, in exact fractions that
 * are rounded once, where a rounding is named. Shares no code with the Solidity it is compared with. Where
 * the text names no rounding, within the daily halving, the model follows the contracts.
 */

const DAY = 86_400n;
const BPS = 10_000n;

/** A fraction with a positive denominator. */
interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** Rounds towards zero: what is handed out of a lot. */
export function floor({ over, under }: Fraction): bigint {
  return over / under;
}

/** Rounds away from zero: what is asked for. */
export function ceiling({ over, under }: Fraction): bigint {
  return (over + under - 1n) / under;
}

/** Finds the point between two amounts, `done` of `whole` of the way. */
function between(begin: bigint, end: bigint, done: bigint, whole: bigint): Fraction {
  const at = done > whole ? whole : done;
  return { over: begin * (whole - at) + end * at, under: whole };
}

/** A lot on sale. Seconds, collateral units, debt units. */
export interface Sale {
  readonly seized: bigint;
  readonly debt: bigint;
  readonly floor: bigint;
  readonly leastBps: bigint;
  readonly start: bigint;
  readonly length: bigint;
  readonly at: bigint;
}

/**
 * Tells the lot that a sale offers: from the least part, linearly, to all of it. Rounded in the seller's
 * favour.
 */
export function lotOf({ seized, leastBps, start, length, at }: Sale): bigint {
  const { over, under } = between(leastBps, BPS, at - start, length);
  return floor({ over: seized * over, under: BPS * under });
}

/**
 * Tells the price that a sale asks: the debt while the lot rises, then falling for as long to the floor,
 * where it rests for a day; from then on half of it at each day's end, in a straight line within the day.
 */
export function priceOf(sale: Sale): bigint {
  const fallFrom = sale.start + sale.length;
  if (sale.at <= fallFrom) return sale.debt;
  const restUntil = fallFrom + sale.length + DAY;
  if (sale.at <= restUntil) return ceiling(between(sale.debt, sale.floor, sale.at - fallFrom, sale.length));
  const days = (sale.at - restUntil) / DAY;
  if (days >= 128n) return 0n;
  // The day's first price is rounded up once, and so is the price of the second; the fall within is half,
  // rounded down.
  const morning = ceiling({ over: sale.floor, under: 2n ** days });
  const fall = morning / 2n;
  return ceiling(between(morning, morning - fall, (sale.at - restUntil) % DAY, DAY));
}

/** Converts between token decimals, rounded up for who is paid. */
export function inDecimals(amount: bigint, from: number, to: number): bigint {
  return ceiling({ over: amount * 10n ** BigInt(to), under: 10n ** BigInt(from) });
}

/** Scales what was quoted for `repay` to what was `repaid`. */
export function proRata(amount: bigint, repaid: bigint, repay: bigint): Fraction {
  return { over: amount * repaid, under: repay };
}

/** Takes a part in basis points. */
export function part(amount: bigint, bps: bigint): Fraction {
  return { over: amount * bps, under: BPS };
}

/** A fill, at a time. Collateral units, seconds. */
export interface Asking {
  readonly ask: bigint;
  readonly maxAsk: bigint;
  readonly exclusiveUntil: bigint;
  readonly fillDeadline: bigint;
  readonly at: bigint;
}

/**
 * Tells the ask that a fill is granted: the winner's while it is exclusive, then in a straight line to the
 * highest.
 */
export function askOf({ ask, maxAsk, exclusiveUntil, fillDeadline, at }: Asking): bigint {
  if (at <= exclusiveUntil) return ask;
  return floor(between(ask, maxAsk, at - exclusiveUntil, fillDeadline - exclusiveUntil));
}

/** A late fill. Debt units, collateral units. */
export interface Late {
  readonly repaid: bigint;
  readonly seizable: bigint;
  readonly fullRise: bigint;
  readonly rise: bigint;
  readonly bountyBps: bigint;
  readonly bonusBps: bigint;
}

/**
 * Tells the least that a late fill must forfeit so that it gains nothing: the bounty, and what the higher ask
 * is worth.
 */
export function leastPenalty({ repaid, seizable, rise, bountyBps, bonusBps }: Late): bigint {
  const bounty = part(repaid, bountyBps);
  // bounty + rise × repaid × (1 + bonus) ÷ seizable
  return ceiling({
    over: bounty.over * seizable * BPS + rise * repaid * (BPS + bonusBps) * bounty.under,
    under: bounty.under * seizable * BPS,
  });
}
