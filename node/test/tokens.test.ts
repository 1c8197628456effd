import {
  type Address,
  createWalletClient,
  encodeAbiParameters,
  erc20Abi,
  type Hex,
  http,
  keccak256,
  pad,
  parseEther,
  stringToHex,
  toHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chain } from '../src/chain/client.ts';
import { allowanceOf } from '../src/chain/erc20.ts';
import { createSender, type Sender } from '../src/chain/sender.ts';
import { type Anvil, startAnvil } from '../src/chain/testing/anvil.ts';
import { localChain, testClient } from '../src/chain/testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from '../src/chain/testing/rpc-proxy.ts';
import { describeToken } from '../src/chain/tokens.ts';
import { silentTelemetry } from '../src/observe/telemetry.ts';
import { approveExactly, createAllowances } from '../src/solver/pay/allowance.ts';
import { artifact, createContract, deployer, mined } from './contracts.ts';

/*
 * Tokens as they are, each with the behaviour of a token that is out there, on a real chain that two
 * endpoints serve and must agree about.
 */

const SPENDER: Address = '0x00000000000000000000000000000000000000aa';

let anvil: Anvil;
let second: RpcProxy;
let chain: Chain;

beforeAll(async () => {
  anvil = await startAnvil({ automine: true });
  second = await startRpcProxy(anvil.url);
  chain = localChain([anvil.url, second.url], { quorum: 2 });
});

afterAll(async () => {
  await chain.close();
  await second.down();
  await anvil.stop();
});

const describe = async (path: string, args: readonly unknown[]) =>
  describeToken(chain, await createContract(anvil.url, path, args));

const text = (value: string) => encodeAbiParameters([{ type: 'string' }], [value]);
const word = (value: number) => pad(toHex(value), { size: 32 });
const telling = (symbol: Hex, decimals: Hex = word(6)) => describe('TellingToken', [symbol, decimals]);

test('a symbol of 32 bytes, as of MKR, is read', async () => {
  expect(await describe('Bytes32Token', [stringToHex('MKRX', { size: 32 }), 18])).toMatchObject({
    symbol: 'MKRX',
    decimals: 18,
  });
});

test('the name stands in for an empty symbol', async () => {
  expect(await describe('Bytes32Token', [stringToHex('', { size: 32 }), 18])).toMatchObject({
    symbol: 'Maker-like',
  });
});

test('a token without symbol and name goes by its address, however its contract refuses', async () => {
  for (const answer of [0, 1, 2]) {
    const { address, symbol, decimals } = await describe('NamelessToken', [8, answer]);
    expect({ symbol, decimals }).toEqual({
      symbol: `${address.slice(0, 6)}…${address.slice(-4)}`,
      decimals: 8,
    });
  }
});

test('decimals from 2 to 27 are read as they are', async () => {
  for (const decimals of [2, 6, 8, 18, 24, 27]) {
    expect(await describe('TestToken', ['Any', 'ANY', decimals, deployer.address])).toMatchObject({
      symbol: 'ANY',
      decimals,
    });
  }
});

test('what a hostile contract calls itself stays short and printable', async () => {
  expect(await telling(text('US\u001b[2JD\n\u202eCX'))).toMatchObject({ symbol: 'US[2JDCX' });
  expect((await telling(text('A'.repeat(900)))).symbol).toHaveLength(32);
  const nothing = /^0x.{4}…/;
  expect((await telling(text('B'.repeat(5_000)))).symbol).toMatch(nothing);
  expect(await telling(text('\u0007\u200b'))).toMatchObject({ symbol: expect.stringMatching(nothing) });
  // An offset and a length that point out of the answer, and one word short of a string.
  const far = `0x${'ff'.repeat(32)}${'00'.repeat(32)}` as Hex;
  const long = `0x${word(32).slice(2)}${'ff'.repeat(32)}` as Hex;
  for (const answer of [far, long, '0x12'] as const) expect((await telling(answer)).symbol).toMatch(nothing);
});

test('a contract without decimals, or with impossible ones, is no token', async () => {
  for (const decimals of ['0x', '0x12', word(37), `0x${'ff'.repeat(32)}`] as const)
    await expect(telling(text('X'), decimals)).rejects.toMatchObject({ code: 'NOT_A_TOKEN' });
  await expect(describeToken(chain, SPENDER)).rejects.toMatchObject({ code: 'NOT_A_TOKEN' });
});

test('an endpoint that does not answer is no token without a symbol, and is asked again', async () => {
  const proxy = await startRpcProxy(anvil.url);
  const alone = localChain([proxy.url], { rpcTimeoutMs: 1_000 });
  const token = await createContract(anvil.url, 'TestToken', ['Dollar', 'USDX', 6, deployer.address]);
  await alone.client.getBlockNumber();
  proxy.fate = (body) => (body.includes('eth_call') ? 'drop' : 'pass');
  await expect(describeToken(alone, token)).rejects.not.toMatchObject({ code: 'NOT_A_TOKEN' });
  proxy.fate = () => 'pass';
  await expect
    .poll(() => describeToken(alone, token).catch(() => undefined))
    .toMatchObject({ symbol: 'USDX' });
  await alone.close();
  await proxy.down();
});

/** A sender with some tokens, and what it may do with them. */
async function holder(name: string, path: string, balance: bigint) {
  const key = keccak256(toHex(name));
  const { address } = privateKeyToAccount(key);
  const token = await createContract(anvil.url, path, [6, deployer.address]);
  await testClient(anvil.url).setBalance({ address, value: parseEther('1') });
  const wallet = createWalletClient({ account: deployer, transport: http(anvil.url) });
  const { abi } = await artifact(path);
  const mint = { chain: null, address: token, abi, functionName: 'mint', args: [address, balance] };
  await mined(anvil.url, await wallet.writeContract(mint));
  const sender = createSender({ chain, key, telemetry: silentTelemetry() });
  const sent: bigint[] = [];
  const counting: Sender = {
    address,
    send: (call) => {
      sent.push((call.args as readonly unknown[])[1] as bigint);
      return sender.send(call);
    },
  };
  const allowance = (spender: Address) => allowanceOf(chain.agreed, token, address, spender);
  return { token, address, sender: counting, sent, allowance };
}

test('a payment is approved over what is left of another, on a token such as USDT and on others', async () => {
  for (const [path, transactions] of [
    ['ApproveOnceToken', [70n, 0n, 40n, 0n]],
    ['ListingToken', [70n, 40n, 0n]],
  ] as const) {
    const { token, sender, sent, allowance } = await holder(`payer of ${path}`, path, 100n);
    for (const amount of [70n, 40n, 40n, 0n]) {
      await approveExactly(chain, sender, { token, spender: SPENDER, amount });
      expect(await allowance(SPENDER)).toBe(amount);
    }
    expect(sent).toEqual(transactions);
  }
});

test('a token such as USDT gets a higher allowance by way of zero, but never while other promises rest on it', async () => {
  const { token, address, sender, sent, allowance } = await holder('bidder', 'ApproveOnceToken', 100n);
  const { collateralEscrow } = chain.contracts;
  await approveExactly(chain, sender, { token, spender: collateralEscrow, amount: 30n });
  let promises = 2;
  const allowances = createAllowances({
    account: address,
    senderOf: () => sender,
    promises: () => promises,
  });
  await allowances.ensure(chain, token, 30n);
  await expect(allowances.ensure(chain, token, 60n)).rejects.toMatchObject({ code: 'ALLOWANCE_IN_USE' });
  await allowances.prepare(chain, token);
  expect(await allowance(collateralEscrow)).toBe(30n);
  promises = 1;
  await allowances.ensure(chain, token, 60n);
  expect(await allowance(collateralEscrow)).toBe(100n);
  expect(sent).toEqual([30n, 0n, 100n]);
});

test('an account that the token lists is refused before anything is signed', async () => {
  const { token, address, sender } = await holder('listed', 'ListingToken', 100n);
  const wallet = createWalletClient({ account: deployer, transport: http(anvil.url) });
  const { abi } = await artifact('ListingToken');
  const list = { chain: null, address: token, abi, functionName: 'setListed', args: [address, true] };
  await mined(anvil.url, await wallet.writeContract(list));
  const transfer = { to: token, abi: erc20Abi, functionName: 'transfer', args: [SPENDER, 1n] } as const;
  await expect(sender.send(transfer)).rejects.toMatchObject({ code: 'REVERTED' });
});
