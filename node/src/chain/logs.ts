import type { AbiEvent, Address, Hex, Log } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { createBackoff, pause } from '../runtime/backoff.ts';
import { refusalOf } from './broadcast.ts';
import type { Chain } from './client.ts';

/** A decoded log: `eventName`, `args`, and where it was found. Fits its event's declaration strictly. */
export type DecodedLog<E extends readonly AbiEvent[] = readonly AbiEvent[]> = LogOf<E[number]>;

type LogOf<Event> = Event extends AbiEvent
  ? Log<bigint, number, false, Event, true, readonly [Event], Event['name']>
  : never;

/** Tells whether a log is of `event`. The RPC client has decoded the log by the event of that name. */
export function isLogOf<const E extends AbiEvent>(log: DecodedLog, event: E): log is DecodedLog & LogOf<E> {
  return log.eventName === event.name;
}

/**
 * All logs of one range, both ends included, in chain order: persist `toBlock` as the cursor when done.
 * What an earlier batch had in this range and this one lacks is gone from the chain.
 */
export type LogBatch<E extends readonly AbiEvent[] = readonly AbiEvent[]> = {
  readonly logs: DecodedLog<E>[];
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
};

/** Blocks asked for at first, at most, and read again after a reorganisation. */
const FIRST_RANGE = 2_000n;
const MOST_RANGE = 10_000n;
export const REREAD = 64n;

type Cursor = { next: bigint; last: { number: bigint; hash: Hex } | undefined; range: bigint };

/**
 * Yield the logs of `events` from `fromBlock` on, without gaps, then follow the head less `confirmations`.
 * Empty ranges are yielded too. Ranges shrink when an endpoint refuses them. A range counts only if the
 * endpoint that answered knows its last block. After a reorganisation the last 64 blocks are read again, so a
 * log may come twice: consumers must be idempotent. RPC failures are reported and retried. Ends when `signal`
 * aborts.
 */
export async function* followLogs<const E extends readonly AbiEvent[]>(options: {
  readonly chain: Chain;
  readonly address: Address | Address[];
  readonly events: E;
  readonly fromBlock: bigint;
  readonly confirmations: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): AsyncGenerator<LogBatch<E>, void, void> {
  const { chain, fromBlock, signal, log } = options;
  const { pollMs } = chain.config;
  const backoff = createBackoff({ leastMs: pollMs, mostMs: Math.max(pollMs, 15_000), signal });
  const cursor: Cursor = { next: fromBlock, last: undefined, range: FIRST_RANGE };
  let failing = false;

  while (!signal.aborted) {
    let batch: LogBatch<E> | undefined;
    try {
      batch = await readNext(options, cursor);
    } catch (cause) {
      if (signal.aborted) return;
      const span = cursor.range;
      if (cursor.range > 1n) cursor.range /= 2n;
      if (span > 1n && refusalOf(cause) !== undefined) {
        log.debug({ err: cause, chain: chain.name, from: cursor.next, span }, 'range refused, split');
        continue;
      }
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
  options: {
    readonly chain: Chain;
    readonly address: Address | Address[];
    readonly events: E;
    readonly fromBlock: bigint;
    readonly confirmations: number;
    readonly log: Logger;
  },
  cursor: Cursor,
): Promise<LogBatch<E> | undefined> {
  const { chain, address, events, fromBlock, confirmations, log } = options;
  const client = chain.agreed;
  const head = await client.getBlockNumber();
  const confirmed = head - BigInt(confirmations);
  if (confirmed < cursor.next) return undefined;
  if (cursor.last !== undefined && (await hasForked(chain, cursor.last))) {
    const back = cursor.next > REREAD ? cursor.next - REREAD : 0n;
    log.warn({ chain: chain.name, from: back, to: cursor.next }, 'chain reorganised, logs read again');
    cursor.next = back > fromBlock ? back : fromBlock;
    cursor.last = undefined;
  }
  const from = cursor.next;
  const most = from + cursor.range - 1n;
  const to = most < confirmed ? most : confirmed;
  cursor.range = to - from + 1n;
  // One batch, so the same endpoints: they vouch for the range by knowing its last block.
  const [logs, block] = await Promise.all([
    client.getLogs({ address, events, fromBlock: from, toBlock: to, strict: true }),
    client.getBlock({ blockNumber: to }),
  ]);
  cursor.next = to + 1n;
  cursor.last = { number: to, hash: block.hash };
  const doubled = cursor.range * 2n;
  cursor.range = doubled < MOST_RANGE ? doubled : MOST_RANGE;
  return { logs: logs as unknown[] as DecodedLog<E>[], fromBlock: from, toBlock: to };
}

async function hasForked(chain: Chain, last: { number: bigint; hash: Hex }): Promise<boolean> {
  const block = await chain.agreed.getBlock({ blockNumber: last.number });
  return block.hash !== last.hash;
}
