import { BaseError, BlockNotFoundError, isHex, RpcRequestError } from 'viem';
import type { ChainConfig } from '../config/schema.ts';
import { pause } from '../runtime/backoff.ts';
import type { Question } from './answers.ts';

/** Where a method's parameters name the block that is asked about. */
const BLOCK_AT: Readonly<Record<string, number>> = {
  eth_getBlockByNumber: 0,
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};

/** Times that a question is asked, and the longest pause between them, milliseconds. */
const TRIES = 5;
const PAUSE_MS = 1_000;

/** What node software says of a block that it does not have, or not yet. */
const UNKNOWN =
  /(header|block|state)( .{0,80})? (not found|not available|is not available|unavailable)|unknown block|missing trie node|cannot find block|could not find block|block ?out ?of ?range|(future|beyond current head|requested block is higher)/i;

/**
 * Asks a question about a block again, a few times, while the endpoint does not know the block. Nodes behind
 * one address lag each other: one has told of the block, and another is asked. Rejects with the last error.
 */
export async function despiteLag<T>(
  { config }: { readonly config: Pick<ChainConfig, 'pollMs'> },
  ask: () => Promise<T>,
): Promise<T> {
  const { signal } = new AbortController();
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || !isUnknownBlock(error)) throw error;
      await pause(Math.min(PAUSE_MS, config.pollMs), signal);
    }
  }
}

/**
 * Wraps the questions to one endpoint. What it does not know of a block that it has told of already, a node
 * that lags has answered: it is asked again. `pollMs` is the pause between, in milliseconds.
 */
export function withoutLag(
  ask: (question: Question) => Promise<unknown>,
  pollMs: number,
): (question: Question) => Promise<unknown> {
  const { signal } = new AbortController();
  let shown = -1n;
  return async (question) => {
    const block = namedBlock(question);
    for (let tries = 1; ; tries++) {
      const isLast = tries === TRIES || block === undefined || block > shown;
      try {
        const result = await ask(question);
        const head = headIn(question, result);
        if (head !== undefined && head > shown) shown = head;
        if (result !== null || isLast) return result;
      } catch (error) {
        if (isLast || !isUnknownBlock(error)) throw error;
      }
      await pause(Math.min(PAUSE_MS, pollMs), signal);
    }
  };
}

/** Returns the number of the block that a question is about; undefined if it names none. */
function namedBlock({ method, params }: Question): bigint | undefined {
  const at = BLOCK_AT[method];
  const block: unknown = at !== undefined && Array.isArray(params) ? params[at] : undefined;
  return isHex(block) && block.length <= 18 ? BigInt(block) : undefined;
}

/** Returns the head that an answer tells of. */
function headIn({ method, params }: Question, result: unknown): bigint | undefined {
  if (method === 'eth_blockNumber') return isHex(result) ? BigInt(result) : undefined;
  if (method !== 'eth_getBlockByNumber' || !Array.isArray(params) || params[0] !== 'latest') return undefined;
  const { number } = (result ?? {}) as { number?: unknown };
  return isHex(number) ? BigInt(number) : undefined;
}

/** Tells whether an endpoint refused because it does not know the block that was asked about. */
export function isUnknownBlock(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (error.walk((cause) => cause instanceof BlockNotFoundError) !== null) return true;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  return answer instanceof RpcRequestError && UNKNOWN.test(answer.details);
}
