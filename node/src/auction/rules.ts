import type * as abi from '@gavel/abi';
import type { MarketId, PositionKey, Seconds } from '@gavel/protocol';
import type { Address, Hex } from 'viem';

/**
 * The rules of a market that nodes read. `slot` is in blocks, `quoteWindow` in milliseconds, the other
 * windows in seconds; `…Bps` are basis points: `fadeBps` of the repay amount, `minLotBps` of a full lot.
 */
export type Terms = Pick<
  abi.MarketTerms,
  | 'adapter'
  | 'stressBps'
  | 'maxAskBps'
  | 'lateBountyBps'
  | 'bonusBps'
  | 'fadeBps'
  | 'minLotBps'
  | 'slot'
  | 'quoteWindow'
  | 'landingWindow'
  | 'auctionLength'
  | 'takeDelay'
>;

/** What a debt token's landings cost, in debt units, and the vault that fronts them. */
export type DebtTerms = Pick<abi.DebtTerms, 'vault' | 'keeperFee' | 'minRepay'>;

/** How debt is paid from another domain. */
export type Route = Pick<
  abi.Route,
  'enabled' | 'payDecimals' | 'feeBps' | 'handicapBps' | 'payEscrow' | 'payToken'
>;

/** A market's auctioneers, ascending, and how many of them must sign. */
export type Council = { readonly members: readonly Address[]; readonly threshold: number };

/** Least health of a healthy position, WAD: `Seizures.HEALTHY`. */
export const HEALTHY = 10n ** 18n;

/**
 * What an adapter says of a position: amounts in token units, health in WAD. `repay` is 0 when it is healthy,
 * but as well while its protocol is paused or has nothing to pay out.
 */
export type Assessment = {
  readonly collateral: Address;
  readonly debt: Address;
  readonly repay: bigint;
  readonly seizable: bigint;
  readonly health: bigint;
};

/** A block: `timestamp` in seconds. */
export type BlockRef = { readonly number: bigint; readonly hash: Hex; readonly timestamp: Seconds };

/**
 * Reads a home chain at a block. Every function rejects when the chain cannot be asked or the call reverts;
 * none takes a failure for an empty answer.
 */
export type HomeReads = {
  /** Returns undefined if the chain answered, and has no such block (yet). */
  block(number: bigint): Promise<BlockRef | undefined>;
  terms(market: MarketId, block: bigint): Promise<Terms>;
  debtTerms(market: MarketId, debt: Address, block: bigint): Promise<DebtTerms>;
  route(market: MarketId, debt: Address, payDomain: number, block: bigint): Promise<Route>;
  council(market: MarketId, block: bigint): Promise<Council>;
  isCollateral(market: MarketId, token: Address, block: bigint): Promise<boolean>;
  isPaused(market: MarketId, block: bigint): Promise<boolean>;
  round(positionKey: PositionKey, block: bigint): Promise<bigint>;
  assess(adapter: Address, position: Hex, block: bigint): Promise<Assessment>;
  isKey(account: Address, key: Address, quoteBy: bigint, block: bigint): Promise<boolean>;
  isPayout(account: Address, payout: Address, quoteBy: bigint, block: bigint): Promise<boolean>;
  isLive(account: Address, epoch: bigint, quoteBy: bigint, block: bigint): Promise<boolean>;
  /** Until when an account is suspended after a fade, Unix seconds; 0 if it never was. */
  suspendedUntil(account: Address, block: bigint): Promise<bigint>;
  /**
   * What quotes may count on of a bond, debt units: the free part, less a withdrawal that could be paid
   * within an hour.
   */
  quotableBond(account: Address, token: Address, block: bigint): Promise<bigint>;
  /** A vault's idle float, debt units. */
  idle(vault: Address, block: bigint): Promise<bigint>;
  /** An account's balance, token units. */
  balance(account: Address, token: Address, block: bigint): Promise<bigint>;
};
