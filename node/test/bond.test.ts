import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { solverBondsAbi } from '@gavel/abi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHomeReads } from '../src/auction/home-reads.ts';
import { examineKeys } from '../src/doctor/keys.ts';
import { Scope } from '../src/runtime/scope.ts';
import { createWorld, keyFile, type Person, type World } from './world.ts';

/*
 * What of a bond a quote may count on, by the real contract: an account that asks for its bond back keeps it
 * free, and lockable, until it collects, but no quote ranks by it any more.
 */

let scope: Scope;
let dir: string;
let world: World;
let solver: Person;

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-bond-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  solver = await world.person('solver');
  await world.bond(solver, 100n);
});

afterAll(async () => {
  await scope.close();
});

function quotable(block: bigint) {
  return createHomeReads(world.home).quotableBond(solver.address, world.dollar, block);
}

async function bondByDoctor() {
  const config = {
    roles: ['solver'],
    solver: { key: await keyFile(dir, solver), account: solver.address, payout: solver.address },
    markets: [{ id: world.markets.open, chain: world.home.name }],
  };
  const chains = new Map([[world.home.name, world.home]]);
  const findings = await examineKeys(config as unknown as Parameters<typeof examineKeys>[0], chains, {
    causeOf: () => undefined,
    markets: [],
  });
  return findings.find(({ check }) => check === 'bond');
}

test('ranking counts on the free bond, and doctor shows it', async () => {
  expect(await quotable(await world.home.client.getBlockNumber())).toBe(100_000_000n);
  expect(await bondByDoctor()).toMatchObject({ status: 'ok', found: '100 USDx free' });
});

test('a withdrawal that could be paid within the hour is not ranked by from its block on, and doctor says so', async () => {
  const { blockNumber: asked } = await world.send(solver.key, world.home, {
    address: world.home.contracts.bonds,
    abi: solverBondsAbi,
    functionName: 'requestWithdrawal',
    args: [world.dollar, 60_000_000n],
  });
  expect(await quotable(asked - 1n)).toBe(100_000_000n);
  expect(await quotable(asked)).toBe(40_000_000n);
  expect(await bondByDoctor()).toMatchObject({
    status: 'warn',
    found: '100 USDx free, 40 quotable: a withdrawal falls due',
  });
});

test('a request that nobody collected within its day counts for nothing again', async () => {
  await world.pass(world.home, 86_402n);
  expect(await quotable(await world.home.client.getBlockNumber())).toBe(100_000_000n);
});
