import type { Address } from 'viem';

/** A value of a contract's argument or rule, as written in the file. */
export type Scalar = string | number | boolean;

/**
 * An argument of a constructor as written in the file: one value, a list for an array, a mapping for a
 * struct.
 */
export type Argument = Scalar | readonly Argument[] | { readonly [field: string]: Argument };

/** An account that governs. */
export interface Governor {
  readonly address: Address;
  /** Accepts an account without code: a key that one person can lose or leak. */
  readonly withoutCode: boolean;
}

/** What a chain's transactions may cost, and when they count. */
export interface TransactionRules {
  /**
   * Most that a unit of gas may cost, wei; without it, no more than five times the fee of the first attempt.
   */
  readonly maxFee?: bigint;
  /** Most of a unit's fee that goes to the block's producer, wei. */
  readonly maxPriorityFee?: bigint;
  /** Blocks that must hold a transaction, its own included, before the next one is sent. */
  readonly confirmations: number;
  /** Seconds after which a transaction that no block holds is sent again at a higher fee. */
  readonly replaceAfter: number;
}

/** The words that accept the mailbox's default security module. */
export const MAILBOX_DEFAULT = "the mailbox's default";

/** How a market's debt can be paid from another chain. */
export interface RouteConfig {
  /** Of the pay chain in the file. */
  readonly payChain: string;
  /** Of the token on the pay chain. */
  readonly token: string;
  /**
   * Hyperlane warp route on the pay chain that carries payments home. Makes a bridge there and a receiver
   * here; without it the payments go to the field `treasury` on the pay chain.
   */
  readonly warpRoute?: Address;
  /**
   * Most of each order's own fee that goes to the account that reported it, whole units of the debt token.
   */
  readonly reimbursement?: Scalar;
  /** Further fields of the registry's `Route`, by name: treasury, feeBps, handicapBps, … */
  readonly fields: Readonly<Record<string, Scalar>>;
}

/** What a debt token of a market may cost. Amounts are whole units of the token, decimal. */
export interface DebtConfig {
  readonly token: string;
  readonly amounts: Readonly<Record<string, Scalar>>;
  readonly routes: readonly RouteConfig[];
}

/** One lending market on one chain. */
export interface MarketConfig {
  /** ASCII, at most 32 characters. */
  readonly id: string;
  readonly adapter:
    | { readonly address: Address }
    | {
        /** Name of one of Gavel's contracts. */
        readonly contract: string;
        /** File of another compiled contract, as forge writes it. */
        readonly artifact?: string;
        readonly args: Readonly<Record<string, Argument>>;
      };
  readonly treasury: Address;
  readonly collaterals: readonly string[];
  readonly auctioneers: readonly Address[];
  readonly threshold: number;
  /** Fields of the registry's `Terms` that differ from the defaults. */
  readonly terms: Readonly<Record<string, Scalar>>;
  readonly debts: readonly DebtConfig[];
}

/** One chain's part of the deployment. */
export interface ChainConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Hyperlane's; need not be the chain id. */
  readonly domain: number;
  readonly mailbox: Address;
  /**
   * Seconds a new key, a new payout or a withdrawal of a bond waits; no shorter than any market's quote and
   * landing windows.
   */
  readonly bondDelay: number;
  /**
   * Verifies messages to both escrows. Every chain of a route names one, or accepts in words that the
   * mailbox's owner can replace its default at once.
   */
  readonly securityModule?: Address | typeof MAILBOX_DEFAULT;
  /** Governs after the handover, with the file's `delay` on everything. */
  readonly admin: Governor;
  /** May pause, lower caps and cancel scheduled changes, at once. */
  readonly guardian: Governor;
  readonly transactions: TransactionRules;
  readonly tokens: Readonly<Record<string, Address>>;
  /**
   * One vault per debt token, by the token's name; further constructor arguments by name: redemptionDelay, …
   */
  readonly vaults: readonly { readonly token: string; readonly args: Readonly<Record<string, Scalar>> }[];
  readonly markets: readonly MarketConfig[];
}

/** A whole deployment. */
export interface Config {
  /** Part of every address: another salt is another deployment. */
  readonly salt: string;
  /** Sends every transaction; part of every address. */
  readonly deployer: Address;
  /** Seconds between scheduling a change and executing it; longer than any vault's redemption. */
  readonly delay: number;
  readonly chains: readonly ChainConfig[];
}
