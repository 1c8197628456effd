import type { IntentDigest, MarketId, PositionKey, SignedQuote, Vote } from '@gavel/protocol';
import type { Address } from 'viem';

/** A vote on record: what binds this auctioneer until `openBy` (Unix seconds) has passed. */
export type VoteRecord = { readonly intent: IntentDigest; readonly openBy: bigint; readonly vote: Vote };

/** Money promised by one quote until its fate is known. */
export type Reservation = {
  readonly intent: IntentDigest;
  /** Pay chain, token and amount, pay token units. */
  readonly domain: number;
  readonly token: Address;
  readonly amount: bigint;
  /** Home chain, debt token and bond, debt units; 0 when local. */
  readonly homeDomain: number;
  readonly debt: Address;
  readonly bond: bigint;
  /** Unix seconds of the home chain: nothing can land after it. */
  readonly openBy: bigint;
  /** Names the round of the position, of whose promises at most one can bind; absent in older records. */
  readonly roundKey?: string;
};

/** A quote on record: what this solver promised, enough to judge any order that claims to rest on it. */
export type QuoteRecord = {
  readonly intent: IntentDigest;
  readonly signed: SignedQuote;
  readonly reservation: Reservation;
  /** Of the intent: debt and collateral units. */
  readonly repay: bigint;
  readonly seizable: bigint;
  readonly market: MarketId;
  readonly positionKey: PositionKey;
  readonly collateral: Address;
  readonly homeEscrow: Address;
};
