import { BaseError, BlockNotFoundError, RpcRequestError } from 'viem';
import { pause } from '../runtime/backoff.ts';
import type { Chain } from './client.ts';

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
export async function despiteLag<T>(chain: Chain, ask: () => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || !isUnknownBlock(error)) throw error;
      await pause(Math.min(PAUSE_MS, chain.config.pollMs), signal);
    }
  }
}

/** Tells whether an endpoint refused because it does not know the block that was asked about. */
export function isUnknownBlock(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  if (error.walk((cause) => cause instanceof BlockNotFoundError) !== null) return true;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  return answer instanceof RpcRequestError && UNKNOWN.test(answer.details);
}
