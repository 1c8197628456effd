import { type Address, encodeFunctionData, type Hex, type Log, parseAbiItem, parseGwei } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Counters, createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { Chain } from './client.ts';
import { createSender, type JournaledTx, type Sender, type SentJournal } from './sender.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from './testing/anvil.ts';
import { deploy, ECHO, echoAbi, FUNDED, localChain, testClient } from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

/* Transactions that are not mined: anvil mines here only when it is told to. */

const account = privateKeyToAccount(FUNDED_KEY);
const FEES = { maxFeeGwei: '100', stuckAfterMs: 500 };

let anvil: Anvil;
let proxy: RpcProxy;
let address: Address;
let log: ReturnType<typeof recordingLogger>;
let metrics: Counters;
let stopping: AbortController;

beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  address = await deploy(anvil.url, ECHO);
  log = recordingLogger();
  metrics = createCounters();
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await proxy.down();
  await anvil.stop();
});

/** Makes the sender of a node that has just started. */
function start(
  settings: Parameters<typeof localChain>[1] = {},
  kept?: SentJournal,
): { chain: Chain; sender: Sender } {
  const chain = localChain([proxy.url], { fees: FEES, ...settings });
  const sender = createSender({
    chain,
    key: FUNDED_KEY,
    telemetry: { log: log.log, metrics },
    ...(kept === undefined ? {} : { journal: () => kept }),
    signal: stopping.signal,
  });
  return { chain, sender };
}

const echo = (value: bigint) => ({ to: address, abi: echoAbi, functionName: 'echo', args: [value] }) as const;

async function echoed(chain: Chain): Promise<bigint[]> {
  const event = parseAbiItem('event Echoed(uint256 value)');
  const logs = await chain.client.getLogs({ address, event, fromBlock: 0n, strict: true });
  return (logs as Log<bigint, number, false, typeof event, true>[]).map(({ args }) => args.value);
}

/** Signs what an earlier run of a node has left behind. */
function leftover(nonce: number, value: bigint): Promise<Hex> {
  const data = encodeFunctionData({ abi: echoAbi, functionName: 'echo', args: [value] });
  const fees = { maxFeePerGas: parseGwei('3'), maxPriorityFeePerGas: 1n };
  return account.signTransaction({ chainId: 31337, nonce, to: address, data, gas: 100_000n, ...fees });
}

test('a stuck transaction is replaced at the same nonce for at least an eighth more, and happens once', async () => {
  const { chain, sender } = start();
  const hashes: Hex[] = [];
  const sending = sender.send({ ...echo(1n), onHash: (hash) => void hashes.push(hash) });
  await log.until('stuck transaction replaced');
  await expect.poll(async () => (await pool()).length).toBe(1);
  const [waiting] = await pool();
  await testClient(anvil.url).mine({ blocks: 1 });
  const receipt = await sending;
  expect(hashes).toContain(receipt.transactionHash);
  expect(hashes.length).toBeGreaterThan(1);
  expect(await echoed(chain)).toEqual([1n]);
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(1);
  const line = await log.until('stuck transaction replaced');
  expect(line).toMatchObject({ nonce: 0, tx: hashes[0], by: hashes[1] });
  expect(BigInt(waiting?.maxFeePerGas ?? 0n)).toBeGreaterThan(parseGwei('2'));
  expect(metrics.snapshot()['transaction_replaced{chain="local"}']).toBeGreaterThan(0);
});

type Waiting = { readonly maxFeePerGas: Hex; readonly gas: Hex };

/** Lists what waits in the node's pool. */
async function pool(): Promise<Waiting[]> {
  const { pending } = (await testClient(anvil.url).request({
    method: 'txpool_content' as never,
    params: undefined as never,
  })) as unknown as { pending: Record<string, Record<string, Waiting>> };
  return Object.values(pending).flatMap((byNonce) => Object.values(byNonce));
}

test('no price is bid above the cap', async () => {
  const { sender } = start({ fees: { ...FEES, maxFeeGwei: '4' } });
  const sending = sender.send(echo(1n));
  await log.until('stuck transaction at the fee cap');
  for (const { maxFeePerGas } of await pool())
    expect(BigInt(maxFeePerGas)).toBeLessThanOrEqual(parseGwei('4'));
  expect(metrics.snapshot()['fee_cap_reached{chain="local"}']).toBeGreaterThan(0);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
});

test('while gas costs more than the cap nothing is signed, and it goes on when gas is cheap again', async () => {
  const { sender } = start({ fees: { ...FEES, maxFeeGwei: '4' } });
  const client = testClient(anvil.url);
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('50') });
  await client.mine({ blocks: 1 });
  await expect(sender.send(echo(1n))).rejects.toMatchObject({ code: 'FEE_CAP', retry: true });
  expect(proxy.asked.get('eth_sendRawTransaction')).toBeUndefined();
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') });
  await client.mine({ blocks: 1 });
  const sending = sender.send(echo(1n));
  await expect.poll(async () => (await pool()).length).toBe(1);
  await client.mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
});

test('a stuck transaction that nobody wants any more gives its nonce to one that does nothing', async () => {
  const { chain, sender } = start();
  const outcome = expect(sender.send({ ...echo(1n), isWanted: () => false })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  await log.until('stuck transaction cancelled');
  await expect.poll(async () => (await pool())[0]?.gas).toBe('0x5208');
  await testClient(anvil.url).mine({ blocks: 1 });
  await outcome;
  expect(await echoed(chain)).toEqual([]);
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(1);
});

test('a transaction lost between signing and broadcasting leaves its nonce to the next, and happens once', async () => {
  const before = start();
  let lost: Hex | undefined;
  const dying = before.sender.send({
    ...echo(1n),
    onHash: (hash) => {
      lost = hash;
      throw new TypeError('killed');
    },
  });
  await expect(dying).rejects.toThrow('killed');
  const { chain, sender } = start();
  const sending = sender.send(echo(1n));
  await expect.poll(async () => (await pool()).length).toBe(1);
  await testClient(anvil.url).mine({ blocks: 1 });
  const { transactionHash } = await sending;
  expect(lost).toBeDefined();
  expect(await echoed(chain)).toEqual([1n]);
  expect((await chain.client.getTransaction({ hash: transactionHash })).nonce).toBe(0);
});

test('a nonce that an earlier run left open is used first, so that what waits behind it goes on', async () => {
  const { chain, sender } = start();
  await chain.client.sendRawTransaction({ serializedTransaction: await leftover(1, 7n) });
  const sending = sender.send(echo(8n));
  await expect.poll(async () => (await pool()).length).toBe(2);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
  expect((await echoed(chain)).sort()).toEqual([7n, 8n]);
});

/** Keeps a journal in memory, as the store does on disk. */
function inMemory() {
  const entries = new Map<number, JournaledTx>();
  const journal: SentJournal = {
    put: async (nonce, signed) => void entries.set(nonce, signed),
    forget: async (nonce) => void entries.delete(nonce),
    all: async () => [...entries.values()],
  };
  return { entries, journal };
}

test('what an earlier run broadcast and left waiting does nothing any more after a restart', async () => {
  const { entries, journal } = inMemory();
  const { sender: first } = start({}, journal);
  const dying = expect(first.send(echo(1n))).rejects.toMatchObject({ code: 'ABORTED' });
  await expect.poll(async () => (await pool()).length).toBe(1);
  expect(entries.size).toBe(1);
  stopping.abort();
  await dying;
  stopping = new AbortController();
  const { chain: again, sender: next } = start({}, journal);
  await log.until('nonce gap filled');
  await expect.poll(async () => (await pool())[0]?.gas).toBe('0x5208');
  const sending = next.send(echo(2n));
  await expect.poll(async () => (await echoesAfterMining(again)).includes(2n)).toBe(true);
  expect((await sending).status).toBe('success');
  expect(await echoed(again)).toEqual([2n]);
});

async function echoesAfterMining(chain: Chain): Promise<bigint[]> {
  await testClient(anvil.url).mine({ blocks: 1 });
  return echoed(chain);
}

test('what an earlier run signed and nobody has seen is forgotten, and its nonce used again', async () => {
  const { entries, journal } = inMemory();
  const { sender: first } = start({}, journal);
  const onHash = () => {
    throw new TypeError('killed');
  };
  await expect(first.send({ ...echo(1n), onHash })).rejects.toThrow('killed');
  expect([...entries.keys()]).toEqual([0]);
  const { chain: again, sender: next } = start({}, journal);
  const sending = next.send(echo(2n));
  await expect.poll(async () => (await pool()).length).toBe(1);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
  expect(await echoed(again)).toEqual([2n]);
  expect(await again.client.getTransactionCount({ address: FUNDED })).toBe(1);
  expect(entries.size).toBe(0);
});

test('a gap left by a transaction that nobody has any more is filled by nothing', async () => {
  const { chain, sender } = start();
  // An earlier run's transaction at nonce 0 still counts as pending, and is gone all the same.
  proxy.lie = ({ method, params: [, at] }, result) =>
    method === 'eth_getTransactionCount' && at === 'pending' ? '0x1' : result;
  const sending = sender.send(echo(8n));
  await log.until('nonce gap filled');
  await expect.poll(async () => (await pool()).length).toBe(2);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
  expect(await echoed(chain)).toEqual([8n]);
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(2);
  expect(metrics.snapshot()['nonce_gap_filled{chain="local"}']).toBe(1);
});

test('many calls at once take consecutive nonces, and one replacement serves them all', async () => {
  const { chain, sender } = start();
  const values = [1n, 2n, 3n, 4n, 5n];
  const sending = Promise.all(values.map((value) => sender.send(echo(value))));
  await log.until('stuck transaction replaced');
  await expect.poll(async () => (await pool()).length).toBe(values.length);
  await testClient(anvil.url).mine({ blocks: 1 });
  await sending;
  expect(await echoed(chain)).toEqual(values);
});

test('a private transaction is shown to nobody else until enough blocks have passed', async () => {
  const hidden = await startRpcProxy(anvil.url);
  try {
    hidden.fate = (body) => (body.includes('eth_sendRawTransaction') ? 'swallow' : 'pass');
    const { sender } = start({
      privateRpc: hidden.url,
      publicAfterBlocks: 2,
      fees: { ...FEES, stuckAfterMs: 60_000 },
    });
    const sending = sender.send({ ...echo(1n), isPrivate: true });
    await expect.poll(() => hidden.asked.get('eth_sendRawTransaction')).toBeGreaterThan(1);
    expect(proxy.asked.get('eth_sendRawTransaction')).toBeUndefined();
    await testClient(anvil.url).mine({ blocks: 2 });
    await log.until('private transaction not mined, sent to the public');
    await expect.poll(async () => (await pool()).length).toBe(1);
    await testClient(anvil.url).mine({ blocks: 1 });
    expect((await sending).status).toBe('success');
  } finally {
    await hidden.down();
  }
});

test('without its private endpoint a private transaction is sent to the public at once', async () => {
  const gone = await startRpcProxy(anvil.url);
  await gone.down();
  const { sender } = start({ privateRpc: gone.url });
  const sending = sender.send({ ...echo(1n), isPrivate: true });
  await log.until('private rpc did not take the transaction, sent to the public');
  await expect.poll(async () => (await pool()).length).toBe(1);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
});

test('an endpoint that takes transactions and keeps them to itself stops none', async () => {
  const chain = localChain([proxy.url, anvil.url], { fees: { ...FEES, stuckAfterMs: 60_000 } });
  const sender = createSender({ chain, key: FUNDED_KEY, telemetry: log.telemetry, signal: stopping.signal });
  proxy.fate = (body) => (body.includes('eth_sendRawTransaction') ? 'swallow' : 'pass');
  const sending = sender.send(echo(1n));
  await expect.poll(async () => (await pool()).length).toBe(1);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect((await sending).status).toBe('success');
});
