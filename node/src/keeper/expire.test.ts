import type { Order } from '@gavel/protocol';
import { expect, test } from 'vitest';
import { createWon, SEEN } from '../../test/orders.ts';
import type { Chain } from '../chain/client.ts';
import type { OrderEvent } from '../order/events.ts';
import { fold, type OrderView } from '../order/fold.ts';
import type { Stage } from '../orders/runner.ts';
import { expireStage } from './expire.ts';
import { forfeitStage } from './forfeit.ts';

const OPEN = 1;
const EXPIRED = 5;

/** The keeper's two steps over a made-up chain: what it answers, and what was sent to it. */
async function setUp() {
  const { order, orderId } = await createWon();
  const world = { time: order.expiresAt, state: OPEN as number | undefined, readyAt: 0n };
  const sent: string[] = [];
  const home = {
    name: 'alpha',
    contracts: { collateralEscrow: order.homeEscrow },
    agreed: {
      readContract: async ({ functionName }: { functionName: string }) => {
        if (world.state === undefined) throw new TypeError('no endpoint answers');
        return functionName === 'orders' ? [world.state, 5n] : { readyAt: world.readyAt };
      },
    },
  } as unknown as Chain;
  const deps = {
    chainOf: () => home,
    senderOf: () =>
      ({ send: async (call: { functionName: string }) => sent.push(call.functionName) }) as never,
    chainTime: () => world.time,
  };
  const facts: OrderEvent[] = [{ type: 'opened', seen: SEEN, orderId, order, seized: 5n }];
  const view = () => fold(order.intent, facts);
  const run = async (stage: Stage) => {
    const now: OrderView = view();
    if (stage.due(now) && stage.ripe?.(now) !== false) await stage.run(now);
    return sent.splice(0);
  };
  return { order, orderId, world, facts, run, expire: expireStage(deps), forfeit: forfeitStage(deps) };
}

function filled(order: Order, orderId: `0x${string}`, filledAt: bigint): OrderEvent {
  const payment = { payer: order.solver, beneficiary: order.payout, ask: order.ask, filledAt };
  return { type: 'filled', seen: SEEN, orderId, payment };
}

test('an order is expired once its last moment has passed by its own chain’s time, and once only', async () => {
  const { order, world, facts, run, expire } = await setUp();
  expect(await run(expire)).toEqual([]);
  world.time = order.expiresAt + 1n;
  expect(await run(expire)).toEqual(['expire']);
  world.state = EXPIRED; // by us or by another keeper; its log has not come yet
  expect(await run(expire)).toEqual([]);
  facts.push({ type: 'expired', seen: SEEN, debt: 9n, floor: 7n, restUntil: 9n });
  world.state = OPEN;
  expect(await run(expire)).toEqual([]);
});

test('a payment that is known but not proved does not hold the expiry back', async () => {
  const { order, orderId, world, facts, run, expire } = await setUp();
  facts.push(filled(order, orderId, order.openBy));
  world.time = order.expiresAt + 1n;
  expect(await run(expire)).toEqual(['expire']);
});

test('a chain that does not answer proves nothing: no step is taken, and it is told', async () => {
  const { order, world, run, expire } = await setUp();
  world.time = order.expiresAt + 1n;
  world.state = undefined;
  await expect(run(expire)).rejects.toMatchObject({ code: 'EVIDENCE_UNKNOWN' });
  world.state = 0; // it answers, and does not know the order: reorganised away
  expect(await run(expire)).toEqual([]);
});

test('a held bond is taken when its time has come, unless the chain shows that it is gone', async () => {
  const { order, world, facts, run, forfeit } = await setUp();
  facts.push({ type: 'bondHeld', seen: SEEN, amount: 3n, readyAt: 500n, bountyTo: order.payout });
  world.time = 499n;
  expect(await run(forfeit)).toEqual([]);
  world.time = 500n;
  expect(await run(forfeit)).toEqual([]); // forfeited already, says the chain
  world.readyAt = 500n;
  expect(await run(forfeit)).toEqual(['forfeit']);
  facts.push({ type: 'bondForfeited', seen: SEEN, amount: 3n, bounty: 1n, bountyTo: order.payout });
  expect(await run(forfeit)).toEqual([]);
});

test('the bond of a winner who paid in time is left to be freed; that of one who paid late is not', async () => {
  for (const late of [false, true]) {
    const { order, orderId, world, facts, run, forfeit } = await setUp();
    const held = { type: 'bondHeld', seen: SEEN, amount: 3n, readyAt: 500n, bountyTo: order.payout } as const;
    const buyer = order.payout;
    const sold = {
      type: 'sold',
      seen: SEEN,
      buyer,
      recipient: buyer,
      lot: 1n,
      price: 1n,
      surplus: 0n,
    } as const;
    facts.push(held, sold, filled(order, orderId, order.exclusiveUntil + (late ? 1n : 0n)));
    Object.assign(world, { time: 500n, readyAt: 500n });
    expect(await run(forfeit)).toEqual(late ? ['forfeit'] : []);
  }
});
