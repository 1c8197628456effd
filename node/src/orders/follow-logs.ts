import type { AbiEvent, Address } from 'viem';
import type { Chain } from '../chain/client.ts';
import { followLogs } from '../chain/logs.ts';
import { type DecodedLog, REREAD } from '../chain/read-logs.ts';
import type { Logger } from '../observe/logger.ts';
import { createBackoff } from '../runtime/backoff.ts';
import type { Cursors } from '../store/store.ts';

/**
 * Takes every log of a contract in order, from where the cursor of that name stands. The cursor moves only
 * when `take` has made a batch durable; a batch that fails is taken again. `fromBlock` counts where there is
 * no cursor, or none is kept. A start reads the last blocks before the cursor again: the chain may have been
 * reorganised meanwhile.
 */
export async function followEvidence<const E extends readonly AbiEvent[]>(options: {
  readonly chain: Chain;
  readonly address: Address;
  readonly events: E;
  readonly fromBlock: bigint;
  readonly confirmations: number;
  readonly cursor?: { readonly name: string; readonly cursors: Cursors };
  readonly ingest: (logs: DecodedLog<E>[], range: { fromBlock: bigint; toBlock: bigint }) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): Promise<void> {
  const { chain, address, events, confirmations, cursor, ingest, signal, log } = options;
  const reached = cursor === undefined ? undefined : await cursor.cursors.get(cursor.name);
  const again = reached === undefined ? 0n : reached + 1n - REREAD;
  const fromBlock = again > options.fromBlock ? again : options.fromBlock;
  const backoff = createBackoff({ leastMs: 250, mostMs: 15_000, signal });
  for await (const { logs, fromBlock: from, toBlock } of followLogs({
    chain,
    address,
    events,
    fromBlock,
    confirmations,
    signal,
    log,
  })) {
    for (;;) {
      try {
        await ingest(logs, { fromBlock: from, toBlock });
        if (cursor !== undefined) await cursor.cursors.set(cursor.name, toBlock);
        break;
      } catch (error) {
        if (signal.aborted) return;
        log.warn(
          { err: error, chain: chain.name, toBlock, logs: logs.length },
          'logs not ingested, trying again',
        );
        if (!(await backoff.wait())) return;
      }
    }
    backoff.reset();
  }
}
