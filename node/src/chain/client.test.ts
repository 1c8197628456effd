import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { verifyChain } from './client.ts';
import { type Anvil, startAnvil } from './testing/anvil.ts';
import { localChain } from './testing/local-chain.ts';
import { startRpcProxy } from './testing/rpc-proxy.ts';

let anvil: Anvil;
const { signal } = new AbortController();
const log = silentLogger();

beforeAll(async () => {
  anvil = await startAnvil();
});

afterAll(() => anvil.stop());

test('an endpoint of the configured chain is accepted', async () => {
  await verifyChain(localChain([anvil.url]), { signal, log });
});

test('an endpoint of another chain is refused, even beside a good one', async () => {
  await expect(verifyChain(localChain([anvil.url], { chainId: 5 }), { signal, log })).rejects.toMatchObject({
    name: 'ChainError',
    code: 'CHAIN_ID_MISMATCH',
    meta: { expected: 5, got: 31337 },
  });
  const other = await startAnvil({ chainId: 9 });
  try {
    const both = localChain([anvil.url, other.url]);
    await expect(verifyChain(both, { signal, log })).rejects.toMatchObject({ code: 'CHAIN_ID_MISMATCH' });
  } finally {
    await other.stop();
  }
});

test('an endpoint that is down is reported and asked again until it answers', async () => {
  const proxy = await startRpcProxy(anvil.url);
  await proxy.down();
  const recording = recordingLogger();
  const verified = verifyChain(localChain([proxy.url]), { signal, log: recording.log });
  await recording.until('rpc unreachable');
  await proxy.up();
  await verified;
  await proxy.down();
});

test('asking ends when the node stops', async () => {
  const proxy = await startRpcProxy(anvil.url);
  await proxy.down();
  const stopping = new AbortController();
  const recording = recordingLogger();
  const verified = verifyChain(localChain([proxy.url]), { signal: stopping.signal, log: recording.log });
  const outcome = expect(verified).rejects.toMatchObject({ code: 'ABORTED' });
  await recording.until('rpc unreachable');
  stopping.abort();
  await outcome;
});

test('the next endpoint answers when the first is down', async () => {
  const proxy = await startRpcProxy(anvil.url);
  await proxy.down();
  const chain = localChain([proxy.url, anvil.url]);
  expect(await chain.client.getChainId()).toBe(31337);
});
