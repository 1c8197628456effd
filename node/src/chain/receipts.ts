import { type Address, BaseError, type Hex, type TransactionReceipt } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { pause } from './backoff.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';

/** Polls without a receipt after which the transaction is sent once more, in case it was dropped. */
const RESEND_EVERY = 10;

/** Looks in a row that must find the nonce used and the receipt missing before another transaction is blamed. */
const TAKEN_POLLS = 5;

/**
 * Wait for a transaction's receipt through RPC failures, sending it again now and then. Throws REPLACED if another
 * transaction took its nonce, RECEIPT_TIMEOUT, or ABORTED.
 */
export async function awaitReceipt(options: {
  readonly chain: Chain;
  readonly from: Address;
  readonly raw: Hex;
  readonly hash: Hex;
  readonly nonce: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeoutMs: number;
}): Promise<TransactionReceipt> {
  const { chain, from, raw, hash, nonce, log, signal, timeoutMs } = options;
  const meta = { chain: chain.name, hash, from, nonce };
  const { pollMs } = chain.config;
  const deadline = performance.now() + timeoutMs;
  let takenFor = 0;
  for (let poll = 1; performance.now() < deadline; poll++) {
    try {
      // The count is read before the receipt: a count past our nonce with no receipt then means another took it.
      const mined = await chain.agreed.getTransactionCount({ address: from, blockTag: 'latest' });
      const receipt = await receiptOf(chain, hash);
      if (receipt !== undefined) return receipt;
      // Endpoints behind one address may see different heads, so one look is not enough to say so.
      takenFor = mined > nonce ? takenFor + 1 : 0;
      if (takenFor >= TAKEN_POLLS) {
        throw new ChainError('REPLACED', 'Another transaction took our nonce', { meta, retry: true });
      }
      if (poll % RESEND_EVERY === 0) await chain.client.sendRawTransaction({ serializedTransaction: raw });
    } catch (error) {
      if (error instanceof ChainError) throw error;
      log.debug({ err: error, chain: chain.name, tx: hash }, 'receipt not read yet');
    }
    if (!(await pause(pollMs, signal))) {
      throw new ChainError('ABORTED', 'Stopped while waiting: the transaction may still be mined', { meta });
    }
  }
  throw new ChainError(
    'RECEIPT_TIMEOUT',
    `No receipt in ${timeoutMs / 1000} s: the transaction may still be mined`,
    {
      meta,
      retry: true,
    },
  );
}

async function receiptOf(chain: Chain, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await chain.agreed.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof BaseError && error.name === 'TransactionReceiptNotFoundError') return undefined;
    throw error;
  }
}
