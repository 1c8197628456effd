import { type Address, type Hex, parseAbi, parseEther, parseTransaction } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { Chain } from './client.ts';
import { createSender, type Sender } from './sender.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from './testing/anvil.ts';
import { deploy, ECHO, echoAbi, FUNDED, localChain, ONCE, testClient } from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

const blindAbi = parseAbi(['function echo(uint256 value)']);

let anvil: Anvil;
let proxy: RpcProxy;
let address: Address;
let chain: Chain;
let sender: Sender;
let stopping: AbortController;
let recording: ReturnType<typeof recordingLogger>;

beforeAll(async () => {
  anvil = await startAnvil({ automine: true });
  proxy = await startRpcProxy(anvil.url);
  address = await deploy(anvil.url, ECHO);
});

beforeEach(() => {
  stopping = new AbortController();
  recording = recordingLogger();
  proxy.fate = () => 'pass';
  chain = localChain([proxy.url]);
  sender = createSender({ chain, key: FUNDED_KEY, telemetry: recording.telemetry, signal: stopping.signal });
});

afterEach(async () => {
  stopping.abort();
  await testClient(anvil.url).setAutomine(true);
});

afterAll(async () => {
  await proxy.down();
  await anvil.stop();
});

function echo(value: bigint, rest: { onHash?: (hash: Hex) => void } = {}) {
  return sender.send({ to: address, abi: echoAbi, functionName: 'echo', args: [value], ...rest });
}

/** Waits for the next request with this method, and returns what becomes of it. */
function intercept(method: string, fate: 'drop' | 'lose answer'): Promise<string> {
  return new Promise((resolve) => {
    proxy.fate = (body) => {
      if (!body.includes(method)) return 'pass';
      proxy.fate = () => 'pass';
      resolve(body);
      return fate;
    };
  });
}

test('a transaction is mined, its hash known before it is broadcast', async () => {
  let hashed: Hex | undefined;
  let broadcastAfter = false;
  proxy.fate = (body) => {
    if (body.includes('eth_sendRawTransaction')) broadcastAfter = hashed !== undefined;
    return 'pass';
  };
  const receipt = await echo(1n, {
    onHash: (hash) => {
      hashed = hash;
    },
  });
  expect(receipt).toMatchObject({ status: 'success', transactionHash: hashed });
  expect(receipt.logs).toHaveLength(1);
  expect(broadcastAfter).toBe(true);
});

test('transactions sent together take consecutive nonces and share blocks', async () => {
  await testClient(anvil.url).setAutomine(false);
  const hashes: Hex[] = [];
  const before = await chain.client.getTransactionCount({ address: FUNDED });
  const broadcast = new Promise<void>((resolve) => {
    let sent = 0;
    proxy.fate = (body) => {
      if (body.includes('eth_sendRawTransaction') && ++sent === 6) resolve();
      return 'pass';
    };
  });
  const sending = Array.from({ length: 6 }, (_, index) =>
    echo(BigInt(index + 1), { onHash: (hash) => hashes.push(hash) }),
  );
  await broadcast;
  await chain.client.waitForTransactionReceipt({ hash: await mineLast(hashes) });
  const receipts = await Promise.all(sending);
  expect(new Set(receipts.map(({ blockNumber }) => blockNumber)).size).toBeLessThan(6);
  const transactions = await Promise.all(hashes.map((hash) => chain.client.getTransaction({ hash })));
  expect(transactions.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3, 4, 5].map((index) => before + index));
});

async function mineLast(hashes: readonly Hex[]): Promise<Hex> {
  await testClient(anvil.url).setAutomine(true);
  await testClient(anvil.url).mine({ blocks: 1 });
  const last = hashes.at(-1);
  if (last === undefined) throw new TypeError('nothing was sent');
  return last;
}

test('a call that would revert is not sent, and says why', async () => {
  const before = await chain.client.getTransactionCount({ address: FUNDED });
  await expect(echo(0n)).rejects.toMatchObject({
    name: 'ChainError',
    code: 'REVERTED',
    meta: { chain: 'local', errorName: 'Zero', args: [7n] },
  });
  const blind = sender.send({ to: address, abi: blindAbi, functionName: 'echo', args: [0n] });
  await expect(blind).rejects.toMatchObject({
    code: 'REVERTED',
    meta: { data: expect.stringMatching(/^0x.*07$/) },
  });
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(before);
  expect((await echo(2n)).status).toBe('success');
});

test('a transaction that reverts when mined fails, and says why', async () => {
  const once = await deploy(anvil.url, ONCE);
  await testClient(anvil.url).setAutomine(false);
  const call = { to: once, abi: echoAbi, functionName: 'echo', args: [1n] } as const;
  const signed: Hex[] = [];
  const broadcast = new Promise<void>((resolve) => {
    proxy.fate = (body) => {
      if (body.includes('eth_sendRawTransaction') && signed.length === 2) resolve();
      return 'pass';
    };
  });
  const onHash = (hash: Hex) => void signed.push(hash);
  const first = sender.send({ ...call, gas: 100_000n, onHash });
  const second = sender.send({ ...call, gas: 100_000n, onHash });
  const outcome = expect(second).rejects.toMatchObject({
    code: 'FAILED',
    meta: { errorName: 'Zero', args: [7n] },
  });
  await broadcast;
  await testClient(anvil.url).setAutomine(true);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await first).status).toBe('success');
  await outcome;
});

test('a lost answer to a broadcast does not send twice', async () => {
  const before = await chain.client.getTransactionCount({ address: FUNDED });
  const intercepted = intercept('eth_sendRawTransaction', 'lose answer');
  const sending = echo(3n);
  await intercepted;
  expect((await sending).status).toBe('success');
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(before + 1);
});

test('a transaction survives an RPC that goes away while it waits', async () => {
  await testClient(anvil.url).setAutomine(false);
  const intercepted = intercept('eth_getTransactionReceipt', 'drop');
  const sending = echo(4n);
  await intercepted;
  await proxy.down();
  await testClient(anvil.url).setAutomine(true);
  await testClient(anvil.url).mine({ blocks: 1 });
  await recording.until('receipt not read yet');
  await proxy.up();
  expect((await sending).status).toBe('success');
});

test('an RPC that is down before anything is signed is worth a retry', async () => {
  await proxy.down();
  await expect(echo(5n)).rejects.toMatchObject({ code: 'UNREACHABLE', retry: true });
  await proxy.up();
  expect((await echo(5n)).status).toBe('success');
});

test('a nonce that someone else took is found out', async () => {
  await echo(6n);
  const elsewhere = createSender({
    chain: localChain([anvil.url]),
    key: FUNDED_KEY,
    telemetry: recording.telemetry,
  });
  await elsewhere.send({ to: address, abi: echoAbi, functionName: 'echo', args: [7n] });
  expect((await echo(8n)).status).toBe('success');
});

test('an account without funds is refused before anything is signed, until it has some', async () => {
  const metrics = createCounters();
  const poor = createSender({ chain, key: generatePrivateKey(), telemetry: { log: recording.log, metrics } });
  const call = {
    to: address,
    abi: echoAbi,
    functionName: 'echo',
    args: [1n],
    value: parseEther('1'),
  } as const;
  const client = testClient(anvil.url);
  for (const value of [0n, parseEther('1')]) {
    await client.setBalance({ address: poor.address, value });
    await expect(poor.send(call)).rejects.toMatchObject({
      code: 'OUT_OF_GAS_MONEY',
      retry: true,
      meta: { balance: value, from: poor.address },
    });
  }
  expect(metrics.snapshot()).toEqual({ 'gas_money_missing{chain="local"}': 2 });
  await client.setBalance({ address: poor.address, value: parseEther('1.1') });
  expect((await poor.send(call)).status).toBe('success');
});

test('one key on one chain has one queue', () => {
  expect(createSender({ chain, key: FUNDED_KEY, telemetry: recording.telemetry })).toBe(sender);
  expect(sender.address).toBe(privateKeyToAccount(FUNDED_KEY).address);
});

test('a key that is none is refused without being quoted', () => {
  const key: Hex = '0x1234';
  expect(() => createSender({ chain, key, telemetry: recording.telemetry })).toThrowError(
    expect.objectContaining({ code: 'BAD_KEY', message: expect.not.stringContaining('1234') }),
  );
});

test('waiting ends when the node stops', async () => {
  await testClient(anvil.url).setAutomine(false);
  const intercepted = intercept('eth_getTransactionReceipt', 'drop');
  const outcome = expect(echo(9n)).rejects.toMatchObject({ code: 'ABORTED' });
  await intercepted;
  stopping.abort();
  await outcome;
});

test('an onHash that fails stops the broadcast', async () => {
  let raw: string | undefined;
  proxy.fate = (body) => {
    if (body.includes('eth_sendRawTransaction')) raw = body;
    return 'pass';
  };
  const onHash = () => {
    throw new TypeError('disk full');
  };
  await expect(echo(10n, { onHash })).rejects.toThrow('disk full');
  expect(raw).toBeUndefined();
});

test('transactions carry the chain id and a fee that outlives a few blocks', async () => {
  const intercepted = new Promise<string>((resolve) => {
    proxy.fate = (body) => {
      if (body.includes('eth_sendRawTransaction')) resolve(body);
      return 'pass';
    };
  });
  await echo(11n);
  const raw = /0x02[0-9a-f]+/.exec(await intercepted)?.[0] as `0x02${string}`;
  const block = await chain.client.getBlock();
  const { chainId, maxFeePerGas = 0n } = parseTransaction(raw);
  expect(chainId).toBe(31337);
  expect(maxFeePerGas).toBeGreaterThan((block.baseFeePerGas ?? 0n) * 2n);
});
