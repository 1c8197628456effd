import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { liquidationAdapterAbi } from '@gavel/abi';
import { marketId, positionKey } from '@gavel/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scope } from '../src/runtime/scope.ts';
import {
  AUCTIONEER_KEYS,
  createWorld,
  keyFile,
  type Loan,
  type Person,
  type TestNode,
  type World,
} from './world.ts';

/*
 * Margin calls from end to end: a borrower's terms are found in the adapter's log, and a real auction among
 * real nodes sells a call as soon as health falls to the trigger, while the protocol itself would not
 * liquidate.
 */

let scope: Scope;
let dir: string;
let world: World;
let watcher: TestNode;
let solver: TestNode;
const auctioneers: TestNode[] = [];
let rival: Person;

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-margin-call-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  rival = await world.person('rival');
  // It pays at home, but its quotes rank only with a bond of the fade penalty.
  await world.bond(rival, 500n);
  await world.give(rival.address, 100_000n);
  watcher = await world.startNode('watcher', {
    roles: ['watcher', 'keeper'],
    keeper: { key: await keyFile(dir, await world.person('keeper')) },
  });
  for (const [index, key] of AUCTIONEER_KEYS.slice(0, 2).entries()) {
    const auctioneer = { key: await keyFile(dir, { key, address: rival.address }) };
    auctioneers.push(
      await world.startNode(`auctioneer ${index}`, { roles: ['auctioneer'], auctioneer }, [watcher]),
    );
  }
  solver = await world.startNode(
    'solver',
    {
      roles: ['solver'],
      solver: {
        key: await keyFile(dir, rival),
        account: rival.address,
        payout: rival.address,
        strategy: new URL('../examples/constant-spread.ts', import.meta.resolve('@gavel/solver-sdk'))
          .pathname,
        options: { spreadBps: 20 },
      },
    },
    [watcher],
  );
});

afterAll(() => scope.close());

/** Health as the market's adapter sees it, WAD; of a margin call, as a part of the trigger. */
async function assess(market: string, { position }: Loan): Promise<{ repay: bigint; health: bigint }> {
  const [, , repay, , health] = await world.home.client.readContract({
    address: world.adapterOf(market),
    abi: liquidationAdapterAbi,
    functionName: 'assess',
    args: [position],
  });
  return { repay, health };
}

test('a margin call is auctioned and landed when health falls to the trigger, and the protocol’s own threshold is not met', async () => {
  const loan = await world.borrow(await world.person('careful'), 20_000n, 6_000n);
  const left = await world.borrow(await world.person('left'), 20_000n, 6_000n);
  for (const each of [loan, left]) await world.agree(each, { trigger: 10_300, target: 11_000, penalty: 300 });
  await world.leave(left);
  // Health 1.032 · 3,950 / 4,000 = 1.019: below the trigger of 1.03, above the protocol's 1.
  await world.price(3_950n);
  const key = positionKey(marketId(world.markets.marginCall), loan.position);
  const { intent } = await solver.logged.until('quote sent');
  await world.hold(intent, auctioneers, 1);
  const landed = await watcher.logged.until('landed', { positionKey: key });
  expect(landed).toMatchObject({ mode: 'local', solver: rival.address });
  expect((await assess(world.markets.open, loan)).repay).toBe(0n);
  const { repay, health } = await assess(world.markets.marginCall, loan);
  expect(repay).toBe(0n);
  // At the target, which is 1.1 / 1.03 of the trigger, or a rounding and what the ask left to the borrower
  // above it.
  expect(health).toBeGreaterThanOrEqual((10n ** 18n * 1_100n) / 1_030n - 10n ** 12n);
  // A borrower who opted out is not called, though as low and known to the watcher.
  const other = positionKey(marketId(world.markets.marginCall), left.position);
  expect((await assess(world.markets.marginCall, left)).repay).toBe(0n);
  expect(watcher.logged.lines.some(({ positionKey: named }) => named === other)).toBe(false);
});
