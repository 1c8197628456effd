import { BaseError, type Hex, HttpRequestError, RpcRequestError, TimeoutError } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';

/**
 * Broadcast a signed transaction until an endpoint has taken it. Sending the same bytes again is harmless, so
 * while endpoints are down, which leaves open whether it arrived, it is sent again. Returns `nonceTaken` if
 * another transaction has its nonce. Throws REFUSED with the node's words, or ABORTED.
 */
export async function broadcast(options: {
  readonly chain: Chain;
  readonly raw: Hex;
  readonly hash: Hex;
  /** Send it to the private endpoint alone, if there is one and it takes it. */
  readonly isPrivate?: boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Promise<'sent' | 'nonceTaken'> {
  const { chain, raw, hash, isPrivate = false, log, signal } = options;
  if (isPrivate && (await sendPrivately(chain, raw, log))) return 'sent';
  const backoff = createBackoff({ leastMs: chain.config.pollMs, mostMs: 10_000, signal });
  for (;;) {
    try {
      await chain.client.sendRawTransaction({ serializedTransaction: raw });
      return 'sent';
    } catch (cause) {
      const words = refusalOf(cause);
      if (words !== undefined && /already known|already imported|known transaction/i.test(words))
        return 'sent';
      if (
        words !== undefined &&
        /nonce too low|nonce.*already|replacement transaction underpriced/i.test(words)
      ) {
        return (await isKnown(chain, hash)) ? 'sent' : 'nonceTaken';
      }
      if (words !== undefined) {
        throw new ChainError('REFUSED', 'The node refused the transaction', {
          meta: { chain: chain.name, hash, words },
          cause,
        });
      }
      log.warn({ err: cause, chain: chain.name, tx: hash }, 'rpc failing, transaction will be sent again');
      if (!(await backoff.wait())) {
        throw new ChainError('ABORTED', 'Stopped while sending: the transaction may still be mined', {
          meta: { chain: chain.name, hash },
          cause,
        });
      }
    }
  }
}

/** Sends a signed transaction to the private endpoint; false if there is none or it did not take it. */
export async function sendPrivately(chain: Chain, raw: Hex, log: Logger): Promise<boolean> {
  if (chain.privateEndpoint === undefined) return false;
  try {
    await chain.privateEndpoint.client.sendRawTransaction({ serializedTransaction: raw });
    return true;
  } catch (error) {
    if (/already known|already imported|known transaction/i.test(refusalOf(error) ?? '')) return true;
    const fields = { err: error, chain: chain.name, rpc: chain.privateEndpoint.label };
    log.warn(fields, 'private rpc did not take the transaction, sent to the public');
    return false;
  }
}

/**
 * Sends a signed transaction again, to every endpoint: one of them may have forgotten it, or kept it to
 * itself.
 */
export async function sendToAll(chain: Chain, raw: Hex): Promise<void> {
  await Promise.allSettled(
    chain.endpoints.map(({ client }) => client.sendRawTransaction({ serializedTransaction: raw })),
  );
}

/** Returns the words of a node that answered with an error; undefined if it did not answer. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const silent = error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError);
  if (silent !== null) return undefined;
  const answered = error.walk((cause) => cause instanceof RpcRequestError);
  return answered instanceof RpcRequestError ? answered.details : undefined;
}

/** Tells whether an endpoint knows a transaction, mined or waiting. Throws UNREACHABLE. */
export async function isKnown(chain: Chain, hash: Hex): Promise<boolean> {
  try {
    await chain.client.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof BaseError && error.name === 'TransactionNotFoundError') return false;
    throw new ChainError('UNREACHABLE', 'Could not learn whose transaction has our nonce', {
      meta: { chain: chain.name, hash },
      cause: error,
      retry: true,
    });
  }
}
