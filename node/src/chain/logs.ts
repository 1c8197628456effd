import type { AbiEvent, Hex } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { createBackoff, pause } from '../runtime/backoff.ts';
import type { Chain } from './client.ts';
import { type LogBatch, type LogSource, REREAD, readRange } from './read-logs.ts';

type Cursor = { next: bigint; last: { readonly number: bigint; readonly hash: Hex } | undefined };

/**
 * Yields the logs of `events` from `fromBlock` on, without gaps, then follows the head less `confirmations`.
 * Empty ranges are yielded too. After a reorganisation the last 64 blocks are read again, so a log may come
 * twice: consumers must be idempotent. RPC failures are reported and retried. Ends when `signal` aborts.
 */
export async function* followLogs<const E extends readonly AbiEvent[]>(
  options: LogSource<E> & {
    readonly fromBlock: bigint;
    readonly confirmations: number;
    readonly signal: AbortSignal;
    readonly log: Logger;
  },
): AsyncGenerator<LogBatch<E>, void, void> {
  const { chain, fromBlock, signal, log } = options;
  const { pollMs } = chain.config;
  const backoff = createBackoff({ leastMs: pollMs, mostMs: Math.max(pollMs, 15_000), signal });
  const cursor: Cursor = { next: fromBlock, last: undefined };
  let failing = false;

  while (!signal.aborted) {
    let batch: LogBatch<E> | undefined;
    try {
      batch = await readNext(options, cursor);
    } catch (cause) {
      if (signal.aborted) return;
      const fields = { err: cause, chain: chain.name, from: cursor.next };
      if (failing) log.debug(fields, 'rpc still failing');
      else log.warn(fields, 'rpc failing, logs delayed');
      failing = true;
      if (!(await backoff.wait())) return;
      continue;
    }
    if (failing) log.info({ chain: chain.name }, 'rpc answers again');
    failing = false;
    backoff.reset();
    if (batch !== undefined) yield batch;
    else if (!(await pause(pollMs, signal))) return;
  }
}

/** Reads the next range and moves the cursor; undefined if there is nothing new. */
async function readNext<const E extends readonly AbiEvent[]>(
  options: LogSource<E> & {
    readonly fromBlock: bigint;
    readonly confirmations: number;
    readonly log: Logger;
  },
  cursor: Cursor,
): Promise<LogBatch<E> | undefined> {
  const { chain, fromBlock, confirmations, log } = options;
  const head = await chain.agreed.getBlockNumber();
  const confirmed = head - BigInt(confirmations);
  if (confirmed < cursor.next) return undefined;
  if (cursor.last !== undefined && (await hasForked(chain, cursor.last))) {
    const back = cursor.next > REREAD ? cursor.next - REREAD : 0n;
    log.warn({ chain: chain.name, from: back, to: cursor.next }, 'chain reorganised, logs read again');
    cursor.next = back > fromBlock ? back : fromBlock;
    cursor.last = undefined;
  }
  const batch = await readRange(options, { from: cursor.next, most: confirmed, head });
  cursor.next = batch.toBlock + 1n;
  cursor.last = { number: batch.toBlock, hash: batch.hash };
  return batch;
}

async function hasForked(chain: Chain, last: { number: bigint; hash: Hex }): Promise<boolean> {
  const block = await chain.agreed.getBlock({ blockNumber: last.number });
  return block.hash !== last.hash;
}
