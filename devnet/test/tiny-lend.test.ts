import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devAccount } from '../src/accounts.ts';
import { createNodeLog } from '../src/chapters/node-log.ts';
import { FEED_DECIMALS, movePrice } from '../src/lending/price-feed.ts';
import { openTinyLoan, tinyLendAbi } from '../src/lending/tiny-lend.ts';
import { type Network, siteOf, startNetwork } from '../src/network.ts';
import { nodePlans, startNodes } from '../src/nodes.ts';
import { EXAMPLE, MAIN_PLAN, type NetworkPlan } from '../src/plan.ts';
import { createSender } from '../src/sender.ts';
import { mint } from '../src/tokens.ts';

const BORROWER = devAccount(14);
/** How long one step may take before the test says which one did not come, milliseconds. */
const PATIENCE_MS = 400_000;

const plan: NetworkPlan = { ...MAIN_PLAN, loans: { alpha: [], beta: [] }, example: true };

let dir: string;
let network: Network;
const stack = new AsyncDisposableStack();
const { log, onLine } = createNodeLog();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-tiny-lend-'));
  network = await startNetwork({ dir, stack, plan, onStep: () => undefined });
  await startNodes({ network, plans: nodePlans(plan), stack, onLine });
});

afterAll(async () => {
  await stack.disposeAsync();
  await rm(dir, { recursive: true });
});

it('stock nodes serve the worked example by its module: loan, announcement, auction, landing', async () => {
  const { example } = network;
  const { chain, dollar } = siteOf(network, 'alpha');
  const market = network.markets.find(({ id }) => id === EXAMPLE.id);
  if (example === undefined || market === undefined) throw new TypeError('the network has no example');
  expect(market.protocol).toMatch(/tiny-lend\.ts$/);
  const owner = createSender(chain, network.lendingKey.privateKey);
  const borrower = createSender(chain, BORROWER.privateKey);
  const read = { address: example.address, abi: tinyLendAbi } as const;
  const healthOf = () =>
    chain.publicClient.readContract({ ...read, functionName: 'healthOf', args: [BORROWER.address] });

  // The nodes run already: the loan is found by the event that the module follows.
  const collateralAmount = 10n * 10n ** BigInt(example.collateral.decimals);
  await mint(owner, example.collateral.address, borrower.address, collateralAmount);
  const debtAmount = 29_900n * 10n ** BigInt(dollar.decimals);
  const { position } = await openTinyLoan(borrower, example, dollar, { collateralAmount, debtAmount });

  // 10 WETH at 3,650 dollars: a health of 0.977, at which the gate is open to the adapter alone.
  await movePrice(owner, market.feeds.WETH, 3_650n * 10n ** BigInt(FEED_DECIMALS));
  const before = await healthOf();
  expect(before).toBeLessThan(10n ** 18n);
  expect(before).toBeGreaterThanOrEqual(
    await chain.publicClient.readContract({ ...read, functionName: 'OPEN_BELOW' }),
  );

  const announced = await log.until(
    'the announcement',
    PATIENCE_MS,
    ({ msg, market: id }) => msg === 'intent announced' && id === EXAMPLE.id,
  );
  const ofAuction = (message: string) =>
    log.until(message, PATIENCE_MS, ({ msg, intent }) => msg === message && intent === announced.intent);
  await ofAuction('quote sent');
  await ofAuction('vote sent');
  const landed = await ofAuction('landed');
  expect(landed.chain).toBe('alpha');

  const events = await chain.publicClient.getContractEvents({
    ...read,
    eventName: 'Liquidated',
    fromBlock: 0n,
  });
  expect(events).toHaveLength(1);
  expect(events[0]?.args).toMatchObject({ borrower: BORROWER.address, repaid: debtAmount });
  expect(events[0]?.transactionHash).toBe(landed.tx);
  expect(position).toContain(BORROWER.address.slice(2).toLowerCase());
  expect(await healthOf()).toBeGreaterThan(before);
  expect(log.lines.filter(({ msg }) => msg === 'protocol failed')).toEqual([]);
});
