import { encodePayments } from '@gavel/protocol';
import { type Hex, pad } from 'viem';
import { expect, test } from 'vitest';
import { addressOf } from '../../test/arena.ts';
import { createWon, SEEN } from '../../test/orders.ts';
import type { Chain } from '../chain/client.ts';
import { createCounters } from '../observe/counters.ts';
import { fold, type OrderView } from '../order/fold.ts';
import { fillOf, isPaid } from '../order/views.ts';
import { reportStage } from './report.ts';

const OPEN = 1;

/** A filled order of a solver's, one of many. */
async function filled(solver: string, intent: Hex): Promise<OrderView> {
  const { order, orderId } = await createWon({ solver: addressOf(solver), intent });
  const payment = {
    payer: order.solver,
    beneficiary: order.payout,
    ask: order.ask,
    filledAt: order.openBy,
  };
  return fold(intent, [
    { type: 'opened', seen: SEEN, orderId, order, seized: 5n },
    { type: 'filled', seen: SEEN, orderId, payment },
  ]);
}

test('payments of one solver travel side by side, whatever the order they came in', async () => {
  const views = await Promise.all(
    ['x', 'y', 'x', 'y'].map((solver, index) => filled(solver, pad(`0x0${index + 1}`, { size: 32 }))),
  );
  const calls: { functionName: string; args: readonly unknown[]; value?: bigint }[] = [];
  const chain = {
    contracts: { repaymentEscrow: views[0]?.order?.payEscrow },
    agreed: {
      readContract: async (call: { functionName: string; args: readonly unknown[] }) => {
        if (call.functionName === 'orders') return [OPEN, 5n];
        calls.push(call);
        return 7n;
      },
    },
  } as unknown as Chain;
  const send = async (call: { functionName: string; args: readonly unknown[]; value: bigint }) => {
    calls.push(call);
    return { logs: [] };
  };
  const stage = reportStage({
    chainOf: () => chain,
    senderOf: () => ({ send }) as never,
    chainTime: () => 0n,
    againAfterMs: 1_000n,
    now: () => 0n,
    metrics: createCounters(),
  });
  expect(views.every((view) => stage.due(view))).toBe(true);
  await stage.run(views.filter((view) => stage.due(view)));

  const fills = [0, 2, 1, 3].flatMap((place) => {
    const view = views[place];
    return view === undefined || !isPaid(view) ? [] : fillOf(view);
  });
  const order = fills[0]?.order;
  const args = [order?.homeDomain, order?.homeEscrow, encodePayments(fills)];
  expect(calls.map(({ functionName }) => functionName)).toEqual(['quoteReport', 'report']);
  expect(calls.map((call) => call.args)).toEqual([args, args]);
  expect(calls[1]?.value).toBe(7n);
});
