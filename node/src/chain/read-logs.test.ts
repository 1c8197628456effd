import { marketRegistryAbi } from '@gavel/abi';
import { marketId } from '@gavel/protocol';
import {
  type Address,
  concatHex,
  encodeAbiParameters,
  encodeFunctionData,
  getAbiItem,
  type Hex,
  pad,
  parseAbiItem,
  toEventSelector,
} from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { debtTokensOf } from '../auction/debt-tokens.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { Chain } from './client.ts';
import { followLogs } from './logs.ts';
import { createLogHistory, readLogs } from './read-logs.ts';
import { type Anvil, startAnvil } from './testing/anvil.ts';
import {
  deploy,
  ECHO,
  EMIT,
  echoAbi,
  FUNDED,
  localChain,
  mineMany,
  testClient,
} from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

/* Logs of a long history, through providers that bound what one question may cover. */

const echoed = parseAbiItem('event Echoed(uint256 value)');

let anvil: Anvil;
let proxy: RpcProxy;

beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
});

afterEach(async () => {
  await proxy.down();
  await anvil.stop();
});

async function mine(blocks: number): Promise<void> {
  await mineMany(anvil.url, blocks);
}

async function send(to: Address, data: Hex): Promise<void> {
  const call = { from: FUNDED, to, data, gas: '0x20000' };
  await testClient(anvil.url).request({
    method: 'eth_sendTransaction' as never,
    params: [call] as never,
  });
}

const echo = (value: bigint) => encodeFunctionData({ abi: echoAbi, functionName: 'echo', args: [value] });

/** Lets the provider refuse a range of more than `most` blocks in these words; a block by its hash passes. */
function limitRanges(most: number, code: number, message: string): void {
  proxy.refusal = ({ method, params: [filter] }) => {
    if (method !== 'eth_getLogs') return undefined;
    const { fromBlock, toBlock } = filter as { fromBlock?: string; toBlock?: string };
    if (fromBlock === undefined) return undefined;
    return Number(toBlock) - Number(fromBlock) >= most ? { code, message } : undefined;
  };
}

async function values(chain: Chain, address: Address, newestFirst = false): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const { logs } of readLogs({ chain, address, events: [echoed] }, { fromBlock: 0n, newestFirst }))
    found.push(...logs.map(({ args }) => args.value));
  return found;
}

test.each([
  [1_000, -32600, 'eth_getLogs is limited to a 1,000 block range'],
  [800, -32005, 'query exceeds max block range 800'],
  [500, -32000, 'Log response size exceeded. You can make eth_getLogs requests with up to a 500 block range'],
  [7, -32602, 'exceed maximum block range: 7'],
])('a long history is read %i blocks at a time', async (most, code, message) => {
  const address = await deploy(anvil.url, ECHO);
  for (const value of [1n, 2n, 3n]) {
    await send(address, echo(value));
    await mine(most < 100 ? 50 : 1_000);
  }
  limitRanges(most, code, message);
  const chain = localChain([proxy.url]);
  expect(await values(chain, address)).toEqual([1n, 2n, 3n]);
  expect(await values(chain, address, true)).toEqual([3n, 2n, 1n]);
  expect(chain.endpoints[0]?.quarantined()).toEqual([]);
});

test('a provider that answers 1,000 logs at most, without a word, hides none', async () => {
  const address = await deploy(anvil.url, ECHO);
  for (let block = 0; block < 6; block++) {
    await send(address, echo(BigInt(block + 1)));
    await mine(1);
  }
  await mine(10);
  // Each log of the chain stands for 250 of its block.
  proxy.lie = ({ method }, result) => {
    if (method !== 'eth_getLogs') return result;
    const all = (result as object[]).flatMap((log) =>
      Array.from({ length: 250 }, (_, index) => ({ ...log, logIndex: `0x${index.toString(16)}` })),
    );
    return all.slice(0, 1_000);
  };
  const found = await values(localChain([proxy.url]), address);
  expect(found).toHaveLength(1_500);
  expect(new Set(found).size).toBe(6);
});

test('tokens are discovered from a registry deployed long ago, and the log is read once', async () => {
  const market = marketId('aave-alpha');
  const [first, second]: Address[] = [pad('0xa1', { size: 20 }), pad('0xb2', { size: 20 })];
  const registry = await deploy(anvil.url, EMIT);
  const event = getAbiItem({ abi: marketRegistryAbi, name: 'DebtTermsSet' });
  const terms = event.inputs.filter(({ indexed }) => indexed !== true);
  const zero = '0x0000000000000000000000000000000000000000';
  for (const debt of [first, second, first]) {
    const fields = (terms[0] as { components: readonly { name: string; type: string }[] }).components;
    const value = Object.fromEntries(
      fields.map(({ name, type }) => [name, type === 'address' ? zero : type === 'bool' ? false : 0n]),
    );
    const data = encodeAbiParameters(terms, [value] as never);
    await send(registry, concatHex([toEventSelector(event), market, pad(debt ?? '0x', { size: 32 }), data]));
    await mine(900);
  }
  limitRanges(1_000, -32000, 'block range is too large');
  const chain = localChain([proxy.url], {
    contracts: {
      collateralEscrow: registry,
      repaymentEscrow: registry,
      bonds: registry,
      registry,
      mailbox: registry,
    },
  });
  // The provider goes away in the middle: what was read is kept.
  let left = 3;
  proxy.fate = (body) => (body.includes('eth_getLogs') && left-- <= 0 ? 'drop' : 'pass');
  await expect(debtTokensOf(chain, market)).rejects.toBeDefined();
  proxy.fate = () => 'pass';
  await expect.poll(() => debtTokensOf(chain, market).catch(() => [])).toHaveLength(2);
  const asked = proxy.asked.get('eth_getLogs') ?? 0;
  expect((await debtTokensOf(chain, market)).map((token) => token.toLowerCase())).toEqual([first, second]);
  expect((proxy.asked.get('eth_getLogs') ?? 0) - asked).toBeLessThan(10);
});

test('a history notices blocks that replace others', async () => {
  const address = await deploy(anvil.url, ECHO);
  const client = testClient(anvil.url);
  const history = createLogHistory(
    { chain: localChain([proxy.url]), address, events: [echoed] },
    { fromBlock: 0n },
  );
  const read = async () => (await history.read()).map(({ args }) => args.value);
  await send(address, echo(1n));
  await mine(1);
  const snapshot = await client.snapshot();
  await send(address, echo(2n));
  await mine(2);
  expect(await read()).toEqual([1n, 2n]);
  await client.revert({ id: snapshot });
  await send(address, echo(3n));
  await mine(5);
  expect(await read()).toEqual([1n, 3n]);
});

test.each([1, 100])(
  'nodes behind a balancer that lag each other hide no log, in batches of %i',
  async (most) => {
    const address = await deploy(anvil.url, ECHO);
    const recording = recordingLogger();
    const stopping = new AbortController();
    proxy.batches = { most, beyond: 'error' };
    // Every second question goes to a node that is two blocks late.
    let turn = 0;
    proxy.lag = ({ method }) => (method === 'eth_getLogs' && turn++ % 2 === 0 ? 2 : 0);
    const logs = followLogs({
      chain: localChain([proxy.url], { confirmations: 0 }),
      address,
      events: [echoed],
      fromBlock: 0n,
      confirmations: 0,
      signal: stopping.signal,
      log: recording.log,
    });
    const found: bigint[] = [];
    for (const value of [1n, 2n, 3n, 4n, 5n, 6n]) {
      await send(address, echo(value));
      await mine(1);
      while (!found.includes(value)) {
        const { value: batch } = await logs.next();
        found.push(...(batch?.logs ?? []).map(({ args }) => args.value));
      }
    }
    stopping.abort();
    expect(found).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  },
);
