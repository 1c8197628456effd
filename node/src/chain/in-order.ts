import { createTransport, type Transport } from 'viem';
import { pause } from '../runtime/backoff.ts';
import { isRefusal, type Question, rateLimitOf, revertForm } from './answers.ts';
import { ChainError } from './errors.ts';

/** Milliseconds after which all are asked once more, if that is wanted and none of them answered. */
const AGAIN_MS = 150;

/**
 * Makes a transport that asks the first of `requests`, the next if that fails, and so on. A revert is the
 * chain's answer; any other error of an endpoint is that endpoint's, and the next is asked. The transport
 * waits for no time that an endpoint names: the endpoint's health has the wait and its bound.
 * Rejects with the most telling of the errors: an endpoint's words before its silence.
 */
export function inOrder(
  requests: readonly ((question: Question, options?: { signal?: AbortSignal }) => Promise<unknown>)[],
  { isAskedAgain }: { readonly isAskedAgain: boolean },
): Transport {
  const round = async (question: Question, options?: { signal?: AbortSignal }) => {
    let failure: { readonly error: unknown } | undefined;
    for (const request of requests) {
      try {
        return await request(question, options);
      } catch (error) {
        if (revertForm(error) !== undefined) throw error;
        if (failure === undefined || rank(error) > rank(failure.error)) failure = { error };
      }
    }
    throw failure?.error;
  };
  return () =>
    createTransport({
      key: 'inOrder',
      name: 'In order',
      type: 'inOrder',
      retryCount: 0,
      request: (async (question: Question, options?: { signal?: AbortSignal }) => {
        try {
          return await round(question, options);
        } catch (error) {
          if (!isAskedAgain || rank(error) > 0) throw error;
          if (!(await pause(AGAIN_MS, options?.signal ?? new AbortController().signal))) throw error;
          return await round(question, options);
        }
      }) as never,
    });
}

/** Ranks errors by what they tell: a refusal, a rate limit or quarantine, no answer. */
function rank(error: unknown): number {
  if (rateLimitOf(error) !== undefined || error instanceof ChainError) return 1;
  return isRefusal(error) ? 2 : 0;
}
