import { addressKey, type Home, type MarketId, marketId } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { HomeReads } from './rules.ts';

/** A market this node serves, and how to read the chain it lives on. */
export type Market = {
  /** bytes32. */
  readonly id: Hex;
  readonly name: string;
  /** The configured name of its chain. */
  readonly chain: string;
  readonly domain: number;
  /** What its signatures are made for. */
  readonly home: Home;
  readonly reads: HomeReads;
};

/** Finds a served market by its id and its home, or undefined. */
export type FindMarket = (market: MarketId, homeDomain: number, escrow: Hex) => Market | undefined;

/** Index markets for lookup. Two homes may use one name for different markets. */
export function indexMarkets(markets: Iterable<Market>): FindMarket {
  const keyOf = (market: MarketId, domain: number, escrow: Hex) =>
    `${market}|${domain}|${addressKey(escrow)}`;
  const index = new Map(
    [...markets].map((market) => [keyOf(market.id, market.domain, market.home.escrow), market]),
  );
  return (market, domain, escrow) => index.get(keyOf(market, domain, escrow));
}

/** Makes a market from its configured name. Throws BAD_FIELD on a name that cannot be an id. */
export function createMarket(parts: Omit<Market, 'id'>): Market {
  return { ...parts, id: marketId(parts.name) };
}
