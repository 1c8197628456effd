import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../chain/testing/anvil.ts';
import { localChain, mineMany, testClient } from '../chain/testing/local-chain.ts';
import { type RpcProxy, startRpcProxy } from '../chain/testing/rpc-proxy.ts';
import { examineChain } from './chains.ts';

let anvil: Anvil;
let proxy: RpcProxy;

beforeAll(async () => {
  anvil = await startAnvil();
  proxy = await startRpcProxy(anvil.url);
  await testClient(anvil.url).mine({ blocks: 20 });
});

afterAll(async () => {
  await proxy.down();
  await anvil.stop();
});

async function examined(rpc: string[]) {
  const chain = localChain(rpc);
  const auction = { tallyWaitMs: 400, voteWaitMs: 600, clockToleranceMs: 500 };
  const findings = await examineChain(chain, { auction }, Date.now);
  await chain.close();
  return (check: string) => findings.find((finding) => finding.check.startsWith(check));
}

test('every endpoint is checked by itself and against the others', async () => {
  const socket = anvil.url.replace('http', 'ws');
  const of = await examined([anvil.url, socket, proxy.url]);
  expect(of(`rpc ${anvil.url}`)).toMatchObject({ status: 'ok', found: expect.stringContaining('block 20') });
  expect(of(`rpc ${socket}`)).toMatchObject({
    status: 'ok',
    found: expect.stringContaining('tells of heads'),
  });
  expect(of('agreement')).toMatchObject({ status: 'ok', found: '3 endpoints say the same of block 20' });
  expect(of('quorum')).toMatchObject({ status: 'ok', found: '2 of 3 must agree, 3 answer' });
  expect(of(`past of ${proxy.url}`)).toMatchObject({ status: 'ok' });
});

test('an endpoint that lags, is on another branch, or has forgotten the past is found', async () => {
  proxy.lie = ({ method, params: [at] }, result) => {
    if (method === 'eth_blockNumber') return '0x5';
    if (method === 'eth_getLogs') return 'pruned';
    if (method === 'eth_getBlockByNumber' && at === '0x5')
      return { ...(result as object), hash: `0x${'12'.repeat(32)}` };
    return result;
  };
  const of = await examined([anvil.url, proxy.url]);
  expect(of(`lag of ${proxy.url}`)).toMatchObject({ status: 'warn', found: '15 blocks behind' });
  expect(of('agreement')).toMatchObject({ status: 'fail', found: expect.stringContaining('0x12121212') });
  expect(of(`past of ${proxy.url}`)).toMatchObject({ status: 'fail' });
  expect(of('quorum')).toMatchObject({ status: 'warn', found: '2 of 2 must agree, 2 answer' });
  proxy.lie = (_, result) => result;
});

test('too few endpoints for a quorum, and one alone, are pointed out', async () => {
  const few = await examined([anvil.url, 'http://127.0.0.1:9', 'http://127.0.0.1:11']);
  expect(few('quorum')).toMatchObject({ status: 'follows', found: '2 of 3 must agree, 1 answer' });
  const alone = await examined([anvil.url]);
  expect(alone('quorum')).toMatchObject({ status: 'warn', next: expect.stringContaining('configure three') });
});

test.each([
  [1, 'each question in a request of its own'],
  [3, '3 questions in one request'],
] as const)(
  'an endpoint that takes %i questions at once is examined whole, and that is told',
  async (most, told) => {
    proxy.batches = { most, beyond: 'error' };
    try {
      const of = await examined([proxy.url]);
      expect(of('rpc')).toMatchObject({ status: 'ok', found: expect.stringContaining(told) });
      // The contracts of this chain are not there: that is said of each, and nothing about the endpoint.
      expect(of('registry')).toMatchObject({ found: expect.stringContaining('no contract at') });
    } finally {
      proxy.behave();
    }
  },
);

test('the blocks of logs that an endpoint takes at once are told', async () => {
  await mineMany(anvil.url, 600);
  proxy.refusal = ({ method, params: [filter] }) => {
    const { fromBlock, toBlock } = (filter ?? {}) as { fromBlock?: string; toBlock?: string };
    return method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) >= 100
      ? { code: -32000, message: 'block range limit exceeded: 100' }
      : undefined;
  };
  try {
    const of = await examined([proxy.url]);
    expect(of('logs of')).toMatchObject({ status: 'warn', found: '100 blocks at once' });
  } finally {
    proxy.behave();
  }
});
