import type { Order } from '@gavel/protocol';
import { type Hex, TransactionReceiptNotFoundError } from 'viem';
import { expect, test } from 'vitest';
import { addressOf, ESCROW, HOME_DOMAIN, PAY_DOMAIN } from '../../../test/arena.ts';
import { createWon, PAY_ESCROW, SEEN } from '../../../test/orders.ts';
import type { Chain } from '../../chain/client.ts';
import { createCounters } from '../../observe/counters.ts';
import { recordingLogger } from '../../observe/testing/recording-logger.ts';
import { fold } from '../../order/fold.ts';
import { createKeyedMutex } from '../../runtime/keyed-mutex.ts';
import { fillStage, mismatchOf } from './fill.ts';

const other = addressOf('somebody else');
const contracts = { bonds: other, registry: other, mailbox: other };
const chains = {
  home: {
    domain: HOME_DOMAIN,
    contracts: { ...contracts, collateralEscrow: ESCROW, repaymentEscrow: other },
  },
  pay: {
    domain: PAY_DOMAIN,
    contracts: { ...contracts, collateralEscrow: other, repaymentEscrow: PAY_ESCROW },
  },
};

async function judge(change: Partial<Order>, account = addressOf('x')) {
  const { order, orderId, record } = await createWon(change);
  return mismatchOf(orderId, order, record, account, chains);
}

test('an order that follows from our quote is paid', async () => {
  expect(await judge({})).toBeUndefined();
});

test('a part of what was quoted is paid at a price no worse', async () => {
  expect(await judge({ repaid: 500_000n, payAmount: 500_251n, ask: 240_000n })).toBeUndefined();
  expect(await judge({ repaid: 500_000n, payAmount: 500_251n, ask: 239_999n })).toBe('PAYS_LESS');
});

test('an order that does not follow from our quote is never paid', async () => {
  const { order, record, orderId } = await createWon();
  expect(mismatchOf(orderId, order, undefined, addressOf('x'), chains)).toBe('NOT_OUR_QUOTE');
  expect(mismatchOf(orderId, { ...order, ask: order.ask + 1n }, record, addressOf('x'), chains)).toBe(
    'WRONG_ORDER_ID',
  );
  const cases: [Partial<Order>, string][] = [
    [{ solver: other }, 'NOT_OUR_ACCOUNT'],
    [{ intent: orderId }, 'OTHER_INTENT'],
    [{ market: orderId }, 'OTHER_POSITION'],
    [{ positionKey: orderId }, 'OTHER_POSITION'],
    [{ collateral: other }, 'OTHER_TOKENS'],
    [{ debt: other }, 'OTHER_TOKENS'],
    [{ homeEscrow: other }, 'OTHER_HOME'],
    [{ homeDomain: 7 }, 'OTHER_HOME'],
    [{ payDomain: 7 }, 'OTHER_PAY_DOMAIN'],
    [{ payEscrow: other }, 'OTHER_PAY_ESCROW'],
    [{ payToken: other }, 'OTHER_PAY_TOKEN'],
    [{ payout: other }, 'OTHER_PAYOUT'],
    [{ repaid: 1_000_001n }, 'REPAID_MORE'],
    [{ repaid: 0n }, 'REPAID_MORE'],
    [{ payAmount: 1_000_502n }, 'COSTS_MORE'],
    [{ ask: 479_999n }, 'PAYS_LESS'],
  ];
  for (const [change, reason] of cases) expect(await judge(change), reason).toBe(reason);
  expect(await judge({}, other)).toBe('NOT_OUR_ACCOUNT');
});

/** A fill stage between two made-up chains; `world` is what they answer, `paid` counts payments. */
async function payer(decimals = 6, limit: () => string | undefined = () => undefined, isLost = false) {
  const { order, orderId, record } = await createWon();
  const world: {
    head: bigint;
    landedIn: bigint | undefined;
    home: number;
    payment: number;
    signer?: 'another key' | 'key used elsewhere';
    recorded: boolean;
  } = {
    recorded: true,
    head: 100n,
    landedIn: 100n,
    home: 1,
    payment: 0,
  };
  const sent: string[] = [];
  const metrics = createCounters();
  const logged = recordingLogger();
  const client = (state: () => number | readonly number[]) => ({
    readContract: async ({ functionName }: { functionName: string }) =>
      functionName === 'allowance' ? order.payAmount : state(),
    getTransactionReceipt: async ({ hash }: { hash: Hex }) => {
      if (world.landedIn === undefined) throw new TransactionReceiptNotFoundError({ hash });
      return { blockNumber: world.landedIn };
    },
  });
  const config = { maxHeadAgeMs: 120_000 };
  const home = {
    ...chains.home,
    name: 'alpha',
    config,
    agreed: client(() => [world.home, 0]),
  } as unknown as Chain;
  const pay = {
    ...chains.pay,
    name: 'gamma',
    config,
    agreed: client(() => world.payment),
  } as unknown as Chain;
  const stage = fillStage({
    account: addressOf('x'),
    confirmations: [
      { upTo: '0.9', confirmations: 1 },
      { upTo: '2', confirmations: 4 },
      { confirmations: 12 },
    ],
    decimals: async () => decimals,
    limit,
    quoteOf: async () => (isLost || !world.recorded ? undefined : record),
    signerOf: async () => world.signer,
    findLost: async () => (isLost && world.landedIn !== undefined ? record : undefined),
    chainOf: (domain) => (domain === HOME_DOMAIN ? home : pay),
    senderOf: () =>
      ({
        address: addressOf('x'),
        send: async (call: { functionName: string }) => sent.push(call.functionName),
      }) as never,
    headOf: (chain) => ({ number: chain === 'alpha' ? world.head : 1n, timestamp: order.openBy }),
    mutex: createKeyedMutex(),
    record: async () => undefined,
    now: () => 0n,
    telemetry: { log: logged.log, metrics },
  });
  const opened = { type: 'opened', seen: { ...SEEN, block: 100n }, orderId, order, seized: 1n } as const;
  const run = async (head: bigint) => {
    world.head = head;
    await stage.run(fold(order.intent, [opened]));
    return sent.length;
  };
  return { world, run, metrics, logged };
}

test('a payment waits for as many blocks as its value asks for', async () => {
  // One whole token with six decimals: the tier up to two.
  const { run } = await payer();
  expect(await run(103n)).toBe(0);
  expect(await run(104n)).toBe(1);
  const dear = await payer(5);
  expect(await dear.run(111n)).toBe(0);
  expect(await dear.run(112n)).toBe(1);
});

test('blocks are counted from where a reorganisation moved the landing', async () => {
  const { world, run } = await payer();
  world.landedIn = 103n;
  expect(await run(106n)).toBe(0);
  expect(await run(107n)).toBe(1);
});

test('a landing that is gone is not paid for, however deep its record says it lies', async () => {
  const { world, run } = await payer();
  world.landedIn = undefined;
  expect(await run(200n)).toBe(0);
  const other = await payer();
  other.world.home = 0;
  expect(await other.run(200n)).toBe(0);
});

test('what is paid already is not paid again', async () => {
  const { world, run } = await payer();
  world.payment = 1;
  expect(await run(200n)).toBe(0);
});

test('a payment over a spending limit is withheld, and made once there is room', async () => {
  let reason: string | undefined = 'OVER_HOURLY_LIMIT';
  const { run } = await payer(6, () => reason);
  expect(await run(200n)).toBe(0);
  reason = undefined;
  expect(await run(201n)).toBe(1);
});

test('an order won by a quote that was lost is paid once the quote is found again, and not before', async () => {
  const { world, run } = await payer(6, () => undefined, true);
  world.landedIn = undefined;
  expect(await run(200n)).toBe(0);
  world.landedIn = 100n;
  expect(await run(200n)).toBe(1);
});

test('an order whose quote another node signed is left to that node, and is no error', async () => {
  for (const signer of ['another key', 'key used elsewhere'] as const) {
    const { world, run, metrics, logged } = await payer();
    world.recorded = false;
    world.signer = signer;
    expect(await run(200n)).toBe(0);
    expect(await run(201n)).toBe(0);
    expect(metrics.snapshot()).toEqual({ [`order_left{reason="${signer}"}`]: 1 });
    expect(logged.lines.map(({ level }) => level)).toEqual([30]);
  }
  const { world, run, metrics } = await payer();
  world.recorded = false;
  expect(await run(200n)).toBe(0);
  expect(metrics.snapshot()).toEqual({ 'payment_withheld{reason="NOT_OUR_QUOTE"}': 1 });
});
