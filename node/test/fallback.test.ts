import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collateralEscrowAbi, liquidationAdapterAbi } from '@gavel/abi';
import { marketId, positionKey } from '@gavel/protocol';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scope } from '../src/runtime/scope.ts';
import { createWorld, keyFile, type Loan, type Person, type TestNode, type World } from './world.ts';

/*
 * What liquidates when no auction does: a node that watches and keeps, a solver's node, and not one
 * auctioneer that runs.
 */

let scope: Scope;
let dir: string;
let world: World;
let keeper: TestNode;
let rival: Person;

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-fallback-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  rival = await world.person('rival');
  keeper = await world.startNode('keeper', {
    roles: ['watcher', 'keeper'],
    keeper: { key: await keyFile(dir, await world.person('keeper')), flagAfterMs: 1_500 },
  });
  await world.startNode(
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
        limits: [{ chain: 'home', token: world.dollar, perPayment: '25000' }],
      },
    },
    [keeper],
  );
});

afterAll(async () => {
  await scope.close();
});

function keyOf({ position }: Loan): Hex {
  return positionKey(marketId(world.markets.open), position);
}

function flaggedAt(loan: Loan): Promise<bigint> {
  return world.home.client.readContract({
    address: world.home.contracts.collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'flaggedAt',
    args: [keyOf(loan)],
  });
}

test('a flag is cleared once the position is healthy again', async () => {
  const loan = await world.borrow(await world.person('healed'), 20_000n, 6_000n);
  await world.price(3_750n);
  await keeper.logged.until('position flagged', { positionKey: keyOf(loan) });
  expect(await flaggedAt(loan)).not.toBe(0n);
  await world.secure(loan.borrower, 6_000n);
  await keeper.logged.until('flag cleared', { positionKey: keyOf(loan) });
  expect(await flaggedAt(loan)).toBe(0n);
  await world.price(4_000n);
});

test('with no auctioneer running an unhealthy position is flagged, and taken by a solver’s node within its limits', async () => {
  const loan = await world.borrow(await world.person('taken'), 20_000n, 6_000n);
  await world.give(rival.address, 50_000n);
  await world.price(3_750n);
  await keeper.logged.until('position flagged', { positionKey: keyOf(loan) });
  await world.pass(world.home, 300n + 500n); // the delay, and most of the rise
  const taken = await keeper.logged.until('position taken', { positionKey: keyOf(loan) });
  expect(taken.taker).toBe(rival.address);
  expect(await world.balance(world.home, world.ether, rival.address)).toBe(BigInt(String(taken.lot)));
  // The market's adapter is asked as any account does: nothing is left to be taken.
  const [, , repay] = await world.home.client.readContract({
    address: world.adapterOf(world.markets.open),
    abi: liquidationAdapterAbi,
    functionName: 'assess',
    args: [loan.position],
  });
  expect(repay).toBe(0n);
  await keeper.logged.until('flag cleared', { positionKey: keyOf(loan) });
  expect(keeper.logged.lines.some(({ msg }) => msg === 'certificate')).toBe(false);
});
