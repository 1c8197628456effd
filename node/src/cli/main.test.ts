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
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
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
