import { parseAbiItem } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import type { Chain } from './client.ts';
import { followHeads } from './heads.ts';
import { followLogs } from './logs.ts';
import { createSender } from './sender.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from './testing/anvil.ts';
import { deploy, ECHO, echoAbi, FUNDED, localChain } from './testing/local-chain.ts';
import { type BatchLimit, type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

/* What providers do to batches and to the rate of requests. */

let anvil: Anvil;
let proxy: RpcProxy;
let recording: ReturnType<typeof recordingLogger>;
let stopping: AbortController;

beforeEach(async () => {
  anvil = await startAnvil({ automine: true });
  proxy = await startRpcProxy(anvil.url);
  recording = recordingLogger();
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await proxy.down();
  await anvil.stop();
});

function connect(urls: string[] = [proxy.url], settings: Parameters<typeof localChain>[1] = {}): Chain {
  return localChain(urls, settings, recording.telemetry);
}

/** Asks for the balances of `count` accounts together; returns what was answered. */
function askTogether(chain: Chain, count: number): Promise<readonly bigint[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      chain.client.getTransactionCount({
        address: index % 2 === 0 ? FUNDED : `0x${String(index).padStart(40, '0')}`,
      }),
    ),
  ).then((counts) => counts.map(BigInt));
}

const beyond: readonly BatchLimit['beyond'][] = ['error', 'status', 'part', 'errors', 'drop'];
const limits = beyond.flatMap((how) => [1, 3, 10].map((most) => [most, how] as const));

test.each(limits)(
  'a provider that takes %i questions at once, and answers larger batches by %s, answers every question',
  async (most, how) => {
    const address = await deploy(anvil.url, ECHO);
    proxy.batches = { most, beyond: how };
    const chain = connect();
    const answers = await askTogether(chain, 40);
    expect(answers.map(Number)).toEqual(Array.from({ length: 40 }, () => 0));
    expect(chain.endpoints[0]?.batchSize()).toBe(most);
    // What was learnt is remembered: nothing is refused again.
    proxy.sizes.length = 0;
    await askTogether(chain, 40);
    expect(Math.max(...proxy.sizes)).toBeLessThanOrEqual(most);
    expect(chain.endpoints[0]?.quarantined()).toEqual([]);

    // Heads, logs and transactions go on.
    const common = { chain, signal: stopping.signal, log: recording.log };
    const heads = followHeads(common);
    const event = parseAbiItem('event Echoed(uint256 value)');
    const logs = followLogs({ ...common, address, events: [event], fromBlock: 0n, confirmations: 0 });
    const sender = createSender({ chain, key: FUNDED_KEY, telemetry: recording.telemetry });
    await sender.send({ to: address, abi: echoAbi, functionName: 'echo', args: [7n] });
    expect((await heads.next()).value).toBeDefined();
    const found: bigint[] = [];
    while (found.length === 0) {
      const { value } = await logs.next();
      found.push(...(value?.logs ?? []).map(({ args }) => args.value));
    }
    expect(found).toEqual([7n]);
  },
);

test('a provider that leaves large batches unanswered is asked in smaller ones, and the next is asked meanwhile', async () => {
  proxy.batches = { most: 2, beyond: 'hang' };
  const chain = connect([proxy.url, anvil.url], { rpcTimeoutMs: 300, quorum: 1 });
  await chain.endpoints[0]?.verify();
  await expect
    .poll(async () => {
      expect(await askTogether(chain, 8)).toHaveLength(8);
      return chain.endpoints[0]?.batchSize();
    })
    .toBeLessThanOrEqual(2);
  expect(await recording.until('rpc takes batches of another size')).toMatchObject({ chain: 'local' });
});

test('an outage teaches nothing about batches', async () => {
  const chain = connect();
  await askTogether(chain, 10);
  await proxy.down();
  await expect(askTogether(chain, 10)).rejects.toBeDefined();
  await proxy.up();
  await expect.poll(() => askTogether(chain, 10).catch(() => [])).toHaveLength(10);
  expect(chain.endpoints[0]?.batchSize()).toBe(100);
});

const refusals = [
  { code: -32005, message: 'limit exceeded' },
  { code: -32016, message: 'over rate limit' },
  { code: -32029, message: 'Too many requests' },
  { code: -32090, message: 'Too many requests, retry in 10s' },
  { code: 429, message: 'exceeded its compute units per second capacity' },
  { code: -32000, message: 'project ID request rate exceeded' },
  { code: -32603, message: 'daily request count exceeded, request rate limited' },
  { code: -32000, message: '25/second request limit reached' },
];

test.each(refusals)(
  'a rate limit said as $code "$message" is one: the endpoint is left alone, the next is asked',
  async (refusal) => {
    const chain = connect([proxy.url, anvil.url], { quorum: 1 });
    await chain.endpoints[0]?.verify();
    proxy.refusal = () => refusal;
    expect(await askTogether(chain, 3)).toHaveLength(3);
    expect(chain.endpoints[0]?.quarantined()).toEqual(['rate limited']);
    expect(chain.endpoints[0]?.batchSize()).toBe(100);
    expect(await recording.until('rpc quarantined')).toMatchObject({ reasons: 'rate limited' });
  },
);

test.each([
  { code: -32005, message: 'query returned more than 10000 results' },
  { code: -32602, message: 'eth_getLogs is limited to a 10,000 range' },
  { code: -32016, message: 'block range exceeds limit' },
])('a refusal of size said as $code "$message" is no rate limit', async (refusal) => {
  const chain = connect();
  await chain.endpoints[0]?.verify();
  proxy.refusal = ({ method }) => (method === 'eth_getLogs' ? refusal : undefined);
  await expect(chain.client.getLogs({ fromBlock: 0n })).rejects.toBeDefined();
  expect(chain.endpoints[0]?.quarantined()).toEqual([]);
});

test.each(['3600', new Date(Date.now() + 86_400_000).toUTCString()])(
  'Retry-After: %s keeps an endpoint waiting for a minute at most, and the log says why',
  async (retryAfter) => {
    const chain = connect();
    const heads = followHeads({ chain, signal: stopping.signal, log: recording.log });
    await heads.next();
    let refused = false;
    proxy.retryAfter = retryAfter;
    proxy.fate = () => {
      if (refused) return 'pass';
      refused = true;
      return '429';
    };
    const next = heads.next();
    const line = await recording.until('rpc quarantined');
    expect(line).toMatchObject({ reasons: 'rate limited', askedMs: expect.any(Number) });
    expect(line.forMs).toBeLessThanOrEqual(60_000);
    expect(line.askedMs).toBeGreaterThanOrEqual(3_600_000);
    expect(chain.endpoints[0]?.quarantined()).toEqual(['rate limited']);
    // Questions are refused at once meanwhile, and tell why: none of them waits for the header's time.
    await expect(chain.client.getBlockNumber()).rejects.toMatchObject({
      cause: { code: 'QUARANTINED', meta: { reasons: 'rate limited', forMs: expect.any(Number) } },
    });
    stopping.abort();
    await next;
  },
);

test('three endpoints that ask for an hour keep no transaction in the queue for so long', async () => {
  const address = await deploy(anvil.url, ECHO);
  const others = await Promise.all([startRpcProxy(anvil.url), startRpcProxy(anvil.url)]);
  try {
    const all = [proxy, ...others];
    const chain = connect(all.map(({ url }) => url));
    for (const one of all) {
      one.retryAfter = '3600';
      one.fate = () => '429';
    }
    const sender = createSender({ chain, key: FUNDED_KEY, telemetry: recording.telemetry });
    const call = { to: address, abi: echoAbi, functionName: 'echo', args: [1n] } as const;
    await expect(sender.send(call)).rejects.toMatchObject({ code: 'UNREACHABLE', retry: true });
    for (const { health } of chain.endpoints) {
      const now = performance.now();
      expect(health.until('rate limited', now) - now).toBeLessThanOrEqual(60_000);
    }
  } finally {
    await Promise.all(others.map((other) => other.down()));
  }
});

test('nodes behind one address that lag each other delay no head and no reading at a head', async () => {
  // Every second question goes to a node that is three blocks late.
  let turn = 0;
  proxy.lag = ({ method }) => (method !== 'eth_chainId' && turn++ % 2 === 0 ? 3 : 0);
  const chain = connect();
  const heads = followHeads({ chain, signal: stopping.signal, log: recording.log });
  let newest = -1n;
  const truth = localChain([anvil.url]).client;
  for (let round = 0; round < 4; round++) {
    const address = await deploy(anvil.url, ECHO);
    const real = await truth.getBlockNumber();
    while (newest < real) newest = (await heads.next()).value?.number ?? newest;
    expect(await chain.agreed.getCode({ address, blockNumber: newest })).toBe(ECHO);
  }
  expect(recording.lines.filter(({ msg }) => msg === 'rpc failing, heads delayed')).toEqual([]);
});
