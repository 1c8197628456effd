import { repaymentEscrowAbi } from '@gavel/abi';
import {
  type Address,
  createPublicClient,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  erc20Abi,
  getAbiItem,
  type Hex,
  http,
  numberToHex,
  pad,
  parseAbi,
} from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Chain, connectChain } from '../src/chain/client.ts';
import { followHeads } from '../src/chain/heads.ts';
import { followLogs } from '../src/chain/logs.ts';
import { createSender } from '../src/chain/sender.ts';
import { type Anvil, startAnvil } from '../src/chain/testing/anvil.ts';
import { FUNDED, mineMany, testClient } from '../src/chain/testing/local-chain.ts';
import { type Fate, type Lie, type RpcProxy, startRpcProxy } from '../src/chain/testing/rpc-proxy.ts';
import { completeChain } from '../src/config/schema.ts';
import { type Counters, createCounters } from '../src/observe/counters.ts';
import { recordingLogger } from '../src/observe/testing/recording-logger.ts';
import { fold } from '../src/order/fold.ts';
import { homeOrder } from '../src/orders/chain-state.ts';
import { findPaymentStage } from '../src/orders/reconcile.ts';
import { createKeyedMutex } from '../src/runtime/keyed-mutex.ts';
import { fillStage } from '../src/solver/pay/fill.ts';
import { addressOf, ESCROW, HOME_DOMAIN, keyOf, PAY_DOMAIN } from './arena.ts';
import { createContract, mailboxCode } from './contracts.ts';
import { createWon, type Won } from './orders.ts';

/*
 * A solver that has won an order, two real chains, the real pay escrow, and between them RPC endpoints that
 * lie. Each test asks the step that pays what it would do, and looks at the escrow itself for whether
 * anything was paid.
 */

const MAILBOX: Address = '0x00000000000000000000000000000000000a11b0';
const solver = { key: keyOf('x'), address: addressOf('x') };

/** Returns the word in slot 0, then a zero: the state of every order is what a test puts there. */
const STATE_CODE: Hex = '0x60005460005260406000f3';
const OPEN = 1;
const SOLD = 3;

type Site = { anvil: Anvil; proxies: RpcProxy[] };

let home: Site;
let pay: Site;
let payEscrow: Address;
let payToken: Address;
let won: Won;
let opened: { tx: Hex; block: bigint };
let log: ReturnType<typeof recordingLogger>;
let metrics: Counters;
let chains: Chain[];
let serial = 0n;

async function startSite(): Promise<Site> {
  const anvil = await startAnvil({ automine: true });
  const proxies = await Promise.all([1, 2, 3].map(() => startRpcProxy(anvil.url)));
  await testClient(anvil.url).setBalance({ address: solver.address, value: 10n ** 21n });
  return { anvil, proxies };
}

/** Lets the home escrow say that every order is in this state. */
async function setOrders(state: number): Promise<void> {
  const client = testClient(home.anvil.url);
  await client.setStorageAt({ address: ESCROW, index: 0, value: pad(numberToHex(state), { size: 32 }) });
  await client.mine({ blocks: 1 });
}

async function send(site: Site, from: Address, to: Address, data: Hex): Promise<{ tx: Hex; block: bigint }> {
  const client = testClient(site.anvil.url);
  await client.impersonateAccount({ address: from });
  const call = { from, to, data, gas: '0x100000' };
  const tx = (await client.request({
    method: 'eth_sendTransaction' as never,
    params: [call] as never,
  })) as Hex;
  const { blockNumber } = await truth(site).waitForTransactionReceipt({ hash: tx, pollingInterval: 10 });
  return { tx, block: blockNumber };
}

function truth(site: Site) {
  return createPublicClient({ transport: http(site.anvil.url), cacheTime: 0 });
}

beforeAll(async () => {
  [home, pay] = await Promise.all([startSite(), startSite()]);
  await testClient(home.anvil.url).setCode({ address: ESCROW, bytecode: STATE_CODE });
  await testClient(pay.anvil.url).setCode({ address: MAILBOX, bytecode: mailboxCode(PAY_DOMAIN) });
  payEscrow = await createContract(pay.anvil.url, 'RepaymentEscrow', [MAILBOX, MAILBOX]);
  payToken = await createContract(pay.anvil.url, 'TestToken', ['Dollar', 'USDx', 18, FUNDED]);
  const abi = parseAbi(['function mint(address to, uint256 amount)']);
  const data = encodeFunctionData({ abi, functionName: 'mint', args: [solver.address, 10n ** 12n] });
  await send(pay, FUNDED, payToken, data);
});

beforeEach(async () => {
  const seconds = BigInt(Math.floor(Date.now() / 1_000));
  serial += 1n;
  const made = await createWon({
    payEscrow,
    payToken,
    openBy: seconds - 60n + serial, // makes each test's order another one
    exclusiveUntil: seconds + 600n,
    fillDeadline: seconds + 1_200n,
    expiresAt: seconds + 2_400n,
  });
  const { record } = made;
  won = { ...made, record: { ...record, reservation: { ...record.reservation, token: payToken } } };
  await setOrders(OPEN);
  opened = await send(home, FUNDED, FUNDED, '0x');
  await testClient(pay.anvil.url).mine({ blocks: 1 });
  log = recordingLogger();
  metrics = createCounters();
  chains = [];
  for (const proxy of [...home.proxies, ...pay.proxies]) {
    proxy.behave();
    proxy.asked.clear();
  }
});

afterEach(() => Promise.all(chains.map((chain) => chain.close())));

afterAll(async () => {
  for (const { anvil, proxies } of [home, pay]) {
    await Promise.all(proxies.map((proxy) => proxy.down()));
    await anvil.stop();
  }
});

/** Connects to the first `count` endpoints of a site. */
function connect(site: Site, count = 3, settings: Partial<Parameters<typeof completeChain>[0]> = {}): Chain {
  const isHome = site === home;
  const config = completeChain({
    chainId: 31337,
    domain: isHome ? HOME_DOMAIN : PAY_DOMAIN,
    rpc: site.proxies.slice(0, count).map(({ url }) => url),
    pollMs: 20,
    confirmations: 0,
    contracts: {
      collateralEscrow: isHome ? ESCROW : MAILBOX,
      repaymentEscrow: isHome ? MAILBOX : payEscrow,
      bonds: MAILBOX,
      registry: MAILBOX,
      mailbox: MAILBOX,
    },
    ...settings,
  });
  const chain = connectChain(isHome ? 'home' : 'pay', config, { log: log.log, metrics });
  chains.push(chain);
  return chain;
}

type SignedTx = { readonly error: unknown; readonly withheld: boolean };

/** Runs the step that pays once, with the heads that the node would have. */
async function attempt(
  options: {
    home?: Chain;
    pay?: Chain;
    confirmations?: number;
    orderOpened?: { tx: Hex; block: bigint };
  } = {},
): Promise<SignedTx> {
  const ends = { home: options.home ?? connect(home), pay: options.pay ?? connect(pay) };
  const seen = options.orderOpened ?? opened;
  let error: unknown;
  try {
    const heads = new Map(
      await Promise.all(
        [ends.home, ends.pay].map(async (chain) => [chain.name, await chain.agreed.getBlock()] as const),
      ),
    );
    const stage = fillStage({
      account: solver.address,
      confirmations: [{ confirmations: options.confirmations ?? 0 }],
      decimals: async () => 6,
      limit: () => undefined,
      findLost: async () => undefined,
      signerOf: async () => undefined,
      quoteOf: async () => won.record,
      chainOf: (domain) => (domain === HOME_DOMAIN ? ends.home : ends.pay),
      senderOf: (chain) => createSender({ chain, key: solver.key, telemetry: log.telemetry }),
      headOf: (chain) => heads.get(chain),
      mutex: createKeyedMutex(),
      record: async () => undefined,
      now: () => BigInt(Date.now()),
      telemetry: { log: log.log, metrics },
    });
    const event = {
      type: 'opened',
      seen: { chain: 'home', ...seen },
      orderId: won.orderId,
      order: won.order,
      seized: 1n,
    } as const;
    await stage.run(fold(won.order.intent, [event]));
  } catch (cause) {
    error = cause;
  }
  const withheld = Object.keys(metrics.snapshot()).some((name) => name.startsWith('payment_withheld'));
  return { error, withheld };
}

/** Whether the escrow holds a payment of this test's order. */
async function isPaid(): Promise<boolean> {
  const call = {
    address: payEscrow,
    abi: repaymentEscrowAbi,
    functionName: 'payments',
    args: [won.orderId],
  } as const;
  return (await truth(pay).readContract(call)) !== 0;
}

function counted(name: string): number {
  const entries = Object.entries(metrics.snapshot());
  return entries.filter(([series]) => series.startsWith(name)).reduce((sum, [, count]) => sum + count, 0);
}

/** Lets the first `count` endpoints of a site lie. */
function letLie(site: Site, lie: Lie, count = 1): void {
  for (const proxy of site.proxies.slice(0, count)) proxy.lie = lie;
}

function letFail(site: Site, fate: Fate, count = 1): void {
  for (const proxy of site.proxies.slice(0, count)) proxy.fate = () => fate;
}

/** Change only what is asked of one contract. */
function onCall(address: Address, change: (result: unknown) => unknown): Lie {
  return ({ method, params: [call] }, result) =>
    method === 'eth_call' && (call as { to?: string }).to?.toLowerCase() === address.toLowerCase()
      ? change(result)
      : result;
}

const word = (value: number | bigint) => pad(numberToHex(value), { size: 32 });
const sayOrder = (state: number) => onCall(ESCROW, () => `${word(state)}${word(0).slice(2)}`);

test('without lies the order is paid, once', async () => {
  expect(await attempt()).toEqual({ error: undefined, withheld: false });
  expect(await isPaid()).toBe(true);
  const before = await truth(pay).getTransactionCount({ address: solver.address });
  await attempt();
  expect(await truth(pay).getTransactionCount({ address: solver.address })).toBe(before);
});

test('an endpoint that says a sold order is open causes no payment, and is named', async () => {
  await setOrders(SOLD);
  letLie(home, sayOrder(OPEN));
  const chain = connect(home);
  await attempt({ home: chain });
  expect(await isPaid()).toBe(false);
  await log.until('rpc contradicts the others');
  expect(log.lines).toContainEqual(
    expect.objectContaining({
      msg: 'rpc contradicts the others',
      level: 50,
      chain: 'home',
      rpc: home.proxies[0]?.url,
      question: 'eth_call',
    }),
  );
  expect(counted('rpc_dissent')).toBeGreaterThan(0);
  expect(await log.until('rpc quarantined')).toMatchObject({ reasons: 'dissenting' });
});

test('an endpoint that says an open order is sold stops no payment', async () => {
  letLie(home, sayOrder(SOLD));
  expect((await attempt()).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
});

test('two endpoints that contradict each other are believed in nothing', async () => {
  letLie(home, sayOrder(SOLD));
  expect((await attempt({ home: connect(home, 2) })).error).toMatchObject({
    code: 'EVIDENCE_UNKNOWN',
    retry: true,
  });
  expect(await isPaid()).toBe(false);
  const { answers } = await log.until('rpc endpoints disagree');
  expect(Object.keys(answers as object).sort()).toEqual(
    home.proxies
      .slice(0, 2)
      .map(({ url }) => url)
      .sort(),
  );
  expect(counted('rpc_quorum_missed{chain="home",reason="DISAGREEMENT"}')).toBeGreaterThan(0);
});

test('three endpoints with three answers are believed in nothing', async () => {
  home.proxies.forEach((proxy, index) => {
    proxy.lie = sayOrder(index + 1);
  });
  expect((await attempt()).error).toMatchObject({ code: 'EVIDENCE_UNKNOWN' });
  expect(await isPaid()).toBe(false);
});

test('a configured quorum of all is kept: one liar among three stops payments', async () => {
  letLie(home, sayOrder(SOLD));
  expect((await attempt({ home: connect(home, 3, { quorum: 3 }) })).error).toMatchObject({
    code: 'EVIDENCE_UNKNOWN',
  });
  expect(await isPaid()).toBe(false);
});

test('an endpoint that hides that an order is paid causes no second payment', async () => {
  await attempt();
  const before = await truth(pay).getTransactionCount({ address: solver.address });
  letLie(
    pay,
    onCall(payEscrow, () => word(0)),
  );
  await attempt();
  expect(await truth(pay).getTransactionCount({ address: solver.address })).toBe(before);
  await log.until('rpc contradicts the others');
});

test('a receipt faked for a landing that is not there causes no payment', async () => {
  const gone = pad('0xdead', { size: 32 });
  letLie(home, ({ method, params: [hash] }, result) =>
    method === 'eth_getTransactionReceipt' && hash === gone
      ? {
          transactionHash: gone,
          blockNumber: numberToHex(opened.block - 2n),
          blockHash: pad('0x01', { size: 32 }),
          status: '0x1',
          logs: [],
        }
      : result,
  );
  await attempt({ orderOpened: { tx: gone, block: opened.block } });
  expect(await isPaid()).toBe(false);
  await log.until('rpc contradicts the others');
});

test('a receipt that is hidden by one endpoint stops no payment', async () => {
  letLie(home, ({ method }, result) => (method === 'eth_getTransactionReceipt' ? null : result));
  expect((await attempt()).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
});

test('an answer about another transaction than asked for is refused', async () => {
  letLie(home, ({ method }, result) =>
    method === 'eth_getTransactionReceipt'
      ? { ...(result as object), transactionHash: pad('0x0b', { size: 32 }) }
      : result,
  );
  expect((await attempt()).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
  await log.until('rpc answer refused');
  expect(counted('rpc_answer_refused')).toBeGreaterThan(0);
});

test('a receipt that shows a landing deeper than it is pays nothing early', async () => {
  const now = await send(home, FUNDED, FUNDED, '0x');
  letLie(home, ({ method }, result) =>
    method === 'eth_getTransactionReceipt'
      ? { ...(result as object), blockNumber: numberToHex(now.block - 3n) }
      : result,
  );
  await attempt({ confirmations: 3, orderOpened: { tx: now.tx, block: now.block - 3n } });
  expect(await isPaid()).toBe(false);
});

test('a head from the future pays nothing early, and quarantines its endpoint', async () => {
  letLie(home, ({ method, params: [at] }, result) =>
    method === 'eth_getBlockByNumber' && at === 'latest'
      ? { ...(result as object), number: '0xfffff', hash: pad('0xff', { size: 32 }) }
      : result,
  );
  const chain = connect(home);
  await attempt({ home: chain, confirmations: 50 });
  expect(await isPaid()).toBe(false);
  await log.until('rpc quarantined');
  expect(chain.endpoints[0]?.quarantined()).toContain('ahead');
  expect(counted('rpc_quarantined')).toBeGreaterThan(0);
});

async function reach(heads: ReturnType<typeof followHeads>, number: bigint): Promise<void> {
  for (;;) {
    const { value } = await heads.next();
    if (value === undefined || value.number >= number) return;
  }
}

test('an endpoint whose head is frozen is quarantined until it catches up', async () => {
  const chain = connect(home);
  const client = testClient(home.anvil.url);
  const frozen: unknown = await truth(home).request({
    method: 'eth_getBlockByNumber',
    params: ['latest', false],
  });
  letLie(home, ({ method, params: [at] }, result) =>
    method === 'eth_getBlockByNumber' && at === 'latest' ? frozen : result,
  );
  await client.mine({ blocks: 10 });
  const stopping = new AbortController();
  const heads = followHeads({ chain, signal: stopping.signal, log: log.log });
  await reach(heads, await truth(home).getBlockNumber());
  await log.until('rpc quarantined');
  expect(chain.endpoints[0]?.quarantined()).toEqual(['lagging']);
  expect((await attempt({ home: chain })).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
  letLie(home, (_, result) => result);
  await client.mine({ blocks: 1 });
  await reach(heads, await truth(home).getBlockNumber());
  await log.until('rpc in use again');
  stopping.abort();
  await heads.return();
});

test('a chain whose heads are all frozen is not paid by', async () => {
  const chain = connect(home, 3, { maxHeadAgeMs: 1_000 });
  const stale = numberToHex(BigInt(Math.floor(Date.now() / 1_000)) - 3_600n);
  letLie(
    home,
    ({ method }, result) =>
      method === 'eth_getBlockByNumber' ? { ...(result as object), timestamp: stale } : result,
    3,
  );
  const { error } = await attempt({ home: chain });
  expect(error).toMatchObject({ code: 'EVIDENCE_UNKNOWN', meta: { chain: 'home' } });
  expect(await isPaid()).toBe(false);
});

test('a balance that one endpoint makes up is not believed', async () => {
  letLie(
    pay,
    onCall(payToken, () => word(10n ** 30n)),
  );
  const balance = await connect(pay).agreed.readContract({
    address: payToken,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [solver.address],
  });
  expect(balance).toBeLessThanOrEqual(10n ** 12n);
  await log.until('rpc contradicts the others');
});

const filled = getAbiItem({ abi: repaymentEscrowAbi, name: 'Filled' });

async function firstLogs(chain: Chain, fromBlock: bigint) {
  const stopping = new AbortController();
  const options = { chain, address: payEscrow, events: [filled], fromBlock, confirmations: 0 } as const;
  for await (const { logs } of followLogs({ ...options, signal: stopping.signal, log: log.log })) {
    stopping.abort();
    return logs;
  }
  return [];
}

test('a log that one endpoint drops is found all the same', async () => {
  const fromBlock = (await truth(pay).getBlockNumber()) + 1n;
  await attempt();
  letLie(pay, ({ method }, result) => (method === 'eth_getLogs' ? [] : result));
  expect((await firstLogs(connect(pay), fromBlock)).map(({ args }) => args.orderId)).toEqual([won.orderId]);
  await log.until('rpc contradicts the others');
});

test('a log that one endpoint makes up settles nothing', async () => {
  const fromBlock = await truth(pay).getBlockNumber();
  const block = await truth(pay).getBlock();
  const topics = encodeEventTopics({
    abi: [filled],
    eventName: 'Filled',
    args: { orderId: won.orderId } as never,
  });
  const inputs = filled.inputs.filter((input) => !('indexed' in input && input.indexed));
  const invented = {
    address: payEscrow,
    topics: [...topics, ...Array.from({ length: 3 - topics.length }, () => word(1))],
    data: encodeAbiParameters([{ type: 'bytes' }], [pad('0x00', { size: 32 * inputs.length })]),
    blockNumber: numberToHex(fromBlock),
    blockHash: block.hash,
    transactionHash: pad('0x0c', { size: 32 }),
    transactionIndex: '0x0',
    logIndex: '0x0',
    removed: false,
  };
  letLie(pay, ({ method }, result) => (method === 'eth_getLogs' ? [invented] : result));
  expect(await firstLogs(connect(pay), fromBlock)).toEqual([]);
  await log.until('rpc contradicts the others');
});

test('an endpoint that starts to refuse by status 429 is left alone for a while, and the others pay', async () => {
  letFail(pay, '429');
  const chain = connect(pay);
  expect((await attempt({ pay: chain })).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
  expect(counted('rpc_rate_limited')).toBeGreaterThan(0);
  expect(await log.until('rpc quarantined')).toMatchObject({ reasons: 'rate limited' });
});

test('while every endpoint limits the rate nothing is paid, and afterwards it is', async () => {
  const chain = connect(pay);
  letFail(pay, 'limit', 3);
  expect((await attempt({ pay: chain })).error).toBeDefined();
  expect(await isPaid()).toBe(false);
  letFail(pay, 'pass', 3);
  await expect.poll(async () => (await attempt({ pay: chain })).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
});

test.each(['truncate', 'drop', 'hang'] as const)(
  'an endpoint that fails (%s) stops no payment',
  async (fate) => {
    letFail(home, fate);
    letFail(pay, fate);
    // Far longer than an endpoint that works takes to answer.
    const patience = { rpcTimeoutMs: 3_000 };
    const ends = { home: connect(home, 3, patience), pay: connect(pay, 3, patience) };
    expect((await attempt(ends)).error).toBeUndefined();
    expect(await isPaid()).toBe(true);
    await expect.poll(() => counted('rpc_failed')).toBeGreaterThan(0);
  },
);

test.each(['truncate', 'drop', 'hang'] as const)(
  'where too few endpoints answer (%s) nothing is paid',
  async (fate) => {
    letFail(home, fate, 2);
    const chain = connect(home, 3, { rpcTimeoutMs: 2_000 });
    expect((await attempt({ home: chain })).error).toBeDefined();
    expect(await isPaid()).toBe(false);
    expect(counted('rpc_quorum_missed{chain="home",reason="NO_QUORUM"}')).toBeGreaterThan(0);
    letFail(home, 'pass', 2);
    await expect.poll(async () => (await attempt({ home: chain })).error, { interval: 200 }).toBeUndefined();
    expect(await isPaid()).toBe(true);
  },
);

test('an endpoint that turns to another chain is quarantined for good', async () => {
  letLie(home, ({ method }, result) => (method === 'eth_chainId' ? '0x2a' : result));
  const chain = connect(home);
  expect((await attempt({ home: chain })).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
  expect(chain.endpoints[0]?.quarantined()).toEqual(['wrong chain']);
  expect(await log.until('rpc quarantined')).toMatchObject({ reasons: 'wrong chain' });
});

test('a batch answered in part hands no question another’s answer, and what is missing is asked again', async () => {
  const chain = connect(home, 1);
  const proxy = home.proxies[0];
  if (proxy === undefined) throw new TypeError('no proxy');
  await chain.endpoints[0]?.verify();
  proxy.batches = { most: 1, beyond: 'part' };
  const [state, balance] = await Promise.all([
    homeOrder(chain, won.orderId),
    chain.client.getBalance({ address: solver.address }),
  ]);
  expect(state).toEqual(await homeOrder(connect(home, 1), won.orderId));
  expect(balance).toBe(await truth(home).getBalance({ address: solver.address }));
  expect(chain.endpoints[0]?.batchSize()).toBe(1);
});

test('a payment of long ago is found through providers that take 100 blocks of logs at once', async () => {
  expect((await attempt()).error).toBeUndefined();
  expect(await isPaid()).toBe(true);
  await mineMany(pay.anvil.url, 700);
  for (const proxy of pay.proxies) {
    proxy.batches = { most: 3, beyond: 'status' };
    proxy.refusal = ({ method, params: [filter] }) => {
      const { fromBlock, toBlock } = (filter ?? {}) as { fromBlock?: string; toBlock?: string };
      return method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) >= 100
        ? { code: -32005, message: 'query exceeds max block range 100' }
        : undefined;
    };
  }
  const chain = connect(pay);
  const stage = findPaymentStage({ chainOf: () => chain, now: () => BigInt(Date.now()) });
  const open = fold(won.order.intent, [
    {
      type: 'opened',
      seen: { chain: 'home', ...opened },
      orderId: won.orderId,
      order: won.order,
      seized: 1n,
    },
  ]);
  const [found] = await stage.run(open);
  expect(found).toMatchObject({ type: 'filled', orderId: won.orderId });
  // Without a payment no log is asked for.
  for (const proxy of pay.proxies) proxy.asked.clear();
  const other = await createWon({ payEscrow, payToken });
  const none = fold(other.order.intent, [
    {
      type: 'opened',
      seen: { chain: 'home', ...opened },
      orderId: other.orderId,
      order: other.order,
      seized: 1n,
    },
  ]);
  expect(await stage.run(none)).toEqual([]);
  for (const proxy of pay.proxies) expect(proxy.asked.get('eth_getLogs')).toBeUndefined();
});
