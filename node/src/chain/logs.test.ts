import { type Address, encodeFunctionData, parseAbiItem } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { followLogs } from './logs.ts';
import type { LogBatch } from './read-logs.ts';
import { type Anvil, startAnvil } from './testing/anvil.ts';
import { deploy, ECHO, echoAbi, FUNDED, localChain, testClient } from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

const echoed = parseAbiItem('event Echoed(uint256 value)');
type Batch = LogBatch<readonly [typeof echoed]>;

let anvil: Anvil;
let proxy: RpcProxy;
let address: Address;
let stopping: AbortController;

beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  address = await deploy(anvil.url, ECHO);
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await proxy.down();
  await anvil.stop();
});

/** Emit each value in a block of its own. */
async function emit(values: readonly bigint[]): Promise<void> {
  const client = testClient(anvil.url);
  for (const value of values) {
    const data = encodeFunctionData({ abi: echoAbi, functionName: 'echo', args: [value] });
    const call = { from: FUNDED, to: address, data, gas: '0x20000' };
    await client.request({ method: 'eth_sendTransaction' as never, params: [call] as never });
    await client.mine({ blocks: 1 });
  }
}

function follow(options: { fromBlock?: bigint; confirmations?: number } = {}) {
  const recording = recordingLogger();
  const { fromBlock = 0n, confirmations = 0 } = options;
  const batches = followLogs({
    chain: localChain([proxy.url]),
    address,
    events: [echoed],
    fromBlock,
    confirmations,
    signal: stopping.signal,
    log: recording.log,
  });
  return { batches, recording };
}

/** Reads batches until `done` holds of the values so far. */
async function values(
  batches: AsyncGenerator<Batch, void, void>,
  done: (values: bigint[], toBlock: bigint) => boolean,
): Promise<bigint[]> {
  const found: bigint[] = [];
  for (;;) {
    const { value: batch } = await batches.next();
    if (batch === undefined) return found;
    found.push(...batch.logs.map(({ args }) => args.value));
    if (done(found, batch.toBlock)) return found;
  }
}

test('logs come from the past and then from the head, once each, in order', async () => {
  await emit([1n, 2n, 3n]);
  const { batches } = follow();
  expect(await values(batches, (found) => found.length === 3)).toEqual([1n, 2n, 3n]);
  await emit([4n, 5n]);
  expect(await values(batches, (found) => found.length === 2)).toEqual([4n, 5n]);
});

test('a reader goes on from its cursor, and empty ranges move it', async () => {
  await emit([1n, 2n]);
  const { batches } = follow({ fromBlock: 3n });
  expect(await values(batches, (_, toBlock) => toBlock === 3n)).toEqual([2n]);
  await testClient(anvil.url).mine({ blocks: 4 });
  expect(await values(batches, (_, toBlock) => toBlock === 7n)).toEqual([]);
});

test('blocks with too few confirmations are not read yet', async () => {
  await emit([1n, 2n, 3n]);
  const { batches } = follow({ confirmations: 2 });
  expect(await values(batches, () => true)).toEqual([1n]);
});

test('an RPC that fails is never taken for an empty answer', async () => {
  const { batches, recording } = follow();
  await values(batches, () => true);
  proxy.fate = (body) => (body.includes('eth_getLogs') ? 'drop' : 'pass');
  const next = values(batches, (found) => found.length === 2);
  await emit([1n, 2n]);
  await recording.until('rpc still failing');
  expect(recording.lines.filter(({ msg }) => msg === 'rpc failing, logs delayed')).toHaveLength(1);
  proxy.fate = () => 'pass';
  expect(await next).toEqual([1n, 2n]);
  await recording.until('rpc answers again');
});

test('logs of blocks that replace others are read as well', async () => {
  const { batches, recording } = follow();
  const client = testClient(anvil.url);
  await emit([1n]);
  const snapshot = await client.snapshot();
  await emit([2n]);
  expect(await values(batches, (found) => found.length === 2)).toEqual([1n, 2n]);
  await client.revert({ id: snapshot });
  await client.increaseTime({ seconds: 100 });
  await emit([20n, 30n]);
  expect(await values(batches, (found) => found.includes(30n))).toEqual(expect.arrayContaining([20n, 30n]));
  await recording.until('chain reorganised, logs read again');
});

test('ranges that an endpoint refuses are split until it takes them', async () => {
  await emit([1n, 2n, 3n]);
  await testClient(anvil.url).mine({ blocks: 20 });
  let refused = 0;
  proxy.refusal = ({ method, params: [filter] }) => {
    if (method !== 'eth_getLogs') return undefined;
    const { fromBlock, toBlock } = filter as { fromBlock?: string; toBlock?: string };
    if (fromBlock === undefined || Number(toBlock) - Number(fromBlock) < 2) return undefined;
    refused++;
    return { code: -32000, message: 'block range too wide' };
  };
  const { batches } = follow();
  expect(await values(batches, (found) => found.length === 3)).toEqual([1n, 2n, 3n]);
  expect(refused).toBeGreaterThan(0);
});
