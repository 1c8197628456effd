import { type AbiEvent, type Address, BaseError, type Hex, type Log, RpcRequestError } from 'viem';
import { rateLimitOf } from './answers.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';
import { despiteLag, isUnknownBlock } from './lagging.ts';
import { mayBeCut, meaningOf, rangesOf } from './log-ranges.ts';

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
  /** The hash of `toBlock`. */
  readonly hash: Hex;
};

/** Which logs of a chain. `args` narrows the logs of a single event by its indexed arguments. */
export type LogSource<E extends readonly AbiEvent[]> = {
  readonly chain: Chain;
  readonly address: Address | Address[];
  readonly events: E;
  readonly args?: Readonly<Record<string, unknown>>;
};

/** Blocks of one reading that are read each by its hash. */
const BY_HASH = 16n;

/** Blocks that a reader reads again, so that a reorganisation of as many is noticed. */
export const REREAD = 64n;

/**
 * Reads the logs of the blocks from `from` on, as many blocks as the chain's endpoints take and no further
 * than `most`. `head` is the newest agreed block. Blocks that lie deep enough are read as one range. Nodes
 * behind one address lag each other, and a node answers for a range that it does not have to its end: so the
 * last blocks are each read by hash, which a node that lacks the block refuses. Rejects if the chain cannot
 * be asked; the next reading is smaller then if that may help.
 */
export async function readRange<const E extends readonly AbiEvent[]>(
  source: LogSource<E>,
  { from, most, head }: { readonly from: bigint; readonly most: bigint; readonly head: bigint },
): Promise<LogBatch<E>> {
  const { chain } = source;
  const ranges = rangesOf(chain);
  const deep = head - BigInt(chain.config.maxLagBlocks);
  if (from > deep || from === most) return readByHash(source, from, least(most, from + BY_HASH - 1n));
  for (;;) {
    const to = least(least(most, deep), from + ranges.size() - 1n);
    const blocks = to - from + 1n;
    try {
      const [logs, block] = await Promise.all([
        getLogs(source, { fromBlock: from, toBlock: to }),
        chain.agreed.getBlock({ blockNumber: to }),
      ]);
      if (!mayBeCut(logs, blocks)) {
        ranges.took(blocks);
        return { logs, fromBlock: from, toBlock: to, hash: block.hash };
      }
      ranges.refused(blocks);
    } catch (error) {
      const meaning = meaningOf(error);
      if (meaning !== 'other') ranges.refused(blocks);
      if (meaning !== 'narrower' || blocks === 1n) throw error;
    }
  }
}

/**
 * Reads all logs between two blocks, the range of each batch no larger than the chain's endpoints take; the
 * newest batch first if `newestFirst`. Ends early if the consumer does. Rejects if the chain cannot be asked.
 */
export async function* readLogs<const E extends readonly AbiEvent[]>(
  source: LogSource<E>,
  bounds: { readonly fromBlock: bigint; readonly toBlock?: bigint; readonly newestFirst?: boolean },
): AsyncGenerator<LogBatch<E>, void, void> {
  const { chain } = source;
  const head = await chain.agreed.getBlockNumber({ cacheTime: 0 });
  const last = least(bounds.toBlock ?? head, head);
  let { fromBlock: low } = bounds;
  let high = last;
  while (low <= high) {
    if (bounds.newestFirst !== true) {
      const batch = await readRange(source, { from: low, most: high, head });
      yield batch;
      low = batch.toBlock + 1n;
      continue;
    }
    // A stretch is read to its end before the one below it.
    const size = rangesOf(chain).size();
    const bottom = high - size + 1n > low ? high - size + 1n : low;
    const batches: LogBatch<E>[] = [];
    for (let from = bottom; from <= high; ) {
      const batch = await readRange(source, { from, most: high, head });
      batches.unshift(batch);
      from = batch.toBlock + 1n;
    }
    yield* batches;
    high = bottom - 1n;
  }
}

/** All logs of a source from a block on, remembered, so that each reading asks for what is new alone. */
export type LogHistory<E extends readonly AbiEvent[]> = {
  /** Reads on to the newest block. Rejects if the chain cannot be asked; what was read is kept. */
  read(): Promise<readonly DecodedLog<E>[]>;
};

/** Creates a history from `fromBlock` on. The last 64 blocks are read again: they may have been replaced. */
export function createLogHistory<const E extends readonly AbiEvent[]>(
  source: LogSource<E>,
  { fromBlock }: { readonly fromBlock: bigint },
): LogHistory<E> {
  let logs: DecodedLog<E>[] = [];
  let next = fromBlock;
  let reading: Promise<readonly DecodedLog<E>[]> | undefined;
  const readOn = async () => {
    const start = next > fromBlock + REREAD ? next - REREAD : fromBlock;
    for await (const batch of readLogs(source, { fromBlock: start })) {
      logs = [...logs.filter(({ blockNumber }) => blockNumber < batch.fromBlock), ...batch.logs];
      next = batch.toBlock + 1n;
    }
    return logs;
  };
  return {
    read() {
      reading ??= readOn().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

/** Reads blocks one by one, each by its hash, in one round of questions. */
async function readByHash<const E extends readonly AbiEvent[]>(
  source: LogSource<E>,
  from: bigint,
  to: bigint,
): Promise<LogBatch<E>> {
  const numbers = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
  const blocks = await Promise.all(
    numbers.map((blockNumber) =>
      despiteLag(source.chain, () => source.chain.agreed.getBlock({ blockNumber })),
    ),
  );
  blocks.forEach(({ parentHash }, index) => {
    const before = blocks[index - 1];
    if (before === undefined || before.hash === parentHash) return;
    throw new ChainError('BAD_ANSWER', 'The chain changed while its blocks were read', {
      meta: { chain: source.chain.name, from, to },
      retry: true,
    });
  });
  const logs = await Promise.all(blocks.map(({ hash, number }) => logsOf(source, hash, number)));
  const hash = blocks.at(-1)?.hash;
  if (hash === undefined) throw new RangeError(`No blocks between ${from} and ${to}`);
  return { logs: logs.flat(), fromBlock: from, toBlock: to, hash };
}

async function logsOf<const E extends readonly AbiEvent[]>(
  source: LogSource<E>,
  blockHash: Hex,
  number: bigint,
): Promise<DecodedLog<E>[]> {
  try {
    return await despiteLag(source.chain, () => getLogs(source, { blockHash }));
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return getLogs(source, { fromBlock: number, toBlock: number });
  }
}

/** Tells whether an endpoint does not read logs by a block's hash, as opposed to not having the block. */
function isUnsupported(error: unknown): boolean {
  if (!(error instanceof BaseError) || rateLimitOf(error) !== undefined) return false;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(answer instanceof RpcRequestError) || isUnknownBlock(error)) return false;
  return (
    answer.code === -32601 || answer.code === -32602 || /support|invalid (param|arg)/i.test(answer.details)
  );
}

async function getLogs<const E extends readonly AbiEvent[]>(
  { chain, address, events, args }: LogSource<E>,
  place: { readonly blockHash: Hex } | { readonly fromBlock: bigint; readonly toBlock: bigint },
): Promise<DecodedLog<E>[]> {
  const [event] = events;
  const what = args === undefined || event === undefined ? { events } : { event, args };
  const logs: unknown[] = await chain.agreed.getLogs({ address, ...what, ...place, strict: true } as never);
  return logs as DecodedLog<E>[];
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
