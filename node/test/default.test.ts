import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backstopVaultAbi, collateralEscrowAbi, solverBondsAbi } from '@gavel/abi';
import type { Order } from '@gavel/protocol';
import { erc20Abi, type Hex, parseAbi } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FUNDED_KEY } from '../src/chain/testing/anvil.ts';
import { Scope } from '../src/runtime/scope.ts';
import { createWorld, keyFile, PAY, type Person, type TestNode, type World } from './world.ts';

/*
 * What becomes of orders that are not paid, driven by nodes: a keeper, and a solver that won nothing. The
 * winner is a key of the test's that never pays by itself. Messages between the chains arrive only when a
 * test delivers them.
 */

/** Where the keeper collects what it is owed. */
const TILL = '0x0000000000000000000000000000000000007111';
const WEEK = 7n * 86_400n;

let scope: Scope;
let dir: string;
let world: World;
let keeper: TestNode;
let person: Person;
let solver: TestNode;
let winner: Person;
let rival: Person;
let loans = 0;

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-default-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  person = await world.person('keeper');
  winner = await world.person('winner');
  rival = await world.person('rival');
  await world.bond(winner, 50_000n);
  keeper = await world.startNode('keeper', {
    roles: ['keeper'],
    keeper: {
      key: await keyFile(dir, person),
      report: { maxAgeMs: 0 },
      verdicts: { maxAgeMs: 0 },
      collect: { to: TILL, everyMs: 1_000 },
    },
  });
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
        confirmations: 0,
      },
    },
    [keeper],
  );
});

beforeEach(() => world.price(4_000n));

afterAll(async () => {
  await scope.close();
});

/** Opens an order over a new loan that fell under water. */
async function open(): Promise<{ order: Order; orderId: Hex }> {
  loans += 1;
  const loan = await world.borrow(await world.person(`borrower ${loans}`), 20_000n, 6_000n);
  await world.price(3_750n);
  const opened = await world.open(loan, winner);
  await keeper.logged.until('landed', { orderId: opened.orderId });
  await solver.logged.until('landed', { orderId: opened.orderId });
  return opened;
}

/** Moves home's time past an order's last moment for proofs. */
async function outlive({ expiresAt }: Order): Promise<void> {
  const { timestamp } = await world.home.client.getBlock();
  await world.pass(world.home, expiresAt - timestamp + 1n);
}

function stateOf(orderId: Hex): Promise<readonly [number, bigint]> {
  return world.home.client.readContract({
    address: world.home.contracts.collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'orders',
    args: [orderId],
  });
}

function lockedBond(): Promise<bigint> {
  return world.home.client.readContract({
    address: world.home.contracts.bonds,
    abi: solverBondsAbi,
    functionName: 'lockedOf',
    args: [winner.address, world.dollar],
  });
}

test('an order that nobody pays expires, another solver’s node buys the lot, and the bond is forfeited', async () => {
  const { order, orderId } = await open();
  await world.give(rival.address, 50_000n);
  await outlive(order);
  await keeper.logged.until('expired, lot on sale', { orderId });
  // At the start the lot is not worth the debt; it rises.
  await solver.logged.until('expired, lot on sale', { orderId });
  expect(solver.logged.lines.some(({ msg }) => msg === 'purchase sent')).toBe(false);
  await world.pass(world.home, 500n);
  await solver.logged.until('purchase sent', { orderId });
  const sold = await solver.logged.until('lot sold', { orderId });
  expect(sold.buyer).toBe(rival.address);
  expect(await world.balance(world.home, world.ether, rival.address)).toBe(BigInt(String(sold.lot)));
  // The lot was worth the whole debt, so the vault lacks nothing and the borrower gets what the lot left.
  expect(BigInt(String(sold.price))).toBe(order.repaid + order.keeperFee);
  await keeper.logged.until('bond held', { orderId });
  expect(await lockedBond()).toBe(order.bond);
  await world.pass(world.home, WEEK);
  const forfeited = await keeper.logged.until('bond forfeited', { orderId });
  expect(forfeited).toMatchObject({ amount: String(order.bond), bountyTo: rival.address });
  expect(await lockedBond()).toBe(0n);
  expect(
    keeper.logged.lines.filter(({ msg, orderId: id }) => msg === 'bond forfeited' && id === orderId),
  ).toHaveLength(1);
});

test('a payment proved after the expiry but before the sale settles as if nothing had happened, and its money comes home', async () => {
  const { order, orderId } = await open();
  const fill = await world.fill(order, orderId, winner);
  await keeper.logged.until('filled', { orderId });
  await solver.logged.until('filled', { orderId });
  await outlive(order);
  await keeper.logged.until('expired, lot on sale', { orderId });
  // The rival has the money, but leaves a lot that is known to be paid to its proof.
  await world.give(rival.address, 50_000n);
  await world.prove([fill], person.address);
  await keeper.logged.until('settled', { orderId });
  expect((await stateOf(orderId))[0]).toBe(2);
  expect(await lockedBond()).toBe(0n);
  expect(solver.logged.lines.some(({ msg, orderId: id }) => msg === 'purchase sent' && id === orderId)).toBe(
    false,
  );

  // The bridge delivers what the vault awaits from this route.
  const awaited = () =>
    world.home.client.readContract({
      address: world.vault,
      abi: backstopVaultAbi,
      functionName: 'awaited',
      args: [PAY],
    });
  const due = await awaited();
  expect(due).toBe(order.repaid + order.keeperFee + order.routeFee);
  await world.send(FUNDED_KEY, world.home, {
    address: world.dollar,
    abi: parseAbi(['function mint(address to, uint256 amount)']),
    functionName: 'mint',
    args: [world.receiver, due],
  });
  await keeper.logged.until('money brought home', { amount: String(due) });
  expect(await awaited()).toBe(0n);
  // What the vault set aside for the prover is paid out of what came home.
  await keeper.logged.until('reimbursement collected', { to: TILL });
  expect(await world.balance(world.home, world.dollar, TILL)).toBe(10n ** 6n);
});

test('a payment in time that is proved after the sale frees the bond, and is sent back', async () => {
  const { order, orderId } = await open();
  const fill = await world.fill(order, orderId, winner);
  await keeper.logged.until('filled', { orderId });
  await outlive(order);
  await keeper.logged.until('expired, lot on sale', { orderId });
  const price = order.repaid + order.keeperFee;
  const { collateralEscrow } = world.home.contracts;
  await world.give(winner.address, 50_000n);
  await world.send(winner.key, world.home, {
    address: world.dollar,
    abi: erc20Abi,
    functionName: 'approve',
    args: [collateralEscrow, price],
  });
  await world.send(winner.key, world.home, {
    address: collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'buy',
    args: [order, 1n, price, winner.address],
  });
  await keeper.logged.until('lot sold', { orderId });
  // Keepers answer the payment with a no, and do not take a bond whose owner they know to have paid.
  expect(await keeper.logged.until('verdicts sent', { orderId })).toMatchObject({ accepted: false });
  await world.prove([fill]);
  await keeper.logged.until('bond freed', { orderId });
  expect(await lockedBond()).toBe(0n);
  expect((await stateOf(orderId))[0]).toBe(3);
});

test('an order left unpaid in its winner’s time is paid by another solver’s node once that earns, and the penalty is taken', async () => {
  await world.endow(rival, 50_000n);
  const { order, orderId } = await open();
  // The pay chain's clock decides; home's is far ahead of it by now.
  const { timestamp } = await world.pay.client.getBlock();
  await world.pass(world.pay, order.exclusiveUntil - timestamp + 1n);
  const filled = await solver.logged.until('filled', { orderId });
  expect(filled).toMatchObject({ payer: rival.address, beneficiary: rival.address });
  expect(BigInt(String(filled.ask))).toBeGreaterThan(order.ask);
  const payment = await keeper.logged.until('filled', { orderId });
  expect(payment.payer).toBe(rival.address);
  const { timestamp: filledAt } = await world.pay.client.getBlock({
    blockNumber: BigInt(Number(payment.block)),
  });
  await world.prove([
    { order, payer: rival.address, beneficiary: rival.address, ask: BigInt(String(payment.ask)), filledAt },
  ]);
  await keeper.logged.until('settled', { orderId });
  const forfeited = await keeper.logged.until('bond forfeited', { orderId });
  expect(forfeited.bountyTo).toBe(rival.address);
  expect(await lockedBond()).toBe(0n);
});
