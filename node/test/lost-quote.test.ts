import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../src/observe/logger.ts';
import { Scope } from '../src/runtime/scope.ts';
import { repairStore } from '../src/store/repair.ts';
import { createWorld, keyFile, type Person, type TestNode, type World } from './world.ts';

/*
 * A solver that lost its records while an order that it had won was unpaid. The quote is signed by the
 * solver's key, as if by the node before it lost everything; what is left of it lies in the landing, on a
 * real chain.
 */

let scope: Scope;
let dir: string;
let world: World;
let solver: Person;
let node: TestNode;

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-lost-quote-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  solver = await world.person('solver');
  await world.bond(solver, 50_000n);
  await world.endow(solver, 50_000n);
});

afterAll(async () => {
  await scope.close();
});

async function open(borrower: string) {
  await world.price(4_000n);
  const loan = await world.borrow(await world.person(borrower), 20_000n, 6_000n);
  await world.price(3_750n);
  return world.open(loan, solver);
}

test('an order that was won before everything was lost is paid, by the quote that its landing holds', async () => {
  const { order, orderId } = await open('first borrower');
  const { timestamp } = await world.home.client.getBlock();
  const repaired = await repairStore({
    dir: join(dir, 'solver', 'data', 'store'),
    log: silentLogger(),
    fromChain: true,
    now: timestamp * 1_000n,
  });
  expect(repaired).toMatchObject({ kind: 'repaired', saved: { quotes: 0 } });
  node = await world.startNode('solver', {
    roles: ['solver'],
    solver: {
      key: await keyFile(dir, solver),
      account: solver.address,
      payout: solver.address,
      strategy: new URL('../examples/constant-spread.ts', import.meta.resolve('@gavel/solver-sdk')).pathname,
      options: { spreadBps: 20 },
      confirmations: 0,
    },
  });
  await node.logged.until('lost quote read back from its landing', { orderId });
  const paid = await node.logged.until('filled', { orderId });
  expect(paid).toMatchObject({ payer: solver.address, payAmount: order.payAmount.toString() });
});

test('what our key signed after the loss, and this node does not know, is not paid', async () => {
  // Blocks of one second may be of before the loss by their time.
  await world.pass(world.home, 10n);
  const { orderId } = await open('second borrower');
  const told = await node.logged.until('order left to the node that signed its quote', { orderId });
  expect(told).toMatchObject({ reason: 'key used elsewhere' });
  expect(node.logged.lines.some(({ msg }) => msg.startsWith('key used elsewhere'))).toBe(true);
  expect(node.logged.lines.some(({ msg }) => msg === 'payment withheld')).toBe(false);
  expect(node.logged.lines.some(({ msg, orderId: of }) => msg === 'payment sent' && of === orderId)).toBe(
    false,
  );
});
