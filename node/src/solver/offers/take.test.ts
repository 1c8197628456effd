import { expect, test } from 'vitest';
import type { Flagged } from '../../orders/flagged.ts';
import type { Offer } from './desk.ts';
import { createTaking } from './take.ts';

test('pays for a debt that grows until the take is mined, and delivers to the payout', async () => {
  const repay = 15_950_000_000n;
  const [token, collateral, payout] = ['0x01', '0x02', '0x03'] as const;
  const offers: Offer[] = [];
  const sent: unknown[] = [];
  const serve = createTaking({
    payout,
    recall: async () => undefined,
    onTaken: () => undefined,
    desk: {
      consider: async (offer, pay) => {
        offers.push(offer);
        const send = async (call: { args: readonly unknown[] }) => {
          sent.push(call.args);
          return { transactionHash: '0x04' };
        };
        await pay({ ask: 90n, sender: { send } as never });
        return true;
      },
    },
  });
  const flagged = {
    flag: { positionKey: '0x05', position: '0x06' },
    market: { id: '0x07', reads: { round: async () => 0n } },
    chain: { domain: 1, contracts: { collateralEscrow: '0x08' } },
    head: { number: 10n, timestamp: 1_030n },
    terms: { takeDelay: 10, auctionLength: 20, minLotBps: 9_000 },
    assessment: { repay, seizable: 100n, collateral, debt: token, health: 1n },
    flaggedAt: 1_000n,
  };
  await serve(flagged as unknown as Flagged);
  const most = repay + repay / 10_000n;
  expect(offers.map(({ lot, pay, repay: owed }) => [lot, pay.amount, pay.inDebt, owed])).toEqual([
    [100n, most, most, repay],
  ]);
  expect(sent).toEqual([['0x07', '0x06', 90n, most, payout]]);
});
