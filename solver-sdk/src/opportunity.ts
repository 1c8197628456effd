import { tickOf } from '@gavel/protocol';
import { SdkError } from './errors.ts';

/** Bytes in hexadecimal, `0x` first. The same type as viem's `Hex`. */
export type Hex = `0x${string}`;

/** A token of one chain. `decimals` is what its contract says, and no two tokens need agree on it. */
export type Token = { readonly address: Hex; readonly symbol: string; readonly decimals: number };

/**
 * One chain on which the solver could pay for this liquidation. There is at most one option a domain.
 *
 * Two units occur: *pay token units* (the smallest unit of {@link PayOption.token}) and *debt units* (the
 * smallest unit of the opportunity's debt token). A field says which it is in.
 */
export type PayOption = {
  /** Hyperlane domain of the pay chain; not its chain id. */
  readonly domain: number;
  /** `local` when the pay chain is the home chain of the position. */
  readonly mode: 'local' | 'remote';
  /** What is paid. */
  readonly token: Token;
  /** The whole payment including keeper fee and route fee, in pay token units. */
  readonly payAmount: bigint;
  /** The whole payment in debt units. */
  readonly payInDebt: bigint;
  /** The solver's inventory less what earlier quotes reserved, in pay token units. */
  readonly available: bigint;
  /** The disadvantage of this route in the ranking, in basis points of the ask. Zero when local. */
  readonly handicapBps: number;
  /** Estimated own cost of gas and messages for paying this way, in debt units. */
  readonly gasInDebt: bigint;
  /**
   * The bond this way needs and what of the account's bond quotes may count on, in debt units. A remote order
   * locks what is `required`; a local quote locks none of it, and forfeits it if the money is not there.
   */
  readonly bond: { readonly required: bigint; readonly free: bigint };
};

/**
 * The kind of an opportunity. In an *auction* the ask is a signed quote. The others are collateral on offer
 * to any solver at a price that moves, and the ask is the least lot to pay for: it is paid, unasked again, as
 * soon as so much is offered.
 *
 * - `sale`: the lot of an order that was not paid, at home;
 * - `take`: a position that no auction liquidated, at home;
 * - `fill`: another's won order, late, on the chain it is to be paid on.
 */
export type Kind = 'auction' | 'sale' | 'take' | 'fill';

/** Every kind. */
export const KINDS = ['auction', 'sale', 'take', 'fill'] as const satisfies readonly Kind[];

/**
 * One liquidation on offer: everything a strategy may know, frozen to the last field.
 *
 * A strategy that wants to know more (a price of its own, a limit of the day) takes it as an option.
 */
export type Opportunity = {
  /** What the answer is for; see {@link Kind}. */
  readonly kind: Kind;
  /** EIP-712 digest of the intent; for a take, the key of the position. */
  readonly intent: Hex;
  /** The market's id, bytes32 (right-padded ASCII). */
  readonly market: Hex;
  /** The position in its adapter's canonical encoding. */
  readonly position: Hex;
  /** Hyperlane domain of the chain the position lives on. */
  readonly homeDomain: number;
  /** How many liquidations this position has had through Gavel. */
  readonly round: bigint;
  /** What the winner receives. */
  readonly collateral: Token;
  /** What the position owes. */
  readonly debt: Token;
  /** Debt to be repaid, in debt units. */
  readonly repay: bigint;
  /** The most collateral that can be seized, in collateral units. No ask may exceed it. */
  readonly seizable: bigint;
  /** The grid of asks, in collateral units: 1 bp of `seizable`, rounded down, at least 1. */
  readonly tick: bigint;
  /** Value of `seizable` by the lending market's own oracle, in debt units, rounded down. */
  readonly seizableInDebt: bigint;
  /** Health factor of the position, 1e18 = 1. */
  readonly health: bigint;
  /** When quotes close, in milliseconds since 1970. */
  readonly quoteBy: bigint;
  /** When the award can no longer land, in seconds since 1970. A quote promises its payment until then. */
  readonly openBy: bigint;
  /** The time of asking, in milliseconds since 1970. The only clock a strategy has. */
  readonly now: bigint;
  /** The ways in which the solver could pay; may be empty, and need not all be affordable. */
  readonly payOptions: readonly PayOption[];
};

/**
 * Returns a deeply frozen copy of an opportunity. The original is unchanged.
 */
export function freezeOpportunity(opportunity: Opportunity): Opportunity {
  return deepFreeze(structuredClone(opportunity));
}

/**
 * Freezes a value and everything reachable through its own fields, in place, and returns it. Functions and
 * the bytes of binary arrays are left as they are.
 */
export function deepFreeze<T>(value: T): T {
  freezeFrom(value, new Set());
  return value;
}

function freezeFrom(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) return;
  seen.add(value);
  Object.freeze(value);
  for (const field of Object.values(value)) freezeFrom(field, seen);
}

const UINT128_MAX = (1n << 128n) - 1n;

/**
 * Refuses an opportunity on which no quote could be right: one that contradicts itself or holds impossible
 * amounts.
 *
 * @throws SdkError BAD_OPPORTUNITY with every fault in `meta.faults`.
 */
export function assertCoherent(opportunity: Opportunity): void {
  const faults = faultsOf(opportunity);
  if (faults.length === 0) return;
  throw new SdkError('BAD_OPPORTUNITY', 'The opportunity contradicts itself', {
    meta: { intent: opportunity.intent, faults },
  });
}

function faultsOf(opportunity: Opportunity): string[] {
  const { repay, seizable, tick, seizableInDebt, homeDomain, payOptions } = opportunity;
  const faults: string[] = [];
  if (repay <= 0n || repay > UINT128_MAX) faults.push(`repay is ${repay}, expected 1 to 2^128 - 1`);
  if (seizable <= 0n || seizable > UINT128_MAX)
    faults.push(`seizable is ${seizable}, expected 1 to 2^128 - 1`);
  else if (tick !== tickOf(seizable)) faults.push(`tick is ${tick}, expected ${tickOf(seizable)}`);
  if (seizableInDebt < 0n) faults.push(`seizableInDebt is ${seizableInDebt}, expected none below 0`);
  const seen = new Set<number>();
  for (const option of payOptions) {
    const where = `payOptions of domain ${option.domain}`;
    if (seen.has(option.domain)) faults.push(`${where}: named twice, expected one option a domain`);
    seen.add(option.domain);
    const expected = option.domain === homeDomain ? 'local' : 'remote';
    if (option.mode !== expected) faults.push(`${where}: mode is ${option.mode}, expected ${expected}`);
    if (option.payAmount <= 0n)
      faults.push(`${where}: payAmount is ${option.payAmount}, expected more than 0`);
    if (option.payInDebt <= 0n)
      faults.push(`${where}: payInDebt is ${option.payInDebt}, expected more than 0`);
    if (option.gasInDebt < 0n)
      faults.push(`${where}: gasInDebt is ${option.gasInDebt}, expected none below 0`);
    if (!Number.isSafeInteger(option.handicapBps) || option.handicapBps < 0) {
      faults.push(`${where}: handicapBps is ${option.handicapBps}, expected a whole number from 0`);
    }
  }
  return faults;
}
