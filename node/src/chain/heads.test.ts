import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { followHeads, type Head } from './heads.ts';
import { type Anvil, startAnvil } from './testing/anvil.ts';
import { localChain, testClient } from './testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from './testing/rpc-proxy.ts';

let anvil: Anvil;
let proxy: RpcProxy;
let stopping: AbortController;

beforeEach(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await proxy.down();
  await anvil.stop();
});

function follow() {
  const recording = recordingLogger();
  const heads = followHeads({ chain: localChain([proxy.url]), signal: stopping.signal, log: recording.log });
  return { heads, recording };
}

async function take(heads: AsyncGenerator<Head, void, void>, count: number): Promise<Head[]> {
  const taken: Head[] = [];
  while (taken.length < count) {
    const { value } = await heads.next();
    if (value === undefined) break;
    taken.push(value);
  }
  return taken;
}

test('every block comes once and in order, however many are mined at once', async () => {
  const { heads } = follow();
  expect(await take(heads, 1)).toMatchObject([{ number: 0n, hash: expect.stringMatching(/^0x/) }]);
  await testClient(anvil.url).mine({ blocks: 50 });
  const numbers = (await take(heads, 50)).map(({ number }) => number);
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => BigInt(index + 1)));
  const next = take(heads, 1);
  await testClient(anvil.url).mine({ blocks: 1 });
  expect(await next).toMatchObject([{ number: 51n }]);
});

test('blocks mined while the RPC was away are not missed', async () => {
  const { heads, recording } = follow();
  await take(heads, 1);
  await proxy.down();
  const next = take(heads, 3);
  // Said once, however long it lasts.
  await recording.until('rpc still failing');
  expect(recording.lines.filter(({ msg }) => msg === 'rpc failing, heads delayed')).toHaveLength(1);
  await testClient(anvil.url).mine({ blocks: 3 });
  await proxy.up();
  expect((await next).map(({ number }) => number)).toEqual([1n, 2n, 3n]);
  await recording.until('rpc answers again');
});

test('the chain process itself may be killed and come back', async () => {
  const { heads, recording } = follow();
  await take(heads, 1);
  const { port } = anvil;
  await anvil.stop();
  const next = take(heads, 2);
  await recording.until('rpc failing, heads delayed');
  anvil = await startAnvil({ port });
  await testClient(anvil.url).mine({ blocks: 2 });
  const numbers = (await next).map(({ number }) => number);
  expect(numbers.at(-1)).toBeGreaterThan(0n);
});

test('after a reorganisation the replacing blocks follow', async () => {
  const { heads, recording } = follow();
  const client = testClient(anvil.url);
  await take(heads, 1);
  await client.mine({ blocks: 2 });
  const kept = await take(heads, 2);
  const snapshot = await client.snapshot();
  await client.mine({ blocks: 3 });
  const replaced = await take(heads, 3);
  await client.revert({ id: snapshot });
  await client.increaseTime({ seconds: 100 });
  await client.mine({ blocks: 4 });
  const replacing = await take(heads, 4);
  expect(replacing.map(({ number }) => number)).toEqual([3n, 4n, 5n, 6n]);
  const old = [...kept, ...replaced].map(({ hash }) => hash);
  for (const { hash } of replacing) expect(old).not.toContain(hash);
  await recording.until('chain reorganised');
});

test('following ends when the node stops', async () => {
  const { heads } = follow();
  await take(heads, 1);
  const next = heads.next();
  stopping.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('a websocket tells of heads at once, however seldom it is polled', async () => {
  const recording = recordingLogger();
  const chain = localChain([anvil.url.replace('http', 'ws')], { pollMs: 60_000 });
  const heads = followHeads({ chain, signal: stopping.signal, log: recording.log });
  try {
    expect(await take(heads, 1)).toMatchObject([{ number: 0n }]);
    const next = take(heads, 2);
    await testClient(anvil.url).mine({ blocks: 1 });
    await testClient(anvil.url).mine({ blocks: 1 });
    expect((await next).map(({ number }) => number)).toEqual([1n, 2n]);
  } finally {
    stopping.abort();
    await chain.close();
  }
});

test('where the websocket is down heads are polled', async () => {
  const recording = recordingLogger();
  const chain = localChain(['ws://127.0.0.1:9', anvil.url], { quorum: 1 });
  const heads = followHeads({ chain, signal: stopping.signal, log: recording.log });
  try {
    await take(heads, 1);
    await recording.until('heads not told by websocket, asked for');
    const next = take(heads, 1);
    await testClient(anvil.url).mine({ blocks: 1 });
    expect(await next).toMatchObject([{ number: 1n }]);
  } finally {
    stopping.abort();
    await chain.close();
  }
});

/** Follows heads by a websocket alone, polled so seldom that only its word can bring them. */
function followBySocket(settings: Parameters<typeof localChain>[1] = { pollMs: 60_000 }) {
  const recording = recordingLogger();
  const chain = localChain([proxy.socketUrl], { rpcTimeoutMs: 1_000, ...settings }, recording.telemetry);
  const heads = followHeads({ chain, signal: stopping.signal, log: recording.log });
  return { chain, heads, recording };
}

test('a websocket that is cut off is connected and subscribed again by itself, however long it was away', async () => {
  const { chain, heads } = followBySocket();
  try {
    await take(heads, 1);
    const next = take(heads, 1);
    await expect.poll(() => proxy.sockets.subscribed).toBe(1);
    await testClient(anvil.url).mine({ blocks: 1 });
    await next;
    const { opened } = proxy.sockets;
    proxy.sockets.refuses = true;
    proxy.sockets.cut();
    // It goes on trying through an outage.
    await expect.poll(() => proxy.sockets.opened, { timeout: 20_000 }).toBeGreaterThan(opened + 3);
    const later = take(heads, 2);
    await testClient(anvil.url).mine({ blocks: 1 });
    proxy.sockets.refuses = false;
    await expect.poll(() => proxy.sockets.subscribed, { timeout: 20_000 }).toBe(2);
    await testClient(anvil.url).mine({ blocks: 1 });
    expect((await later).map(({ number }) => number)).toEqual([2n, 3n]);
  } finally {
    stopping.abort();
    chain.close();
  }
});

test('a websocket that dies without a word is found out and made anew', async () => {
  const { chain, heads } = followBySocket();
  try {
    await take(heads, 1);
    await expect.poll(() => proxy.sockets.subscribed).toBe(1);
    proxy.sockets.die();
    const next = take(heads, 1);
    await testClient(anvil.url).mine({ blocks: 1 });
    expect(await next).toMatchObject([{ number: 1n }]);
    expect(proxy.sockets.subscribed).toBe(2);
  } finally {
    stopping.abort();
    chain.close();
  }
});

test('a websocket that answers and tells of no heads any more is made anew, and heads are polled meanwhile', async () => {
  const { chain, heads, recording } = followBySocket({ pollMs: 20 });
  try {
    await take(heads, 1);
    await expect.poll(() => proxy.sockets.subscribed).toBe(1);
    proxy.sockets.forgetSubscriptions();
    for (let number = 1n; proxy.sockets.subscribed < 2; number++) {
      const next = take(heads, 1);
      await testClient(anvil.url).mine({ blocks: 1 });
      expect(await next).toMatchObject([{ number }]);
    }
    await recording.until('websocket tells of no heads, made anew');
  } finally {
    stopping.abort();
    chain.close();
  }
});
