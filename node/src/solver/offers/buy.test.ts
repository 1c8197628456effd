import { pad } from 'viem';
import { expect, test } from 'vitest';
import { createArena } from '../../../test/arena.ts';
import { createWon, SEEN } from '../../../test/orders.ts';
import type { Chain } from '../../chain/client.ts';
import type { OrderEvent } from '../../order/events.ts';
import { fold } from '../../order/fold.ts';
import { buyStage } from './buy.ts';
import type { Desk, Offer } from './desk.ts';

const EXPIRED = 5;
const SOLD = 3;
const REST = 5_000n;

/**
 * The buying step over a made-up home: a desk that accepts everything, and what was signed and recorded in
 * which order.
 */
async function setUp() {
  const { order, orderId, landing } = await createWon();
  const { market } = createArena();
  const world = { time: 1_000n, state: EXPIRED as number | undefined };
  const done: string[] = [];
  const offers: Offer[] = [];
  const facts: OrderEvent[] = [
    { type: 'awarded', landing, quotes: 3, at: 0n },
    { type: 'opened', seen: SEEN, orderId, order, seized: 495_000n },
    { type: 'expired', seen: SEEN, debt: 1_000_001n, floor: 700_000n, restUntil: REST },
  ];
  const home = {
    name: 'alpha',
    contracts: { collateralEscrow: order.homeEscrow },
    agreed: {
      readContract: async ({ functionName }: { functionName: string }) => {
        if (world.state === undefined) throw new TypeError('no endpoint answers');
        return functionName === 'orders' ? [world.state, 495_000n] : [480_000n, 900_000n];
      },
    },
  } as unknown as Chain;
  const send = async (call: {
    functionName: string;
    args: unknown[];
    onHash(hash: string): Promise<void>;
  }) => {
    await call.onHash(pad('0x5e', { size: 32 }));
    done.push(`broadcast ${call.functionName} ${call.args.slice(1, 3).join(' ')}`);
  };
  const desk: Desk = {
    async consider(offer, pay) {
      offers.push(offer);
      await pay({ ask: 470_000n, sender: { address: order.payout, send } as never });
      return true;
    },
  };
  const stage = buyStage({
    desk,
    findMarket: () => market,
    chainOf: () => home,
    chainTime: () => world.time,
    payout: order.payout,
    record: async (_, events) => {
      facts.push(...events);
      done.push(...events.map((event) => `record ${event.type}`));
    },
    now: () => 7n,
  });
  const run = async () => {
    const view = fold(order.intent, facts);
    if (stage.due(view) && stage.ripe?.(view) !== false) await stage.run(view);
    return done.splice(0);
  };
  return { order, orderId, world, facts, offers, run };
}

test('a lot is offered to the desk as the chain offers it, and its purchase is on record before it is broadcast', async () => {
  const { order, orderId, offers, facts, run } = await setUp();
  expect(await run()).toEqual(['record buying', 'broadcast buy 470000 900000']);
  const { pay, ...offer } = offers[0] ?? expect.fail('nothing was offered');
  expect(offer).toMatchObject({
    kind: 'sale',
    id: orderId,
    repay: order.repaid,
    full: 495_000n,
    lot: 480_000n,
  });
  expect(pay).toMatchObject({ token: order.debt, amount: 900_000n });
  expect(facts.at(-1)).toMatchObject({ type: 'buying', orderId, amount: 900_000n, at: 7n });
});

test('after a crash the chain is asked before anything is bought again', async () => {
  const { world, run } = await setUp();
  await run(); // broadcast, then killed: what became of it is not on record
  world.state = SOLD;
  expect(await run()).toEqual([]);
  world.state = undefined;
  await expect(run()).rejects.toMatchObject({ code: 'EVIDENCE_UNKNOWN' });
});

test('a lot whose payment is known waits for its proof until the price has rested', async () => {
  const { order, orderId, world, facts, run } = await setUp();
  const { payout, solver: payer, ask, openBy: filledAt } = order;
  const payment = { payer, beneficiary: payout, ask, filledAt };
  facts.push({ type: 'filled', seen: SEEN, orderId, payment });
  world.time = REST;
  expect(await run()).toEqual([]);
  world.time = REST + 1n;
  expect(await run()).toEqual(['record buying', 'broadcast buy 470000 900000']);
});

test('a lot that is off the sale by the record is not looked at', async () => {
  const { order, facts, world, run } = await setUp();
  world.state = undefined; // would be noticed
  facts.push({ type: 'settled', seen: SEEN, beneficiary: order.payout, ask: 1n, surplus: 0n });
  expect(await run()).toEqual([]);
});
