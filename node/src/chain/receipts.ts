import { type Address, BaseError, type Hex, type TransactionReceipt } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { pause } from '../runtime/backoff.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';

/** Polls without a receipt after which the transaction is sent once more, in case it was dropped. */
const RESEND_EVERY = 10;

/**
 * Looks in a row that must find the nonce used and the receipt missing before another transaction is blamed.
 */
const TAKEN_POLLS = 5;

/** One of the transactions that compete for a nonce. */
export type SignedTx = { readonly raw: Hex; readonly hash: Hex };

/**
 * Waits through RPC failures until one of the `signedTxs` at a nonce is mined, sending the latest again now
 * and then; `onStuck` is called after each `stuckAfterMs` without a receipt, and may add an attempt. Throws
 * REPLACED if another transaction took the nonce, RECEIPT_TIMEOUT, or ABORTED.
 */
export async function awaitReceipt(options: {
  readonly chain: Chain;
  readonly from: Address;
  readonly nonce: number;
  readonly signedTxs: readonly SignedTx[];
  readonly resend: (raw: Hex) => Promise<void>;
  readonly onStuck: () => Promise<void>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeoutMs: number;
}): Promise<TransactionReceipt> {
  const { chain, from, nonce, signedTxs, log, signal, timeoutMs } = options;
  const { pollMs, fees } = chain.config;
  const latest = () => signedTxs.at(-1);
  const meta = () => ({ chain: chain.name, hash: latest()?.hash, from, nonce });
  const deadline = performance.now() + timeoutMs;
  let stuckAt = performance.now() + fees.stuckAfterMs;
  let takenFor = 0;
  for (let poll = 1; performance.now() < deadline; poll++) {
    try {
      // The count is read before the receipts: a count past our nonce with no receipt then means another took
      // it.
      const mined = await chain.agreed.getTransactionCount({ address: from, blockTag: 'latest' });
      const found = await Promise.all(signedTxs.map(({ hash }) => receiptOf(chain, hash)));
      const receipt = found.find((one) => one !== undefined);
      if (receipt !== undefined) return receipt;
      // Endpoints behind one address may see different heads, so one look does not prove it.
      takenFor = mined > nonce ? takenFor + 1 : 0;
      if (takenFor >= TAKEN_POLLS) {
        throw new ChainError('REPLACED', 'Another transaction took our nonce', { meta: meta(), retry: true });
      }
      if (performance.now() >= stuckAt) {
        stuckAt = performance.now() + fees.stuckAfterMs;
        await options.onStuck();
      }
      const last = latest();
      if (poll % RESEND_EVERY === 0 && last !== undefined) await options.resend(last.raw);
    } catch (error) {
      if (error instanceof ChainError && error.code === 'REPLACED') throw error;
      log.debug({ err: error, chain: chain.name, tx: latest()?.hash }, 'receipt not read yet');
    }
    if (!(await pause(pollMs, signal))) {
      throw new ChainError('ABORTED', 'Stopped while waiting: the transaction may still be mined', {
        meta: meta(),
      });
    }
  }
  throw new ChainError(
    'RECEIPT_TIMEOUT',
    `No receipt in ${timeoutMs / 1000} s: the transaction may still be mined`,
    { meta: meta(), retry: true },
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
