import type { Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Config, MarketConfig } from '../config/schema.ts';
import { createHomeReads } from './home-reads.ts';
import { createMarket, type Market } from './market.ts';

/** A market with its part of the configuration and its chain. */
export type ServedMarket = { readonly market: Market; readonly config: MarketConfig; readonly chain: Chain };

/** Makes the configured markets. Markets of one chain share their remembered reads. */
export function serveMarkets(
  config: Pick<Config, 'markets'>,
  chains: ReadonlyMap<string, Chain>,
): ServedMarket[] {
  const reads = new Map([...chains.values()].map((chain) => [chain.name, createHomeReads(chain)]));
  return config.markets.flatMap((entry) => {
    const chain = chains.get(entry.chain);
    const read = reads.get(entry.chain);
    if (chain === undefined || read === undefined) return []; // the configuration's check has refused it already
    const home = { chainId: chain.chainId, escrow: chain.contracts.collateralEscrow };
    const { name, domain } = chain;
    return [
      {
        market: createMarket({ name: entry.id, chain: name, domain, home, reads: read }),
        config: entry,
        chain,
      },
    ];
  });
}

/** Finds served markets by the name of their chain and their id. */
export function marketOf(markets: readonly ServedMarket[]): (chain: string, id: Hex) => Market | undefined {
  return (chain, id) => markets.find(({ market }) => market.chain === chain && market.id === id)?.market;
}
