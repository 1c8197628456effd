import { setTimeout as timer } from 'node:timers/promises';
import { BaseError } from 'viem';
import type { OnRelayerEvent } from './events.ts';

/** What a loop that talks to a chain runs under. */
export interface Retrying {
  /** Milliseconds between looks. */
  readonly pollMs: number;
  /** Ends the loop. */
  readonly signal: AbortSignal;
  readonly onEvent: OnRelayerEvent;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/** Computes how long to wait before the given attempt's successor: doubling, from 250 ms to 5 s. */
export function backoff(attempt: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10));
}

/** Says in a line why something failed. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof BaseError) return [cause.shortMessage, cause.details].filter(Boolean).join(': ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** Wait, or return early when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timer(ms, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}

/**
 * Makes reads of one chain that outlast its failures: each failure is reported, none is taken for an answer.
 */
export function retried(chain: string, { pollMs, signal, onEvent }: Retrying) {
  /** Reads until it succeeds; `undefined` only once the signal has aborted. */
  const once = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        return await read();
      } catch (cause) {
        const retryInMs = backoff(attempt);
        onEvent({ event: 'rpc-failed', chain, attempt, retryInMs, reason: reasonOf(cause) });
        await pause(retryInMs, signal);
      }
    }
    return undefined;
  };
  /** Yields a fresh reading every `pollMs` until the signal aborts. */
  async function* poll<T>(read: () => Promise<T>): AsyncGenerator<T> {
    while (!signal.aborted) {
      const value = await once(read);
      if (value === undefined) return;
      yield value;
      await pause(pollMs, signal);
    }
  }
  return { once, poll };
}
