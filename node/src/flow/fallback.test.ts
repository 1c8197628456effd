import { expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import type { Offer } from './desk.ts';
import { createClearing, createTaking, type Flagged } from './fallback.ts';

test('pays for a debt that grows until the take is mined, and delivers to the payout', async () => {
  const repay = 15_950_000_000n;
  const [token, collateral, payout] = ['0x01', '0x02', '0x03'] as const;
  const offers: Offer[] = [];
  const sent: unknown[] = [];
  const tend = createTaking({
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
  await tend(flagged as unknown as Flagged);
  const most = repay + repay / 10_000n;
  expect(offers.map(({ lot, pay, repay: owed }) => [lot, pay.amount, pay.inDebt, owed])).toEqual([
    [100n, most, most, repay],
  ]);
  expect(sent).toEqual([['0x07', '0x06', 90n, most, payout]]);
});

test('a flag is cleared by health: a paused protocol has nothing to repay, and heals nobody', async () => {
  const sent: string[] = [];
  const send = async ({ functionName }: { functionName: string }) => void sent.push(functionName);
  const tend = createClearing({
    senderOf: () => ({ send }) as never,
    turn: { hasCome: () => true, over: () => undefined },
    log: silentLogger(),
    counters: createCounters(),
  });
  const flagged = (health: bigint) =>
    ({
      flag: { positionKey: '0x05', position: '0x06', lapsesAt: 2_000n },
      market: { id: '0x07' },
      chain: { name: 'alpha', contracts: { collateralEscrow: '0x08' } },
      assessment: { repay: 0n, seizable: 0n, health },
      flaggedAt: 1_000n,
    }) as unknown as Flagged;
  await tend(flagged(10n ** 18n - 1n));
  expect(sent).toEqual([]);
  await tend(flagged(10n ** 18n));
  expect(sent).toEqual(['clear']);
});
