import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import {
  encodeBill,
  encodeFillerData,
  encodeReport,
  encodeVerdicts,
  type Order,
  orderIdOf,
  sameAddress,
} from '@gavel/protocol';
import {
  type Address,
  createWalletClient,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  http,
  pad,
  parseAbi,
  zeroAddress,
} from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chain, connectChain } from '../src/chain/client.ts';
import { createSender } from '../src/chain/sender.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from '../src/chain/testing/anvil.ts';
import { testClient } from '../src/chain/testing/local-chain.ts';
import { completeChain } from '../src/config/schema.ts';
import { type Counters, createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import type { OrderView } from '../src/order/fold.ts';
import { fillOf, isPaid } from '../src/order/views.ts';
import { createEngine, type Engine } from '../src/orders/engine.ts';
import { createHomeEvidence, createPayEvidence } from '../src/orders/evidence.ts';
import { HOME_EVENTS, PAY_EVENTS } from '../src/orders/facts.ts';
import { followEvidence } from '../src/orders/follow-logs.ts';
import { createPrecedence, withPrecedence } from '../src/orders/races.ts';
import { createRunner } from '../src/orders/runner.ts';
import { createScheduler } from '../src/runtime/scheduler.ts';
import { Scope } from '../src/runtime/scope.ts';
import { releaseStage } from '../src/settlement/release.ts';
import { reportStage } from '../src/settlement/report.ts';
import { verdictStage } from '../src/settlement/verdict.ts';
import { ownPaymentStages } from '../src/solver/pay/own-payments.ts';
import type { QuoteRecord, VoteRecord } from '../src/store/records.ts';
import { openStore } from '../src/store/store.ts';
import { createContract, deployer, mailboxCode } from './contracts.ts';
import { createWon } from './orders.ts';

/*
 * A payer's node alone with two real chains and the real escrows. Between them stand Mailboxes that only take
 * messages, and the tests, which deliver some of them: what is lost, late or twice is decided here.
 */

const HOME = 1001;
const PAY = 1003;
const MAILBOX: Address = '0x00000000000000000000000000000000000a11b0';
const payer = deployer;
const patienceMs = 400n;

let scope: Scope;
let home: Site;
let pay: Site;
let engine: Engine;
let metrics: Counters;
let order: Order;
let orderId: Hex;
let view: () => OrderView | undefined;
let changed = () => {};

type Site = { readonly anvil: Anvil; readonly chain: Chain };

function connect(url: string, domain: number, collateralEscrow: Address, repaymentEscrow: Address): Chain {
  const contracts = {
    collateralEscrow,
    repaymentEscrow,
    bonds: MAILBOX,
    registry: MAILBOX,
    mailbox: MAILBOX,
  };
  const settings = { chainId: 31337, domain, rpc: url, pollMs: 20, confirmations: 0, contracts };
  return connectChain(domain === HOME ? 'home' : 'pay', completeChain(settings));
}

async function startSite(domain: number): Promise<Site> {
  const anvil = await startAnvil({ automine: true });
  scope.defer(anvil.stop, 'anvil');
  await testClient(anvil.url).setCode({ address: MAILBOX, bytecode: mailboxCode(domain) });
  const repaymentEscrow = await createContract(anvil.url, 'RepaymentEscrow', [MAILBOX, MAILBOX]);
  const collateralEscrow = await createContract(anvil.url, 'CollateralEscrow', [
    MAILBOX,
    MAILBOX,
    MAILBOX,
    MAILBOX,
  ]);
  return { anvil, chain: connect(anvil.url, domain, collateralEscrow, repaymentEscrow) };
}

/** Delivers a message as the destination's Mailbox does. */
async function deliver(to: Site, escrow: Address, origin: number, sender: Address, body: Hex): Promise<void> {
  const client = testClient(to.anvil.url);
  await client.impersonateAccount({ address: MAILBOX });
  await client.setBalance({ address: MAILBOX, value: 10n ** 20n });
  const abi = parseAbi(['function handle(uint32 origin, bytes32 sender, bytes body) payable']);
  const data = encodeFunctionData({
    abi,
    functionName: 'handle',
    args: [origin, pad(sender, { size: 32 }), body],
  });
  const wallet = createWalletClient({ account: MAILBOX, transport: http(to.anvil.url) });
  await wallet.sendTransaction({ chain: null, to: escrow, data, gas: 2_000_000n });
}

async function deliverReport(): Promise<void> {
  const known = view();
  const fill = known && isPaid(known) ? fillOf(known) : undefined;
  if (fill === undefined) throw new TypeError('nothing is filled');
  const body = encodeReport([fill], zeroAddress);
  await deliver(home, home.chain.contracts.collateralEscrow, PAY, pay.chain.contracts.repaymentEscrow, body);
}

async function deliverVerdict(accepted: boolean): Promise<void> {
  const body = encodeVerdicts([{ orderId, accepted }]);
  await deliver(pay, pay.chain.contracts.repaymentEscrow, HOME, home.chain.contracts.collateralEscrow, body);
}

function until(what: (view: OrderView) => boolean): Promise<void> {
  return new Promise((resolve) => {
    changed = () => {
      const now = view();
      if (now !== undefined && what(now)) resolve();
    };
    changed();
  });
}

/** Starts what a solver's node runs for payments of its own. */
async function startPayer(dir: string): Promise<void> {
  const log = silentLogger();
  const { signal } = scope;
  const now = () => BigInt(Date.now());
  const scheduler = createScheduler({ now, signal, log });
  const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({ dir, log });
  scope.defer(store.close, 'store');
  const chainOf = (domain: number) => (domain === HOME ? home.chain : pay.chain);
  const senderOf = (chain: Chain) =>
    createSender({ chain, key: FUNDED_KEY, telemetry: { log, metrics }, signal });
  const chainTime = () => now() / 1_000n;
  const common = { chainOf, senderOf, chainTime, againAfterMs: patienceMs, now, metrics };
  const precedence = createPrecedence({ now, patience: () => 0n });
  const stages = ownPaymentStages(
    { report: reportStage(common), verdict: verdictStage(common), release: releaseStage(common) },
    { isPayer: (address) => sameAddress(address, payer.address), patienceMs, now },
  ).map((stage) => withPrecedence(stage, { metrics, precedence }));
  let runner: ReturnType<typeof createRunner> | undefined;
  engine = createEngine({
    orders: store.orders,
    onRecorded: () => undefined,
    onChanged: (order) => {
      runner?.consider(order);
      changed();
    },
    telemetry: { log, metrics },
  });
  runner = createRunner({ engine, stages, scheduler, now, telemetry: { log, metrics } });
  const nothing = () => undefined;
  const ingestHome = createHomeEvidence({
    chain: 'home',
    engine,
    keeps: () => true,
    award: async () => undefined,
    onLanded: nothing,
    onPassedOver: nothing,
  });
  const ingestPay = createPayEvidence({ chain: 'pay', engine });
  const from = { fromBlock: 0n, confirmations: 0, signal, log };
  scope.spawn('home', () =>
    followEvidence({
      ...from,
      chain: home.chain,
      address: home.chain.contracts.collateralEscrow,
      events: HOME_EVENTS,
      ingest: ingestHome,
    }),
  );
  scope.spawn('pay', () =>
    followEvidence({
      ...from,
      chain: pay.chain,
      address: pay.chain.contracts.repaymentEscrow,
      events: PAY_EVENTS,
      ingest: ingestPay,
    }),
  );
}

beforeEach(async () => {
  scope = new Scope();
  metrics = createCounters();
  const dir = await mkdtemp(join(tmpdir(), 'gavel-refund-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  [home, pay] = await Promise.all([startSite(HOME), startSite(PAY)]);
  const payToken = await createContract(pay.anvil.url, 'TestToken', ['Dollar', 'USDx', 18, payer.address]);
  const seconds = BigInt(Math.floor(Date.now() / 1_000));
  const won = await createWon({
    homeDomain: HOME,
    payDomain: PAY,
    homeEscrow: home.chain.contracts.collateralEscrow,
    payEscrow: pay.chain.contracts.repaymentEscrow,
    payToken,
    solver: payer.address,
    openBy: seconds - 60n,
    exclusiveUntil: seconds + 600n,
    fillDeadline: seconds + 1_200n,
    expiresAt: seconds + 2_400n,
  });
  order = won.order;
  orderId = orderIdOf(order);
  view = () => engine.byOrderId(orderId);
  await startPayer(join(dir, 'store'));

  // The landing was seen and paid for; then its block was gone for good.
  const seen = { chain: 'home', tx: pad('0x0a', { size: 32 }), block: 1n };
  await engine.record(order.intent, [
    { type: 'opened', seen, orderId, order, seized: 1n },
    { type: 'filling', orderId, chain: 'pay', hash: pad('0x0b', { size: 32 }), at: 0n },
    { type: 'reverted', event: 'opened', seen, at: 0n },
  ]);
  const sender = createSender({
    chain: pay.chain,
    key: FUNDED_KEY,
    telemetry: { log: silentLogger(), metrics },
    signal: scope.signal,
  });
  const mintAbi = parseAbi(['function mint(address to, uint256 amount)']);
  const { repaymentEscrow } = pay.chain.contracts;
  await sender.send({
    to: payToken,
    abi: mintAbi,
    functionName: 'mint',
    args: [payer.address, order.payAmount],
  });
  await sender.send({
    to: payToken,
    abi: erc20Abi,
    functionName: 'approve',
    args: [repaymentEscrow, order.payAmount],
  });
  const fill = [orderId, encodeBill(order), encodeFillerData(order.payout, order.ask)] as const;
  await sender.send({ to: repaymentEscrow, abi: repaymentEscrowAbi, functionName: 'fill', args: fill });
});

afterEach(() => scope.close());

function balance(): Promise<bigint> {
  return pay.chain.client.readContract({
    address: order.payToken,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [payer.address],
  });
}

test('a payment for an order that never opened comes back, with no keeper anywhere', async () => {
  expect(await balance()).toBe(0n);
  await until(({ reported }) => reported !== undefined);
  await deliverReport();
  await until(({ state, verdictSent }) => state === 'refused' && verdictSent !== undefined);
  await deliverVerdict(false);
  await until(({ state }) => state === 'refunded');
  expect(await balance()).toBe(order.payAmount);
  const [state] = await home.chain.client.readContract({
    address: home.chain.contracts.collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'orders',
    args: [orderId],
  });
  expect(state).toBe(4); // refused, for good
});

test('a report and a verdict that are lost are sent again, and no more once they had their effect', async () => {
  const messages = (of: 'reported' | 'verdictSent') => (order: OrderView) =>
    order.facts.filter(({ type }) => type === of).length;
  await until((order) => messages('reported')(order) === 2); // the first never arrived
  await deliverReport();
  await deliverReport(); // and the second twice
  await until((order) => messages('verdictSent')(order) === 2);
  await deliverVerdict(false);
  await deliverVerdict(false);
  await until(({ state }) => state === 'refunded');
  expect(await balance()).toBe(order.payAmount);
  const counts = metrics.snapshot();
  expect(counts['message_sent_again{kind="report"}']).toBeGreaterThanOrEqual(1);
  expect(counts['message_sent_again{kind="verdict"}']).toBeGreaterThanOrEqual(1);
});
