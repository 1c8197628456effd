import { isGavelError } from '@gavel/protocol';
import { type Address, BaseError, type Hex, HttpRequestError, RpcRequestError, TimeoutError } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { type Chain, quorumOf } from './client.ts';
import { ChainError } from './errors.ts';

/** A signed transaction as far as the chain can tell whether it is possible. Gas in gas units, wei. */
export type Broadcast = {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly from: Address;
  readonly nonce: number;
  /** The most that it may cost, wei. */
  readonly cost: bigint;
  /**
   * A block from before its first broadcast: a nonce that was used by then is another transaction's.
   * Undefined for a transaction without an effect, for which it does not matter whose the nonce is.
   */
  readonly since: bigint | undefined;
};

/**
 * What became of a broadcast: an endpoint took the transaction or knows it; none said so, and it may be
 * mined all the same; or another transaction was mined at its nonce.
 */
export type Outcome = 'sent' | 'unsure' | 'nonceTaken';

/** Rounds of broadcasting one transaction: its queue goes on then, and its receipt is awaited. */
const ROUNDS = 4;

/** Codes of connections that were not made. */
const UNHEARD: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * Broadcasts a signed transaction. Sending the same bytes again is harmless. What an endpoint says against a
 * transaction proves nothing: it may have taken the transaction before, may lag, may be overloaded, may speak
 * for another node. So after any refusal the chain is asked whether the transaction is known, and whether
 * anything makes it impossible. Throws REFUSED with the endpoint's words if the account cannot pay for the
 * transaction, or ABORTED.
 */
export async function broadcast(options: {
  readonly chain: Chain;
  readonly transaction: Broadcast;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Promise<Outcome> {
  const { chain, transaction, log, signal } = options;
  const { raw, hash } = transaction;
  const backoff = createBackoff({ leastMs: chain.config.pollMs, mostMs: 2_000, signal });
  for (let round = 1; ; round++) {
    try {
      await chain.client.sendRawTransaction({ serializedTransaction: raw });
      return 'sent';
    } catch (cause) {
      const words = refusalOf(cause);
      const fields = { err: cause, chain: chain.name, tx: hash, ...(words === undefined ? {} : { words }) };
      const found = await lookFor(chain, transaction);
      if (found === 'known') return 'sent';
      if (found === 'nonceTaken' || found === 'unsure') return found;
      if (found === 'unaffordable' && words !== undefined) {
        throw new ChainError('REFUSED', 'The transaction was refused: the account cannot pay for it', {
          meta: { chain: chain.name, hash, words },
          cause,
        });
      }
      if (round === ROUNDS) {
        log.warn(fields, 'transaction not known to be taken, it is awaited and sent again');
        return 'unsure';
      }
      log.warn(fields, 'transaction not taken yet, sent again');
      if (!(await backoff.wait())) {
        throw new ChainError('ABORTED', 'Stopped while sending: the transaction may still be mined', {
          meta: { chain: chain.name, hash },
          cause,
        });
      }
    }
  }
}

/**
 * Asks the chain what it knows of a transaction. `unsure` if its nonce was used since it was signed, by
 * itself or by another; undefined if the chain proves nothing, or cannot be asked.
 */
async function lookFor(
  chain: Chain,
  { hash, from: address, nonce, cost, since }: Broadcast,
): Promise<'known' | Outcome | 'unaffordable' | undefined> {
  try {
    if (await isKnown(chain, hash)) return 'known';
    const mined = await chain.agreed.getTransactionCount({ address, blockTag: 'latest' });
    if (mined > nonce) {
      if (since === undefined) return 'nonceTaken';
      const before = await chain.agreed.getTransactionCount({ address, blockNumber: since });
      return before > nonce ? 'nonceTaken' : 'unsure';
    }
    const balance = await chain.agreed.getBalance({ address });
    return balance < cost ? 'unaffordable' : undefined;
  } catch {
    return undefined; // the caller reports the refusal itself
  }
}

/**
 * Decides which endpoints get a call's transactions. A private call's go to the private endpoint alone until
 * some blocks have passed: no refusal shows them to the public sooner, since an endpoint that refuses may
 * have taken the transaction. Only where the private endpoint was not reached at all they are public at once.
 */
export type Route = {
  /** Broadcasts a transaction. Throws as `broadcast` does. */
  send(transaction: Broadcast): Promise<Outcome>;
  /** Sends a transaction again: an endpoint may have forgotten it, or kept it to itself. */
  again(raw: Hex): Promise<void>;
};

/** Creates the route of one call. */
export function createRoute(options: {
  readonly chain: Chain;
  readonly isPrivate: boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Route {
  const { chain, log, signal } = options;
  const { privateEndpoint } = chain;
  let isPublic = !options.isPrivate;
  let since: bigint | undefined;
  let mayBeThere = false;

  /** Tells whether transactions are still held back from the public. */
  const isHeld = async (): Promise<boolean> => {
    if (isPublic || privateEndpoint === undefined) return false;
    try {
      const head = await chain.client.getBlockNumber();
      since ??= head;
      const blocks = head - since;
      if (blocks < BigInt(chain.config.publicAfterBlocks)) return true;
      log.info({ chain: chain.name, blocks }, 'private transaction not mined, sent to the public');
      isPublic = true;
      return false;
    } catch {
      return true; // how many blocks have passed is not known: it stays private
    }
  };

  const sendPrivately = async (raw: Hex): Promise<Outcome | 'unreachable'> => {
    if (privateEndpoint === undefined) return 'unreachable';
    try {
      await privateEndpoint.client.sendRawTransaction({ serializedTransaction: raw });
      mayBeThere = true;
      return 'sent';
    } catch (error) {
      const fields = { err: error, chain: chain.name, rpc: privateEndpoint.label };
      if (!mayBeThere && isUnheard(error)) {
        log.warn(fields, 'private rpc did not take the transaction, sent to the public');
        isPublic = true;
        return 'unreachable';
      }
      mayBeThere ||= !isUnheard(error);
      log.warn(fields, 'private rpc may not have taken the transaction, it is kept private and sent again');
      return 'unsure';
    }
  };

  return {
    async send(transaction) {
      const outcome = (await isHeld()) ? await sendPrivately(transaction.raw) : 'unreachable';
      if (outcome !== 'unreachable') return outcome;
      return broadcast({ chain, transaction, log, signal });
    },
    async again(raw) {
      if ((await isHeld()) && (await sendPrivately(raw)) !== 'unreachable') return;
      await Promise.allSettled(
        chain.endpoints.map(({ client }) => client.sendRawTransaction({ serializedTransaction: raw })),
      );
    },
  };
}

/** Tells whether an endpoint has not heard of a request, for another reason than the rate of requests. */
function isUnheard(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGavelError(cause, 'CHAIN_ID_MISMATCH')) return true;
    if (isGavelError(cause, 'QUARANTINED')) return !String(cause.meta.reasons).includes('rate limited');
    if (UNHEARD.has(String((cause as { code?: unknown }).code))) return true;
  }
  return false;
}

/** Returns the words of a node that answered with an error; undefined if it did not answer. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const silent = error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError);
  if (silent !== null) return undefined;
  const answered = error.walk((cause) => cause instanceof RpcRequestError);
  return answered instanceof RpcRequestError ? answered.details : undefined;
}

/**
 * Tells whether any endpoint knows a transaction, mined or waiting. Not to be known is what enough endpoints
 * must say. Throws UNREACHABLE.
 */
export async function isKnown(chain: Chain, hash: Hex): Promise<boolean> {
  const { endpoints, privateEndpoint } = chain;
  const asked = privateEndpoint === undefined ? endpoints : [...endpoints, privateEndpoint];
  const answers = await Promise.allSettled(asked.map(({ client }) => client.getTransaction({ hash })));
  if (answers.some(({ status }) => status === 'fulfilled')) return true;
  const without = answers.filter(
    (answer, index) =>
      index < endpoints.length &&
      answer.status === 'rejected' &&
      answer.reason instanceof BaseError &&
      answer.reason.name === 'TransactionNotFoundError',
  );
  if (without.length >= quorumOf(chain.config)) return false;
  const failed = answers.find((answer) => answer.status === 'rejected' && !without.includes(answer));
  throw new ChainError('UNREACHABLE', 'Could not learn whether a transaction is known', {
    meta: { chain: chain.name, hash },
    cause: failed?.status === 'rejected' ? failed.reason : undefined,
    retry: true,
  });
}
