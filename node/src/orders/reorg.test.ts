import { TransactionReceiptNotFoundError, toEventSelector } from 'viem';
import { expect, test } from 'vitest';
import { ESCROW } from '../../test/arena.ts';
import { SEEN } from '../../test/orders.ts';
import type { Chain } from '../chain/client.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import { createUndo } from './reorg.ts';

const INTENT = '0x01';
const RANGE = { fromBlock: 0n, toBlock: 20n };

/** Undo over one recorded fact (`refused`) and a chain that says this of its transaction. */
function setUp(receipt: () => Promise<unknown>) {
  const recorded: OrderEvent[] = [];
  const metrics = createCounters();
  const undo = createUndo({
    engine: {
      factsIn: () => [{ intent: INTENT, fact: { type: 'refused', seen: SEEN } }],
      forgetParked: () => undefined,
      record: async (_, events) => void recorded.push(...events),
    },
    chain: { name: 'alpha', agreed: { getTransactionReceipt: receipt } } as unknown as Chain,
    address: ESCROW,
    side: 'home',
    now: () => 7n,
    telemetry: { log: silentLogger(), metrics },
  });
  return { undo, recorded, metrics };
}

const voice = (topic: string) => [{ address: ESCROW, topics: [topic] }];
const refusedTopic = toEventSelector('FillRefused(bytes32)');
const reverted = { type: 'reverted', event: 'refused', seen: SEEN, at: 7n };

test('a fact that the batch has is not even asked for', async () => {
  const { undo, recorded } = setUp(() => Promise.reject(new TypeError('asked')));
  await undo([{ eventName: 'FillRefused', transactionHash: SEEN.tx, blockNumber: SEEN.block }], RANGE);
  expect(recorded).toEqual([]);
});

test('a log that an endpoint leaves out undoes nothing while its transaction stands', async () => {
  const { undo, recorded, metrics } = setUp(async () => ({
    blockNumber: SEEN.block,
    logs: voice(refusedTopic),
  }));
  await undo([], RANGE);
  expect(recorded).toEqual([]);
  expect(metrics.snapshot()).toEqual({ 'log_left_out{chain="alpha"}': 1 });
});

test('a transaction that is gone, elsewhere, or did something else takes its fact with it', async () => {
  const answers: (() => Promise<unknown>)[] = [
    () => Promise.reject(new TransactionReceiptNotFoundError({ hash: SEEN.tx })),
    async () => ({ blockNumber: SEEN.block + 1n, logs: voice(refusedTopic) }),
    async () => ({ blockNumber: SEEN.block, logs: voice(toEventSelector('FillSkipped(bytes32)')) }),
    async () => ({ blockNumber: SEEN.block, logs: [] }),
  ];
  for (const answer of answers) {
    const { undo, recorded } = setUp(answer);
    await undo([], RANGE);
    expect(recorded).toEqual([reverted]);
  }
});

test('an endpoint that does not answer is no evidence: the batch is refused, to be taken again', async () => {
  const { undo, recorded } = setUp(() => Promise.reject(new TypeError('down')));
  await expect(undo([], RANGE)).rejects.toThrow('down');
  expect(recorded).toEqual([]);
});
