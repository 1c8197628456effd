import type { Answer } from '../http.ts';

/** A JSON-RPC question as it arrived. */
export type Asked = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** Asks the chain itself. */
type Ask = (method: string, params: readonly unknown[]) => Promise<Answer>;

/** Where a method's parameters name the block that is asked about. */
const BLOCK_AT: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
};

/**
 * Answers one question as a node does that is `lag` blocks behind the chain: it calls an older block the
 * latest, knows nothing of younger blocks, and answers for a range of logs as far as it has come.
 */
export async function answerAsLate({ method, params }: Asked, lag: number, ask: Ask): Promise<Answer> {
  const { result } = await ask('eth_blockNumber', []);
  const head = Math.max(0, Number(result) - lag);
  const hex = `0x${head.toString(16)}`;
  const unknown = { error: { code: -32000, message: 'header not found' } };
  const isYounger = (block: unknown) => typeof block === 'string' && Number(block) > head;
  const at = BLOCK_AT[method];
  if (at !== undefined) {
    const block = params[at];
    if (typeof block === 'string' && block.startsWith('0x'))
      return isYounger(block) ? unknown : ask(method, params);
    return ask(method, [...params.slice(0, at), hex, ...params.slice(at + 1)]);
  }
  switch (method) {
    case 'eth_blockNumber':
      return { result: hex };
    case 'eth_getBlockByNumber':
      if (isYounger(params[0])) return { result: null };
      return ask(method, [String(params[0]).startsWith('0x') ? params[0] : hex, params[1]]);
    case 'eth_getBlockByHash': {
      const answer = await ask(method, params);
      return isYounger((answer.result as { number?: unknown } | null)?.number) ? { result: null } : answer;
    }
    case 'eth_getTransactionReceipt':
    case 'eth_getTransactionByHash': {
      const answer = await ask(method, params);
      const { blockNumber } = (answer.result ?? {}) as { blockNumber?: unknown };
      return isYounger(blockNumber) ? { result: null } : answer;
    }
    case 'eth_getLogs': {
      const filter = params[0] as { blockHash?: unknown; fromBlock?: unknown; toBlock?: unknown };
      if (filter.blockHash !== undefined) {
        const block = await ask('eth_getBlockByHash', [filter.blockHash, false]);
        return isYounger((block.result as { number?: unknown } | null)?.number)
          ? unknown
          : ask(method, params);
      }
      if (isYounger(filter.fromBlock)) return { result: [] };
      return ask(method, [{ ...filter, toBlock: isYounger(filter.toBlock) ? hex : (filter.toBlock ?? hex) }]);
    }
    default:
      return ask(method, params);
  }
}
