import { encodeAbiParameters, pad, toEventSelector } from 'viem';
import { expect, test } from 'vitest';
import { addressOf, DEBT, ESCROW } from '../../test/arena.ts';
import { createWon, SEEN } from '../../test/orders.ts';
import type { Chain } from '../chain/client.ts';
import { fold } from '../order/fold.ts';
import { countPayments, createTakeMemory } from './restore.ts';
import type { Payment } from './spending.ts';

const taker = addressOf('x');

/** A chain on which `taker` paid 7 units for a take and got 2 of them back. */
function setUp() {
  const asked: { fromBlock: bigint }[] = [];
  const spent: Payment[] = [];
  let isDown = false;
  const transfer = (from: `0x${string}`, to: `0x${string}`, value: bigint) => ({
    address: DEBT,
    topics: [toEventSelector('Transfer(address,address,uint256)'), pad(from), pad(to)],
    data: encodeAbiParameters([{ type: 'uint256' }], [value]),
  });
  const client = {
    getBlockNumber: async () => 10_000n,
    getLogs: async (filter: { fromBlock?: bigint; toBlock?: bigint }) => {
      if (isDown) throw new TypeError('no endpoint answers');
      const { fromBlock, toBlock } = filter;
      if (fromBlock === undefined || toBlock === undefined) return [];
      asked.push({ fromBlock });
      const isThere = fromBlock <= 9_000n && 9_000n <= toBlock;
      return isThere ? [{ transactionHash: pad('0x7a', { size: 32 }), blockNumber: 9_000n }] : [];
    },
    getTransactionReceipt: async () => ({ logs: [transfer(ESCROW, taker, 2n), transfer(taker, ESCROW, 7n)] }),
    // A block every second, the newest at 10,000 s.
    getBlock: async ({ blockNumber: number }: { blockNumber: bigint }) => ({
      number,
      hash: pad(`0x${number.toString(16)}`),
      parentHash: pad(`0x${(number - 1n).toString(16)}`),
      timestamp: number,
    }),
  };
  const chain = {
    name: 'alpha',
    domain: 1,
    agreed: client,
    config: { fromBlock: 10n, maxLagBlocks: 5 },
    contracts: { collateralEscrow: ESCROW },
  } as unknown as Chain;
  const memory = createTakeMemory({
    taker,
    spending: { spent: (payment) => void spent.push(payment) },
    now: () => 10_000_000n,
  });
  return { chain, memory, asked, spent, down: (value: boolean) => (isDown = value) };
}

test('takes of the last hour count towards the limits after a restart, read once from the chain', async () => {
  const { chain, memory, asked, spent } = setUp();
  await Promise.all([memory.recall(chain), memory.recall(chain)]);
  await memory.recall(chain);
  expect(new Set(asked.map(({ fromBlock }) => fromBlock)).size).toBe(asked.length);
  // An hour back, and not to the beginning.
  expect(asked.at(-1)?.fromBlock).toBeLessThan(10_000n - 3_700n);
  expect(asked.at(-1)?.fromBlock).toBeGreaterThan(10n);
  expect(spent).toEqual([
    { intent: pad('0x7a', { size: 32 }), domain: 1, token: DEBT, amount: 7n, at: 9_000_000n },
  ]);
  memory.add({ tx: '0x02', domain: 1, token: DEBT, amount: 3n });
  expect(spent.at(-1)).toEqual({ intent: '0x02', domain: 1, token: DEBT, amount: 3n, at: 10_000_000n });
});

test('while a chain does not answer nothing is known of takes there, and it is asked again', async () => {
  const { chain, memory, spent, down } = setUp();
  down(true);
  await expect(memory.recall(chain)).rejects.toThrow('no endpoint answers');
  down(false);
  await memory.recall(chain);
  expect(spent).toHaveLength(1);
});

test('a purchase counts from its signing on, in the debt token at home, beside the order it ends', async () => {
  const { order, orderId } = await createWon();
  const spent: Payment[] = [];
  const count = countPayments({ spending: { spent: (payment) => void spent.push(payment) }, payer: taker });
  const hash = pad('0x5e', { size: 32 });
  count(
    fold(order.intent, [
      { type: 'opened', seen: SEEN, orderId, order, seized: 5n },
      { type: 'expired', seen: SEEN, debt: 9n, floor: 7n, restUntil: 1n },
      { type: 'buying', orderId, chain: 'alpha', hash, amount: 8n, at: 4n },
    ]),
  );
  expect(spent).toEqual([
    { intent: orderId, domain: order.homeDomain, token: order.debt, amount: 8n, at: 4n },
  ]);
});
