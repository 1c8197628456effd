import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import { type AbiEvent, encodeAbiParameters, encodeEventTopics, type Hex, pad, parseEventLogs } from 'viem';
import { expect, test } from 'vitest';
import { createWon, type Won } from '../../test/orders.ts';
import type { DecodedLog } from '../chain/read-logs.ts';
import type { OrderEvent } from '../order/events.ts';
import { fold } from '../order/fold.ts';
import { createHomeEvidence, createPayEvidence } from './evidence.ts';

const abi = [...collateralEscrowAbi, ...repaymentEscrowAbi];
const TX = pad('0x77', { size: 32 });

/** Encodes an event as the chain logs it, and decode it as the follower does. */
function log(eventName: string, args: Record<string, unknown>, tx: Hex = TX) {
  const event = abi.find(
    (item): item is AbiEvent & typeof item => item.type === 'event' && item.name === eventName,
  );
  if (event === undefined) throw new TypeError(`no event ${eventName}`);
  const topics = encodeEventTopics({ abi: [event as AbiEvent], eventName, args });
  const plain = (event as AbiEvent).inputs.filter(({ indexed }) => !indexed);
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name ?? '']),
  );
  const raw = { address: pad('0x01', { size: 20 }), topics, data, transactionHash: tx, blockNumber: 7n };
  const [decoded] = parseEventLogs({ abi, logs: [raw as never] });
  return decoded;
}

function setUp(keeps = true, won?: Won) {
  const byIntent = new Map<Hex, OrderEvent[]>();
  const byOrder = new Map<Hex, OrderEvent[]>();
  const landed: Hex[] = [];
  const add = (map: Map<Hex, OrderEvent[]>) => async (id: Hex, events: readonly OrderEvent[]) => {
    map.set(id, [...(map.get(id) ?? []), ...events]);
  };
  const engine = {
    record: add(byIntent),
    recordByOrder: add(byOrder),
    all: () => [...byIntent].map(([intent, events]) => fold(intent, events)),
  };
  const home = createHomeEvidence({
    chain: 'alpha',
    engine,
    keeps: () => keeps,
    award: async () => (won ? { type: 'awarded', landing: won.landing, quotes: 0, at: 0n } : undefined),
    onLanded: (intent) => void landed.push(intent),
    onPassedOver: () => undefined,
  });
  return { byIntent, byOrder, landed, home, pay: createPayEvidence({ chain: 'gamma', engine }) };
}

test('a remote landing is recorded under its intent, with the award read back', async () => {
  const won = await createWon();
  const { byIntent, landed, home } = setUp(true, won);
  const { order, orderId } = won;
  const opened = log('Opened', {
    orderId,
    intent: order.intent,
    positionKey: order.positionKey,
    seized: 5n,
    order,
  });
  await home([opened] as DecodedLog[]);
  expect(byIntent.get(order.intent)?.map(({ type }) => type)).toEqual(['awarded', 'opened']);
  expect(fold(order.intent, byIntent.get(order.intent) ?? [])).toMatchObject({ state: 'opened', orderId });
  expect(landed).toEqual([order.intent]);
});

test('a local landing takes the split logged before it, and its return closes it', async () => {
  const won = await createWon();
  const { byIntent, home } = setUp(true, won);
  const { intent, positionKey, market, collateral, solver, quote } = won.order;
  await home([
    log('SurplusCredited', { positionKey, market, collateral, toBorrower: 80n, toTreasury: 20n }),
    log('Liquidated', { intent, quote, positionKey, solver, repaid: 1n, seized: 200n, ask: 100n }),
    log('SurplusReturned', { positionKey, collateral, amount: 80n }),
  ] as DecodedLog[]);
  expect(byIntent.get(intent)?.map(({ type }) => type)).toEqual([
    'awarded',
    'liquidated',
    'surplusCredited',
    'surplusReturned',
  ]);
});

test('splits of one transaction find their own orders', async () => {
  const won = await createWon();
  const { byOrder, home } = setUp();
  const { positionKey, market, collateral, payout: beneficiary } = won.order;
  const [one, two] = [pad('0x01', { size: 32 }), pad('0x02', { size: 32 })];
  const credited = (toBorrower: bigint, key: Hex) =>
    log('SurplusCredited', { positionKey: key, market, collateral, toBorrower, toTreasury: 0n });
  const settled = (orderId: Hex, key: Hex) =>
    log('Settled', { orderId, positionKey: key, beneficiary, ask: 1n, surplus: 1n });
  await home([
    credited(1n, positionKey),
    settled(one, positionKey),
    credited(2n, two),
    settled(two, two),
  ] as DecodedLog[]);
  const returned = (id: Hex) =>
    (byOrder.get(id) ?? []).flatMap((event) => (event.type === 'surplusCredited' ? [event.toBorrower] : []));
  expect(returned(one)).toEqual([1n]);
  expect(returned(two)).toEqual([2n]);
});

test('a landing that this node does not keep still tells that it happened', async () => {
  const won = await createWon();
  const { byIntent, landed, home } = setUp(false, won);
  const { order, orderId } = won;
  await home([
    log('Opened', { orderId, intent: order.intent, positionKey: order.positionKey, seized: 5n, order }),
  ] as DecodedLog[]);
  expect(byIntent.size).toBe(0);
  expect(landed).toEqual([order.intent]);
});

test('payments and messages of many orders reach each of them', async () => {
  const won = await createWon();
  const { byOrder, byIntent, pay } = setUp();
  const { order, orderId } = won;
  const payment = { payer: order.solver, beneficiary: order.payout, ask: order.ask, filledAt: 1n };
  const other = pad('0x09', { size: 32 });
  await pay([
    log('Filled', { orderId, ...payment }),
    log('Reported', { messageId: TX, homeDomain: 1001, orderIds: [orderId, other] }),
    log('VerdictReceived', { orderId, accepted: true }),
    log('VerdictReceived', { orderId: other, accepted: false }),
    log('Released', { orderId, token: order.payToken, treasury: order.treasury, amount: 9n }),
    log('Refunded', { orderId: other, token: order.payToken, payer: order.solver, amount: 9n }),
  ] as DecodedLog[]);
  expect(byIntent.size).toBe(0);
  expect(byOrder.get(orderId)?.map(({ type }) => type)).toEqual([
    'filled',
    'reported',
    'accepted',
    'released',
  ]);
  expect(byOrder.get(other)?.map(({ type }) => type)).toEqual(['reported', 'declined', 'refunded']);
});
