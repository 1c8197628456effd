import type { Address, PublicClient } from 'viem';
import type { MarketConfig } from '../config/schema.ts';
import { aavePositions, aaveValueInDebt } from './aave-v3.ts';
import { aaveMarginCalls, morphoMarginCalls, morphoMarginCallValue } from './margin-call.ts';
import { morphoPositions, morphoValueInDebt } from './morpho-blue.ts';
import type { PositionSource, ValueInDebt } from './source.ts';

/**
 * How positions of a kind of market are found, and its collateral is priced; `source` as the configuration
 * names it.
 */
export type Protocol = {
  readonly positions: () => PositionSource;
  readonly valueInDebt: (client: PublicClient, source: Address) => ValueInDebt;
};

/** Every kind of market that a node can serve. */
export const PROTOCOLS: Readonly<Record<MarketConfig['protocol'], Protocol>> = {
  'aave-v3': { positions: aavePositions, valueInDebt: aaveValueInDebt },
  'morpho-blue': { positions: morphoPositions, valueInDebt: morphoValueInDebt },
  // The adapter names Aave's addresses provider just as the pool does.
  'aave-margin-call': { positions: aaveMarginCalls, valueInDebt: aaveValueInDebt },
  'morpho-margin-call': { positions: morphoMarginCalls, valueInDebt: morphoMarginCallValue },
};
