import { expect, test } from 'vitest';
import { addressOf, ESCROW, HOME_DOMAIN, PAY_DOMAIN } from '../../test/arena.ts';
import { createWon, PAY_ESCROW } from '../../test/orders.ts';
import type { Order } from '../order/order.ts';
import { mismatchOf } from './fill.ts';

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
