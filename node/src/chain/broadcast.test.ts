import { type Address, type Hex, type Log, parseAbiItem, parseEther, parseTransaction } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { Chain } from './client.ts';
import { createSender, type Sender } from './sender.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from './testing/anvil.ts';
import { BURN, deploy, ECHO, echoAbi, FUNDED, localChain, testClient } from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

/* What endpoints say against a transaction, and what of it is true. */

let anvil: Anvil;
let proxy: RpcProxy;
let address: Address;
let chain: Chain;
let sender: Sender;
let stopping: AbortController;
let recording: ReturnType<typeof recordingLogger>;
/** Every transaction that the proxy was sent. */
let broadcast: Hex[];

beforeEach(async () => {
  anvil = await startAnvil({ automine: true });
  proxy = await startRpcProxy(anvil.url);
  address = await deploy(anvil.url, ECHO);
  recording = recordingLogger();
  stopping = new AbortController();
  broadcast = [];
  proxy.fate = (body) => {
    broadcast.push(...rawIn(body));
    return 'pass';
  };
  connect();
});

afterEach(async () => {
  stopping.abort();
  await proxy.down();
  await anvil.stop();
});

function connect(settings: Parameters<typeof localChain>[1] = {}): void {
  chain = localChain([proxy.url], { fees: { stuckAfterMs: 60_000 }, ...settings }, recording.telemetry);
  const { telemetry } = recording;
  sender = createSender({ chain, key: FUNDED_KEY, telemetry, signal: stopping.signal });
}

function rawIn(body: string): Hex[] {
  return body.includes('eth_sendRawTransaction') ? (body.match(/0x02[0-9a-f]{100,}/g) as Hex[]) : [];
}

function echo(value: bigint, rest: object = {}) {
  return sender.send({ to: address, abi: echoAbi, functionName: 'echo', args: [value], ...rest });
}

async function echoed(): Promise<bigint[]> {
  const event = parseAbiItem('event Echoed(uint256 value)');
  const logs = await localChain([anvil.url]).client.getLogs({ address, event, fromBlock: 0n, strict: true });
  return (logs as Log<bigint, number, false, typeof event, true>[]).map(({ args }) => args.value);
}

const words = [
  { code: -32000, message: 'already known' },
  { code: -32010, message: 'AlreadyKnown' },
  { code: -32000, message: 'known transaction: 0x12' },
  { code: -32000, message: 'Known transaction' },
  { code: -32000, message: 'nonce too low' },
  { code: -32010, message: 'OldNonce, Current nonce: 1, nonce of rejected tx: 0' },
  { code: -32010, message: 'ReplacementNotAllowed' },
  { code: -32000, message: 'INTERNAL_ERROR: could not replace existing tx' },
  { code: -32000, message: 'replacement transaction underpriced' },
  { code: -32603, message: 'upstream request timeout' },
  { code: -32005, message: 'rate limit exceeded' },
  { code: -32003, message: 'transaction rejected' },
  { code: -32000, message: 'insufficient funds for gas * price + value' },
];

test.each(words)('a transaction that was taken in spite of "$message" is mined once', async (error) => {
  proxy.afterwards = ({ method }, answer) => (method === 'eth_sendRawTransaction' ? { error } : answer);
  expect((await echo(1n)).status).toBe('success');
  expect(new Set(broadcast).size).toBe(1);
  proxy.behave();
  await expect.poll(() => echo(2n).catch(() => undefined)).toMatchObject({ status: 'success' });
  expect(await echoed()).toEqual([1n, 2n]);
  expect(await chain.client.getTransactionCount({ address: FUNDED })).toBe(2);
});

test.each(words)(
  'a transaction that "$message" hides, with its hash unknown for a while, is awaited and mined once',
  async (error) => {
    proxy.afterwards = ({ method }, answer) => {
      if (method === 'eth_sendRawTransaction') return { error };
      return method === 'eth_getTransactionByHash' ? { result: null } : answer;
    };
    expect((await echo(1n)).status).toBe('success');
    expect(await echoed()).toEqual([1n]);
    expect(new Set(broadcast).size).toBe(1);
  },
);

test('a transaction that no endpoint takes for long holds up no other, and keeps its nonce', async () => {
  connect({ fees: { stuckAfterMs: 500 } });
  let isOpen = false;
  proxy.refusal = ({ method }) =>
    method === 'eth_sendRawTransaction' && !isOpen
      ? { code: -32603, message: 'upstream request timeout' }
      : undefined;
  const first = echo(1n);
  await recording.until('transaction not known to be taken, it is awaited and sent again');
  isOpen = true;
  const second = echo(2n);
  expect([(await first).status, (await second).status]).toEqual(['success', 'success']);
  expect(await echoed()).toEqual([1n, 2n]);
});

test.each(words)('a private landing stays private in spite of "$message"', async (error) => {
  const hidden = await startRpcProxy(anvil.url);
  try {
    await testClient(anvil.url).setAutomine(false);
    hidden.afterwards = ({ method }, answer) => (method === 'eth_sendRawTransaction' ? { error } : answer);
    connect({ privateRpc: hidden.url, publicAfterBlocks: 3 });
    const sending = echo(1n, { isPrivate: true });
    await recording.until(
      'private rpc may not have taken the transaction, it is kept private and sent again',
    );
    await testClient(anvil.url).mine({ blocks: 1 });
    expect((await sending).status).toBe('success');
    expect(broadcast).toEqual([]);
    expect(await echoed()).toEqual([1n]);
  } finally {
    await hidden.down();
  }
});

test('a stuck private landing is replaced in private', async () => {
  const hidden = await startRpcProxy(anvil.url);
  try {
    await testClient(anvil.url).setAutomine(false);
    connect({ privateRpc: hidden.url, publicAfterBlocks: 3, fees: { stuckAfterMs: 500 } });
    const sending = echo(1n, { isPrivate: true });
    await recording.until('stuck transaction replaced');
    await expect.poll(() => hidden.asked.get('eth_sendRawTransaction')).toBeGreaterThan(1);
    await testClient(anvil.url).mine({ blocks: 1 });
    expect((await sending).status).toBe('success');
    expect(broadcast).toEqual([]);
  } finally {
    await hidden.down();
  }
});

test('a transaction that the account cannot pay for any more is refused, and its nonce used again', async () => {
  const client = testClient(anvil.url);
  const onHash = () => client.setBalance({ address: FUNDED, value: 0n });
  await expect(echo(1n, { onHash })).rejects.toMatchObject({ code: 'REFUSED' });
  await client.setBalance({ address: FUNDED, value: parseEther('10') });
  expect((await echo(2n)).status).toBe('success');
  expect(await echoed()).toEqual([2n]);
});

test('a node behind a balancer that does not know a contract yet is not believed about its gas', async () => {
  let turn = 0;
  proxy.lag = ({ method }) => (/eth_(call|estimateGas)/.test(method) && turn++ % 2 === 0 ? 2 : 0);
  address = await deploy(anvil.url, ECHO);
  expect(await echo(1n)).toMatchObject({ status: 'success', logs: [{ address: address.toLowerCase() }] });
  turn = 1;
  address = await deploy(anvil.url, ECHO);
  expect(await echo(2n)).toMatchObject({ status: 'success', logs: [{ address: address.toLowerCase() }] });
});

test('no transaction has more gas than EIP-7825 allows, however much is estimated', async () => {
  address = await deploy(anvil.url, BURN);
  // 14.1 million gas: with a quarter more it would be above 16,777,216.
  expect((await echo(540_000n)).status).toBe('success');
  expect(parseTransaction(broadcast[0] as `0x02${string}`).gas).toBe(16_777_216n);
  broadcast.length = 0;
  await expect(echo(700_000n)).rejects.toMatchObject({ code: 'GAS_CAP', meta: { most: 16_777_216n } });
  // A node that has the cap itself finds no gas that suffices.
  proxy.refusal = ({ method }) =>
    method === 'eth_estimateGas'
      ? { code: -32000, message: 'gas required exceeds allowance (16777216)' }
      : undefined;
  await expect(echo(1n)).rejects.toMatchObject({ code: 'GAS_CAP' });
  expect(broadcast).toEqual([]);
});
