import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';

const main = join(import.meta.dirname, 'main.ts');
const ADDRESS = '0x00000000000000000000000000000000000000aa';

const good = `
network: devnet
dataDir: data
roles: [watcher]
chains:
  alpha:
    chainId: 31337
    domain: 1001
    rpc: [https://rpc.example.org/v3/SECRETKEY]
    contracts: { collateralEscrow: ${ADDRESS}, repaymentEscrow: ${ADDRESS}, bonds: ${ADDRESS}, registry: ${ADDRESS}, mailbox: ${ADDRESS} }
markets:
  - { id: aave-alpha, chain: alpha, protocol: aave-v3, source: ${ADDRESS} }
`;

let directory: string;
let goodFile: string;
let badFile: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-cli-'));
  goodFile = join(directory, 'good.yaml');
  badFile = join(directory, 'bad.yaml');
  await writeFile(goodFile, good);
  await writeFile(badFile, good.replace('[watcher]', '[baker]').replace('domain: 1001', 'domain: none'));
});

afterAll(() => rm(directory, { recursive: true }));

function gavel(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return gavelIn({}, ...args);
}

function gavelIn(
  variables: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test.concurrent('help explains roles, a first configuration, precedence and exit codes', async () => {
  const { code, stdout } = await gavel('--help');
  expect(code).toBe(0);
  for (const word of ['auctioneer', 'check-config', 'start', 'GAVEL_LOG__LEVEL', 'Exit codes', 'markets:']) {
    expect(stdout).toContain(word);
  }
  expect((await gavel('start', '--help')).stdout).toContain('--config <file>');
});

test.concurrent('a sound configuration is printed as used, without secrets', async () => {
  const { code, stdout } = await gavel('check-config', '--config', goodFile, '--log-level', 'debug');
  expect(code).toBe(0);
  expect(parse(stdout)).toMatchObject({
    network: 'devnet',
    dataDir: join(directory, 'data'),
    log: { level: 'debug' },
  });
  expect(stdout).not.toContain('SECRETKEY');
  const json = await gavel('check-config', '--config', goodFile, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ chains: { alpha: { fromBlock: '0' } } });
});

test.concurrent('variables of commands and of Kubernetes stop no command, a slip of the pen is warned of', async () => {
  const api = { GAVEL_API_TOKEN: 'the-token-of-the-operator', GAVEL_API_URL: 'http://127.0.0.1:1' };
  const kubernetes = { GAVEL_SERVICE_HOST: '10.96.4.1', GAVEL_PORT_9090_TCP: 'tcp://10.96.4.1:9090' };
  const plain = await gavel('check-config', '--config', goodFile);
  expect(await gavelIn({ ...api, ...kubernetes }, 'check-config', '--config', goodFile)).toEqual(plain);
  const slip = await gavelIn({ GAVEL_LOG_LEVEL: 'debug' }, 'check-config', '--config', goodFile);
  expect(slip).toMatchObject({ code: 0, stdout: plain.stdout });
  expect(slip.stderr).toContain('warning: GAVEL_LOG_LEVEL: Sets nothing: is GAVEL_LOG__LEVEL meant?');
  // What is typed outranks what is exported: this configuration has no interface.
  expect((await gavelIn(api, 'peers', '--config', goodFile)).stderr).toContain('has the interface off');
  expect((await gavelIn({ ...api, GAVEL_CONFIG: goodFile }, 'peers')).stderr).toContain('NO_NODE');
});

test.concurrent('check-config loads the strategy, and tells what is wrong with it beside all else', async () => {
  const file = join(directory, 'solver.yaml');
  const strategy = join(directory, 'strategy.ts');
  const yaml = good.replace('[watcher]', '[watcher, solver]').replace('domain: 1001', 'domain: none');
  await writeFile(
    file,
    `${yaml}solver: { key: { env: KEY }, account: ${ADDRESS}, payout: ${ADDRESS}, strategy: strategy.ts, options: { spreadBps: -1 } }\n`,
  );
  const faultsWith = async (source: string) => {
    await writeFile(strategy, source);
    const { code, stderr } = await gavelIn({ KEY: `0x${'01'.repeat(32)}` }, 'check-config', '--config', file);
    expect(code).toBe(2);
    expect(stderr).toContain('2 faults');
    expect(stderr).toContain('chains.alpha.domain');
    return stderr;
  };
  expect(await faultsWith('export default 1 +;')).toMatch(/solver\.strategy: \S*strategy\.ts/);
  expect(
    await faultsWith(`import { basisPoints, defineStrategy, optionsOf, reject } from '@gavel/solver-sdk';
export default defineStrategy({ name: 'shy', options: optionsOf({ spreadBps: basisPoints() }), quote: () => reject('shy') });`),
  ).toMatch(/solver\.options: .*spreadBps/);
});

test.concurrent.each(['check-config', 'start'])(
  '%s lists every fault of a bad configuration and exits with 2',
  async (command) => {
    const { code, stdout, stderr } = await gavel(command, '--config', badFile);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('roles[0]');
    expect(stderr).toContain('chains.alpha.domain');
    expect(stderr).not.toContain('    at ');
  },
);

test.concurrent('misuse exits with 2 and says what to do', async () => {
  const [missing, unknown, loud, absent] = await Promise.all([
    gavel('start'),
    gavel('dance'),
    gavel('start', '--config', goodFile, '--log-level', 'loud'),
    gavel('start', '--config', join(directory, 'absent.yaml')),
  ]);
  expect([missing, unknown, loud, absent].map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(missing.stderr).toContain('--config');
  expect(unknown.stderr).toContain('dance');
  expect(loud.stderr).toContain('debug, info, warn, error');
  expect(absent.stderr).toContain('absent.yaml');
});
