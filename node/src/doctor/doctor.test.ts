import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOfKey } from '@gavel/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../chain/testing/anvil.ts';
import { testClient } from '../chain/testing/local-chain.ts';
import { loadConfig } from '../config/load.ts';
import { examineNode } from './doctor.ts';

const KEY = `0x${'01'.repeat(32)}` as const;
const ADDRESS = '0x00000000000000000000000000000000000000aa';
const CONTRACTS = ['collateralEscrow', 'repaymentEscrow', 'bonds', 'registry', 'mailbox'];
const NO_CODE = CONTRACTS.map((name) => `chain alpha: ${name}`);

let directory: string;
let anvils: Record<'alpha' | 'beta', Anvil>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-doctor-'));
  const [alpha, beta] = await Promise.all([startAnvil(), startAnvil({ chainId: 31338 })]);
  anvils = { alpha, beta };
  const strategy =
    "export default () => ({ name: 'shy', quote: () => ({ kind: 'reject', reason: 'shy' }) });";
  await writeFile(join(directory, 'strategy.ts'), strategy);
});

beforeEach(() => fund(1n));

afterAll(async () => {
  await Promise.all(Object.values(anvils).map((anvil) => anvil.stop()));
  await rm(directory, { recursive: true });
});

async function fund(value: bigint) {
  const address = addressOfKey(KEY);
  for (const { url } of Object.values(anvils)) await testClient(url).setBalance({ address, value });
}

/** Examines a node with every role, and lists what has to be mended and what follows from it. */
async function examined(
  settings: { rpc?: string[]; dataDir?: string; chains?: ('alpha' | 'beta')[]; now?: () => number } = {},
) {
  const { chains = ['alpha'] as const, rpc, dataDir = 'data', now } = settings;
  const contracts = Object.fromEntries(CONTRACTS.map((name) => [name, ADDRESS]));
  const key = { file: 'key' };
  const config = {
    network: 'test',
    dataDir,
    roles: ['solver', 'keeper', 'auctioneer', 'watcher'],
    chains: Object.fromEntries(
      chains.map((name, index) => [
        name,
        { chainId: 31337 + index, domain: 1001 + index, rpc: rpc ?? [anvils[name].url], contracts },
      ]),
    ),
    markets: ['one', 'two'].map((id) => ({ id, chain: 'alpha', protocol: 'aave-v3', source: ADDRESS })),
    solver: { key, account: ADDRESS, payout: ADDRESS, strategy: 'strategy.ts' },
    keeper: { key },
    auctioneer: { key },
  };
  const file = join(directory, 'node.yaml');
  await writeFile(join(directory, 'key'), KEY);
  await writeFile(file, JSON.stringify(config));
  const findings = await examineNode(await loadConfig({ file }), now);
  const named = (status: string) =>
    findings.filter((found) => found.status === status).map(({ subject, check }) => `${subject}: ${check}`);
  return { failures: named('fail'), follows: named('follows') };
}

test('a chain that does not answer is one failure, and all that needs it follows', async () => {
  const silent = 'http://127.0.0.1:9';
  expect(await examined({ rpc: [silent] })).toEqual({
    failures: [`chain alpha: rpc ${silent}`],
    follows: [
      'chain alpha: quorum',
      'market one: registry',
      'market two: registry',
      'solver, keeper: gas on alpha',
      'solver on alpha: key',
      'solver on alpha: payout',
      'auctioneer: seat in one',
      'auctioneer: seat in two',
    ],
  });
});

test('endpoints that fail are the cause of a quorum that does', async () => {
  const rpc = [anvils.alpha.url, 'http://127.0.0.1:9', 'http://127.0.0.1:11'];
  expect(await examined({ rpc })).toMatchObject({
    failures: [`chain alpha: rpc ${rpc[1]}`, `chain alpha: rpc ${rpc[2]}`, ...NO_CODE],
    follows: expect.arrayContaining(['chain alpha: quorum']),
  });
});

test('a contract that is not there is one failure', async () => {
  expect(await examined()).toEqual({
    failures: NO_CODE,
    follows: [
      'market one: registry',
      'market two: registry',
      'solver on alpha: key',
      'solver on alpha: payout',
      'auctioneer: seat in one',
      'auctioneer: seat in two',
    ],
  });
});

test('roles that share a key lack its gas once', async () => {
  await fund(0n);
  expect((await examined()).failures).toEqual([...NO_CODE, 'solver, keeper: gas on alpha']);
});

test('a data directory that cannot be written is one failure, and the identity in it follows', async () => {
  const { failures, follows } = await examined({ dataDir: 'strategy.ts/data' });
  expect(failures).toEqual(['machine: data directory', ...NO_CODE]);
  expect(follows).toContain('machine: identity');
});

test('a clock that is behind is one failure, whatever shows it', async () => {
  const { failures, follows } = await examined({
    chains: ['alpha', 'beta'],
    now: () => Date.now() - 3_600_000,
  });
  expect(failures.filter((name) => name.includes('clock'))).toEqual(['chain alpha: clocks']);
  expect(follows).toContain('chain beta: clocks');
});
