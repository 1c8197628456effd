import type { Address } from 'viem';
import { memoize } from '../runtime/memo.ts';
import type { Chain } from './client.ts';
import { describeToken, type TokenFacts } from './erc20.ts';

/** A token of a chain. Rejects if the chain cannot be asked. */
export type DescribeToken = (chain: Chain, token: Address) => Promise<TokenFacts>;

/** Creates a describer that asks each token once: symbol and decimals do not change. */
export function createDescribeToken(chains: ReadonlyMap<string, Chain>): DescribeToken {
  const describe = memoize(4_096, async (name: string, token: string) => {
    const chain = chains.get(name);
    const address = token as Address;
    if (chain === undefined) return { address, symbol: '?', decimals: 0 };
    return describeToken(chain.agreed, address);
  });
  return (chain, token) => describe(chain.name, token);
}
