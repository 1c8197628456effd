import { marketRegistryAbi } from '@gavel/abi';
import type { MarketId } from '@gavel/protocol';
import { type Address, getAbiItem } from 'viem';
import type { Chain } from '../chain/client.ts';
import { createLogHistory, type LogHistory } from '../chain/read-logs.ts';

const TERMS_SET = getAbiItem({ abi: marketRegistryAbi, name: 'DebtTermsSet' });

type History = LogHistory<readonly [typeof TERMS_SET]>;

const histories = new WeakMap<Chain, Map<MarketId, History>>();

/**
 * Lists the debt tokens a market has ever served, from its registry's log. The log is read from the chain's
 * `fromBlock` once, and after that from where the last reading ended. Rejects if the chain cannot be asked.
 */
export async function debtTokensOf(chain: Chain, market: MarketId): Promise<Address[]> {
  const ofChain = histories.get(chain) ?? new Map<MarketId, History>();
  histories.set(chain, ofChain);
  const history = ofChain.get(market) ?? historyOf(chain, market);
  ofChain.set(market, history);
  const logs = await history.read();
  return [...new Set(logs.map(({ args }) => args.debt))];
}

function historyOf(chain: Chain, market: MarketId): History {
  const { config, contracts } = chain;
  const source = { chain, address: contracts.registry, events: [TERMS_SET], args: { market } } as const;
  return createLogHistory(source, { fromBlock: config.fromBlock });
}
