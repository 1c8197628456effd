import { defineStrategy, optionsOf, quote, reject } from '@gavel/solver-sdk';
import { pad } from 'viem';
import { expect, test } from 'vitest';
import { addressOf, COLLATERAL, createArena, DEBT, HOME_DOMAIN, POSITION } from '../../../test/arena.ts';
import type { Chain } from '../../chain/client.ts';
import { ChainError } from '../../chain/errors.ts';
import { createCounters } from '../../observe/counters.ts';
import { recordingLogger } from '../../observe/testing/recording-logger.ts';
import { createKeyedMutex } from '../../runtime/keyed-mutex.ts';
import { createInventory } from '../inventory.ts';
import { createDesk, type DeskDeps, type Offer } from './desk.ts';

const ID = pad('0x1d', { size: 32 });

/**
 * A desk of a solver that holds 1 000 000 debt units, whose strategy asks for as much collateral as it pays.
 */
function setUp(change: Partial<DeskDeps> = {}) {
  const { market } = createArena();
  const chain = {
    name: 'alpha',
    domain: HOME_DOMAIN,
    agreed: { readContract: async () => 1_000_000n },
  } as unknown as Chain;
  const now = () => 1_700_000_000_000n;
  const inventory = createInventory();
  const metrics = createCounters();
  const { log, lines } = recordingLogger();
  const strategy = defineStrategy({
    name: 'one-for-one',
    options: optionsOf({}),
    quote: ({ payOptions: [option], homeDomain }) =>
      option === undefined || option.available < option.payAmount
        ? reject('not enough money')
        : quote(option.payInDebt, homeDomain),
  })();
  const desk = createDesk({
    strategy,
    inventory,
    senderOf: () => ({ address: addressOf('x'), send: async () => expect.fail('nothing is sent here') }),
    chainOf: () => chain,
    describe: async (_, address) => ({ address, symbol: 'T', decimals: 6 }),
    priceOf: () => async (_, units) => units,
    costs: [],
    headOf: () => ({ number: 7n }),
    closed: () => undefined,
    cap: (opportunity) => opportunity,
    limit: () => undefined,
    allow: async () => undefined,
    mutex: createKeyedMutex(),
    paper: false,
    now,
    telemetry: { log, metrics },
    ...change,
  });
  const offer = (lot: bigint, part: Partial<Offer> = {}): Offer => ({
    kind: 'sale',
    id: ID,
    market,
    position: POSITION,
    round: 0n,
    collateral: COLLATERAL,
    debt: DEBT,
    repay: 600_000n,
    full: 640_000n,
    lot,
    health: 10n ** 18n,
    pay: { chain, token: DEBT, amount: 600_000n, inDebt: 600_000n },
    ...part,
  });
  return { desk, offer, inventory, metrics, lines };
}

test('an offer is paid for as soon as the lot reaches what the strategy asks, and not before', async () => {
  const { desk, offer, metrics } = setUp();
  const paid: bigint[] = [];
  const pay = async ({ ask }: { ask: bigint }) => void paid.push(ask);
  expect(await desk.consider(offer(599_999n), pay)).toBe(false);
  expect(await desk.consider(offer(600_000n), pay)).toBe(true);
  expect(paid).toEqual([600_000n]);
  expect(metrics.snapshot()['offer_paid{kind="sale"}']).toBe(1);
});

test('the money of a payment under way is not spent twice, and is free again afterwards', async () => {
  const { desk, offer, inventory } = setUp();
  let promised = 0n;
  const both = await Promise.all([
    desk.consider(offer(640_000n), async () => {
      promised = inventory.promised(HOME_DOMAIN, DEBT);
      // A local quote made meanwhile may not count on it.
      expect(promised).toBe(600_000n);
    }),
    desk.consider(offer(640_000n, { id: pad('0x1e', { size: 32 }) }), async () => undefined),
  ]);
  expect(both).toEqual([true, true]);
  expect(inventory.promised(HOME_DOMAIN, DEBT)).toBe(0n);
});

test('money that quotes promise is not there for offers, but for the order they won', async () => {
  const { desk, offer, inventory, lines } = setUp();
  const intent = pad('0x1f', { size: 32 });
  const promise = { intent, domain: HOME_DOMAIN, token: DEBT, amount: 500_000n, homeDomain: HOME_DOMAIN };
  inventory.reserve({ ...promise, debt: DEBT, bond: 0n, openBy: 1_700_000_100n });
  inventory.won(intent);
  expect(await desk.consider(offer(640_000n), async () => expect.fail('paid'))).toBe(false);
  expect(await desk.consider(offer(640_000n), async () => expect.fail('paid'))).toBe(false);
  expect(lines.filter(({ msg }) => msg === 'offer declined')).toHaveLength(1);
  expect(await desk.consider(offer(640_000n, { keeps: intent }), async () => undefined)).toBe(true);
});

test('nothing is paid while paused, over a limit, or on paper, and each is told once', async () => {
  const nothing = async () => expect.fail('paid');
  const paused = setUp({ closed: () => 'paused' });
  expect(await paused.desk.consider(paused.offer(640_000n), nothing)).toBe(false);
  const limited = setUp({ limit: () => 'OVER_PAYMENT_LIMIT' });
  expect(await limited.desk.consider(limited.offer(640_000n), nothing)).toBe(false);
  expect(limited.lines).toContainEqual(
    expect.objectContaining({ reason: 'OVER_PAYMENT_LIMIT', by: 'limit' }),
  );
  const paper = setUp({ paper: true });
  for (const lot of [630_000n, 640_000n]) {
    expect(await paper.desk.consider(paper.offer(lot), nothing)).toBe(false);
  }
  expect(paper.lines.filter(({ msg }) => msg === 'would have paid for offer')).toHaveLength(1);
});

test('an offer that somebody else was faster to take is a race lost; any other failure is the caller’s', async () => {
  const { desk, offer, inventory, metrics } = setUp();
  const failing = (errorName: string) => async () => {
    throw new ChainError('REVERTED', 'would revert', { meta: { errorName } });
  };
  expect(await desk.consider(offer(640_000n), failing('NotOnSale'))).toBe(false);
  expect(metrics.snapshot()['race_lost{stage="sale"}']).toBe(1);
  await expect(desk.consider(offer(640_000n), failing('EnforcedPause'))).rejects.toMatchObject({
    code: 'REVERTED',
  });
  expect(inventory.promised(HOME_DOMAIN, DEBT)).toBe(0n);
});

test('a chain that cannot be asked decides nothing', async () => {
  const { desk, offer } = setUp({
    priceOf: () => async () => {
      throw new ChainError('UNREACHABLE', 'no endpoint answers', { retry: true });
    },
  });
  await expect(desk.consider(offer(640_000n), async () => expect.fail('paid'))).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
});
