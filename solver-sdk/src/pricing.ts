import { BPS } from '@gavel/protocol';
import { SdkError } from './errors.ts';
import type { Opportunity, PayOption } from './opportunity.ts';
import { mulDivDown, mulDivUp } from './rounding.ts';

// Every rounding here goes against the solver: costs and asks round up, values and profits round down. So an
// ask that these functions give never loses by rounding. An answer of `undefined` means that no such ask
// exists.

/**
 * Sums what paying this way costs in all, in debt units: the payment with its fees, and the solver's own gas.
 */
export function costInDebt(option: PayOption): bigint {
  return option.payInDebt + option.gasInDebt;
}

/**
 * Returns the value of `ask` collateral units by the market's oracle, in debt units, rounded down.
 */
export function valueOfAsk(opportunity: Opportunity, ask: bigint): bigint {
  if (opportunity.seizable <= 0n || opportunity.seizableInDebt <= 0n || ask <= 0n) return 0n;
  return mulDivDown(ask, opportunity.seizableInDebt, opportunity.seizable);
}

/**
 * Finds the fewest collateral units that are worth at least `debtUnits`, rounded up. Neither snapped to the
 * tick nor capped: it may exceed `seizable`. `undefined` when the collateral is worth nothing.
 */
export function askWorth(opportunity: Opportunity, debtUnits: bigint): bigint | undefined {
  if (opportunity.seizable <= 0n || opportunity.seizableInDebt <= 0n) return undefined;
  if (debtUnits <= 0n) return 0n;
  return mulDivUp(debtUnits, opportunity.seizable, opportunity.seizableInDebt);
}

/**
 * Finds the fewest collateral units that pay for this way of paying, gas included, rounded up. Not snapped.
 */
export function breakEvenAsk(opportunity: Opportunity, option: PayOption): bigint | undefined {
  return askWorth(opportunity, costInDebt(option));
}

/**
 * Finds the fewest collateral units that pay for this way of paying and leaves `marginBps` of its cost as
 * profit, rounded up. Not snapped.
 *
 * @param marginBps whole basis points from 0.
 * @throws SdkError BAD_MARGIN when `marginBps` is anything else.
 */
export function askWithMargin(
  opportunity: Opportunity,
  option: PayOption,
  marginBps: number,
): bigint | undefined {
  if (!Number.isSafeInteger(marginBps) || marginBps < 0) {
    throw new SdkError('BAD_MARGIN', 'A margin is whole basis points from 0', { meta: { marginBps } });
  }
  return askWorth(opportunity, mulDivUp(costInDebt(option), BPS + BigInt(marginBps), BPS));
}

/**
 * Finds the fewest collateral units that pay for this way of paying and leaves `profit` debt units, rounded
 * up. Not snapped. A `profit` below zero counts as zero.
 */
export function askWithProfit(
  opportunity: Opportunity,
  option: PayOption,
  profit: bigint,
): bigint | undefined {
  return askWorth(opportunity, costInDebt(option) + (profit > 0n ? profit : 0n));
}

/**
 * Tells whether the escrow would take `ask` as lying on the grid: a multiple of the tick, or all of
 * `seizable`. Bounds are not looked at.
 */
export function isOnTick({ tick, seizable }: Opportunity, ask: bigint): boolean {
  return ask === seizable || (tick > 0n && ask % tick === 0n);
}

/**
 * Moves an ask up to the grid, never below what was wanted: to the next multiple of the tick, or to
 * `seizable` where that multiple would exceed it. An ask of zero or less becomes the first tick. `undefined`
 * when the ask does not fit, that is when it exceeds `seizable`: the liquidation is unprofitable at this
 * price.
 */
export function snapToTick({ tick, seizable }: Opportunity, ask: bigint): bigint | undefined {
  if (seizable <= 0n || tick <= 0n || ask > seizable) return undefined;
  const ticks = ask > 0n ? mulDivUp(ask, 1n, tick) : 1n;
  const snapped = ticks * tick;
  return snapped < seizable ? snapped : seizable;
}

/**
 * Finds the lowest ask on the grid that pays for this way of paying. `undefined` when it does not fit
 * `seizable`.
 */
export function minimalAsk(opportunity: Opportunity, option: PayOption): bigint | undefined {
  const ask = breakEvenAsk(opportunity, option);
  return ask === undefined ? undefined : snapToTick(opportunity, ask);
}

/**
 * Finds the highest ask there is, all of `seizable`. `undefined` when nothing can be seized.
 */
export function maximalAsk({ seizable }: Opportunity): bigint | undefined {
  return seizable > 0n ? seizable : undefined;
}

/**
 * Computes what an ask earns when paid this way, in debt units, rounded down; negative for a loss. The
 * collateral counts at the market's oracle price: slippage of selling it is the strategy's to add as margin.
 */
export function profitOf(opportunity: Opportunity, option: PayOption, ask: bigint): bigint {
  return valueOfAsk(opportunity, ask) - costInDebt(option);
}

/**
 * Computes what an ask counts for in the ranking, where the lowest wins: the ask plus its route's handicap,
 * in ten-thousandths of a collateral unit, exact.
 */
export function rankedAsk(option: PayOption, ask: bigint): bigint {
  return ask * (BPS + BigInt(option.handicapBps));
}

/** One priced way of paying: an option and an ask on the grid. */
export type PricedOption = { readonly option: PayOption; readonly ask: bigint };

/**
 * Prices each option with `wanted`, snaps the asks to the grid, and picks the one that ranks best: lowest ask
 * after handicap, then lowest cost, then lowest domain. Options for which `wanted` gives `undefined` or more
 * than fits are left out; `undefined` when none remains.
 *
 * @param options usually `payableOptions(opportunity)`.
 * @param wanted gives the collateral units wanted for paying with an option, unsnapped.
 */
export function bestPriced(
  opportunity: Opportunity,
  options: readonly PayOption[],
  wanted: (option: PayOption) => bigint | undefined,
): PricedOption | undefined {
  let best: PricedOption | undefined;
  for (const option of options) {
    const ask = wanted(option);
    const snapped = ask === undefined ? undefined : snapToTick(opportunity, ask);
    if (snapped === undefined) continue;
    const priced = { option, ask: snapped };
    if (best === undefined || ranksBefore(priced, best)) best = priced;
  }
  return best;
}

function ranksBefore(a: PricedOption, b: PricedOption): boolean {
  const ranks = [rankedAsk(a.option, a.ask), rankedAsk(b.option, b.ask)] as const;
  if (ranks[0] !== ranks[1]) return ranks[0] < ranks[1];
  const costs = [costInDebt(a.option), costInDebt(b.option)] as const;
  if (costs[0] !== costs[1]) return costs[0] < costs[1];
  return a.option.domain < b.option.domain;
}
