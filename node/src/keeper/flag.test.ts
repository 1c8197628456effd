import { expect, test } from 'vitest';
import { createArena, POSITION } from '../../test/arena.ts';
import { createAuctions } from '../auction/auctions.ts';
import { type Observation, observe } from '../auction/derive.ts';
import type { Chain } from '../chain/client.ts';
import { ChainError } from '../chain/errors.ts';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import { createPrecedence } from '../orders/races.ts';
import { createFlagger } from './flag.ts';

const AFTER = 10_000n;

/** A flagger over a made-up chain whose clock is stepped by hand. */
async function setUp(patience = 0n) {
  const arena = createArena();
  const { market, block } = arena;
  const world = { now: 0n, flaggedAt: 0n as bigint | undefined, refusal: undefined as string | undefined };
  const sent: string[] = [];
  const auctions = createAuctions();
  const metrics = createCounters();
  const home = {
    name: 'alpha',
    contracts: { collateralEscrow: market.home.escrow },
    agreed: {
      readContract: async () => {
        if (world.flaggedAt === undefined) throw new TypeError('no endpoint answers');
        return world.flaggedAt;
      },
    },
  } as unknown as Chain;
  const now = () => world.now;
  const send = async (call: { functionName: string }) => {
    if (world.refusal !== undefined)
      throw new ChainError('REVERTED', 'would revert', { meta: { errorName: world.refusal } });
    sent.push(call.functionName);
  };
  const flagger = createFlagger({
    auctions,
    chainOf: () => home,
    senderOf: () => ({ send }) as never,
    chainTime: () => 5_000n,
    precedence: createPrecedence({ now, patience: () => patience }),
    afterMs: AFTER,
    now,
    telemetry: { log: silentLogger(), metrics },
  });
  const observed = async (number: bigint): Promise<Observation> => {
    const result = await observe(market, POSITION, { ...block, number });
    if ('none' in result) throw new TypeError(result.none);
    return result.observed;
  };
  const seen = async (at: bigint, number: bigint) => {
    world.now = at;
    await flagger.unhealthy(market, await observed(number));
    return sent.splice(0);
  };
  return { market, world, auctions, metrics, seen, observed };
}

test('a position is flagged when it has been unhealthy for the delay without a landing', async () => {
  const { seen } = await setUp();
  const { slot } = (await (await setUp()).observed(100n)).terms;
  const step = BigInt(slot);
  expect(await seen(0n, 100n)).toEqual([]);
  expect(await seen(AFTER - 1n, 100n + step)).toEqual([]);
  expect(await seen(AFTER, 100n + 2n * step)).toEqual(['flag']);
});

test('one that was healthy in between starts anew', async () => {
  const { seen, observed } = await setUp();
  const step = BigInt((await observed(100n)).terms.slot);
  await seen(0n, 100n);
  // Not among the unhealthy for four slots.
  expect(await seen(AFTER, 100n + 5n * step)).toEqual([]);
  expect(await seen(2n * AFTER, 100n + 6n * step)).toEqual(['flag']);
});

test('an award on its way is waited for as long as it can land', async () => {
  const { seen, auctions, market, observed } = await setUp();
  const auction = auctions.add(market, await observed(100n), 0n);
  auction.certificate = {} as never;
  const over = (auction.observed.intent.openBy + 1n) * 1_000n;
  await seen(over - AFTER, 100n);
  expect(await seen(over, 100n)).toEqual([]);
  expect(await seen(over + 1n, 100n)).toEqual(['flag']);
});

test('a standing flag is left alone, a lapsed one renewed, and an unknown one not guessed', async () => {
  const { seen, world, observed } = await setUp();
  const { takeDelay, auctionLength } = (await observed(100n)).terms;
  await seen(0n, 100n);
  world.flaggedAt = undefined;
  await expect(seen(AFTER, 100n)).rejects.toThrow('no endpoint answers');
  world.flaggedAt = 5_000n - BigInt(takeDelay + 2 * auctionLength);
  expect(await seen(AFTER, 100n)).toEqual([]);
  world.flaggedAt -= 1n;
  expect(await seen(AFTER, 100n)).toEqual(['flag']);
});

test('a keeper behind others waits its precedence, and being overtaken is no failure', async () => {
  const { seen, world, metrics } = await setUp(3_000n);
  await seen(0n, 100n);
  expect(await seen(AFTER, 100n)).toEqual([]);
  world.refusal = 'AlreadyFlagged';
  expect(await seen(AFTER + 3_000n, 100n)).toEqual([]);
  expect(metrics.snapshot()['race_lost{stage="flag"}']).toBe(1);
});
