import type { Seconds } from '@gavel/protocol';
import type { Hex } from 'viem';
import { type ChainClock, createChainClock } from './chain-clock.ts';
import { type Chain, chainOf } from './client.ts';
import type { Sender } from './sender.ts';
import { type DescribeToken, describeToken } from './tokens.ts';

/** The configured chains of one node: connections, the time on each, their tokens, and senders. */
export type ChainAccess = {
  readonly byName: ReadonlyMap<string, Chain>;
  /** The observed heads of each chain, by its name. */
  readonly clocks: ReadonlyMap<string, ChainClock>;
  readonly describe: DescribeToken;
  /** Returns the configured chain of a Hyperlane domain. Throws CHAIN_NOT_CONFIGURED. */
  readonly chainOf: (domain: number) => Chain;
  /** Returns a chain's own time, Unix seconds; undefined before its first head. */
  readonly chainTime: (chain: string) => Seconds | undefined;
  /** Makes senders of one key. */
  readonly sendersOf: (key: Hex) => (chain: Chain) => Sender;
};

/** Creates the access to `chains`, by name; `createSender` makes the sender of one key on one chain. */
export function createChainAccess(
  chains: ReadonlyMap<string, Chain>,
  createSender: (chain: Chain, key: Hex) => Sender,
): ChainAccess {
  const clocks = new Map([...chains.keys()].map((name) => [name, createChainClock()]));
  return {
    byName: chains,
    clocks,
    describe: describeToken,
    chainOf: (domain) => chainOf(chains, domain),
    chainTime: (name) => clocks.get(name)?.head()?.timestamp,
    sendersOf: (key) => (chain) => createSender(chain, key),
  };
}
