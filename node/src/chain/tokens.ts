import { type Address, erc20Abi } from 'viem';
import { memoize } from '../runtime/memo.ts';
import type { Chain } from './client.ts';

/** A token as its contract describes it. */
export type TokenFacts = { readonly address: Address; readonly symbol: string; readonly decimals: number };

/** A token of a chain. Rejects if the chain cannot be asked. */
export type DescribeToken = (chain: Chain, token: Address) => Promise<TokenFacts>;

/** Creates a describer that asks each token once: symbol and decimals do not change. */
export function createDescribeToken(chains: ReadonlyMap<string, Chain>): DescribeToken {
  const describe = memoize(4_096, async (name: string, token: string) => {
    const chain = chains.get(name);
    const address = token as Address;
    if (chain === undefined) return { address, symbol: '?', decimals: 0 };
    const contract = { address, abi: erc20Abi } as const;
    const [symbol, decimals] = await Promise.all([
      chain.agreed.readContract({ ...contract, functionName: 'symbol' }),
      chain.agreed.readContract({ ...contract, functionName: 'decimals' }),
    ]);
    return { address, symbol, decimals };
  });
  return (chain, token) => describe(chain.name, token);
}
