import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptKey } from '@gavel/protocol/keystore';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../chain/testing/anvil.ts';

const main = join(import.meta.dirname, 'main.ts');
const ADDRESS = '0x00000000000000000000000000000000000000aa';
const KEY = `0x${'07'.repeat(32)}`;
const PASSWORD = 'a password of the tests';

let directory: string;
let anvil: Anvil;
let node: Server;
let url: string;
const asked: { method: string; path: string; authorization: string | undefined }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-operate-'));
  anvil = await startAnvil();
  const orders = [
    {
      intent: `0x${'1'.repeat(64)}`,
      state: 'opened',
      closed: false,
      market: 'aave-alpha',
      quoteBy: Date.parse('2026-02-01T00:00Z'),
      transactions: [],
    },
    {
      intent: `0x${'2'.repeat(64)}`,
      state: 'released',
      closed: true,
      market: 'aave-alpha',
      openBy: Date.parse('2026-01-01T00:00Z') / 1_000,
      transactions: [],
    },
  ];
  node = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ method: request.method ?? '', path, authorization: request.headers.authorization });
    const body = path.startsWith('/auctions/0x')
      ? { intent: path.slice('/auctions/'.length), record: { votes: [] } }
      : path.startsWith('/auctions')
        ? { items: [{ intent: `0x${'3'.repeat(64)}` }] }
        : path.startsWith('/orders/')
          ? { ...orders[0], events: [{ type: 'opened' }] }
          : path.startsWith('/orders')
            ? path.includes('cursor')
              ? { items: orders.slice(1) }
              : { items: orders.slice(0, 1), next: 'key' }
            : path === '/pause'
              ? { bidding: 'paused' }
              : { error: { code: 'NOT_FOUND', message: 'There is no such path' } };
    response.writeHead('error' in body ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
});

afterAll(async () => {
  node.close();
  await anvil.stop();
  await rm(directory, { recursive: true });
});

function gavel(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env }, cwd: directory };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('keys are made, imported, never overwritten, never printed', async () => {
  const env = { KEY, PASSWORD };
  const made = await gavel(
    ['keys', 'import', 'hot.json', '--key-env', 'KEY', '--password-env', 'PASSWORD'],
    env,
  );
  expect(made.code).toBe(0);
  expect(made.stdout + made.stderr).not.toContain(KEY.slice(2));
  const file = join(directory, 'hot.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await decryptKey(await readFile(file, 'utf8'), PASSWORD)).toBe(KEY);
  const { stdout } = await gavel(['keys', 'address', 'hot.json']);
  expect(made.stdout).toContain(stdout.trim());
  const again = await gavel(['keys', 'new', 'hot.json', '--password-env', 'PASSWORD'], env);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('EXISTS') });
  const weak = await gavel(['keys', 'new', 'weak.json', '--password-env', 'PASSWORD'], { PASSWORD: 'short' });
  expect(weak).toMatchObject({ code: 2, stderr: expect.stringContaining('too short') });
});

test('lists follow pages, for people and for machines', async () => {
  const table = await gavel(['orders', '--api', url, '--state', 'open']);
  expect(table.stdout).toMatch(/intent +market +state/);
  expect(table.stdout.trim().split('\n')).toHaveLength(3);
  expect(asked.map(({ path }) => path)).toContainEqual(
    expect.stringMatching(/\/orders\?state=open&limit=20$/),
  );
  const json = await gavel(['orders', '--api', url, '--json']);
  expect(JSON.parse(json.stdout)).toHaveLength(2);
  const lines = (await gavel(['export', '--orders', '--api', url])).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kind: 'order', events: [{}] },
    { kind: 'order' },
  ]);
});

test('auctions are exported whole, all since a time or one by its intent', async () => {
  const linesOf = async (...args: string[]) =>
    (await gavel(['export', '--api', url, ...args])).stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const all = await linesOf('--auctions', '--since', '2026-01-15');
  expect(all).toEqual([{ kind: 'auction', intent: `0x${'3'.repeat(64)}`, record: { votes: [] } }]);
  expect(asked.map(({ path }) => path)).toContainEqual(
    expect.stringContaining(`/auctions?since=${Date.parse('2026-01-15')}&`),
  );
  const one = `0x${'4'.repeat(64)}`;
  expect(await linesOf('--auction', one, '--json')).toMatchObject([{ kind: 'auction', intent: one }]);
  expect(await linesOf('--orders', '--since', '2026-01-15')).toHaveLength(1);
  expect(await gavel(['export', '--api', url, '--auctions', '--since', 'yesterday'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--since'),
  });
});

test('every command ends quietly when the reader of its output has gone', async () => {
  const commands = [
    ['completion', 'bash'],
    ['doctor', '--config', 'gone.yaml'],
    ['check-config', '--config', 'gone.yaml'],
    ['export', '--orders', '--api', url],
    ['orders', '--api', url],
    ['pause', '--api', url],
    ['keys', 'new', 'gone.json', '--password-env', 'PASSWORD'],
    ['keys', 'address', 'gone.json'],
  ];
  const contracts = Object.fromEntries(
    ['collateralEscrow', 'repaymentEscrow', 'bonds', 'registry', 'mailbox'].map((name) => [name, ADDRESS]),
  );
  const alpha = { chainId: 31337, domain: 1001, rpc: anvil.url, contracts };
  const config = {
    network: 'test',
    dataDir: 'gone',
    roles: ['keeper'],
    chains: { alpha },
    keeper: { key: { env: 'KEY' } },
  };
  await writeFile(join(directory, 'gone.yaml'), JSON.stringify(config));
  for (const args of commands) {
    const child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env.PATH, KEY, PASSWORD },
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const complaints: string[] = [];
    child.stderr.on('data', (text) => complaints.push(String(text)));
    const [code] = await once(child, 'close');
    // The doctor has found contracts missing; the others have succeeded.
    expect({ args, code, complaints }).toEqual({ args, code: args[0] === 'doctor' ? 1 : 0, complaints: [] });
  }
  expect(asked.at(-1)).toMatchObject({ path: '/pause' });
  expect((await stat(join(directory, 'gone.json'))).size).toBeGreaterThan(0);
});

test('the kill switch sends the token', async () => {
  const { stdout } = await gavel(['pause', '--api', url], { GAVEL_API_TOKEN: 'the-token-of-the-operator' });
  expect(stdout).toBe('Bidding: paused\n');
  expect(asked.at(-1)).toEqual({
    method: 'POST',
    path: '/pause',
    authorization: 'Bearer the-token-of-the-operator',
  });
});

test('a node that is not there, refuses, or is not named, is told in words', async () => {
  expect(await gavel(['peers', '--api', 'http://127.0.0.1:1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NO_NODE'),
  });
  expect(await gavel(['peers', '--api', url])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such path'),
  });
  expect(await gavel(['peers'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--config') });
});

test('doctor finds what is wrong, says what to do, and exits with 1', async () => {
  const names = ['collateralEscrow', 'repaymentEscrow', 'bonds', 'registry', 'mailbox'];
  const contracts = Object.fromEntries(names.map((name) => [name, ADDRESS]));
  const config = {
    network: 'test',
    dataDir: 'data',
    roles: ['keeper'],
    p2p: { bootstrap: ['/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'] },
    chains: {
      alpha: { chainId: 31337, domain: 1001, rpc: [anvil.url, 'http://127.0.0.1:1'], contracts },
      beta: { chainId: 5, domain: 1002, rpc: [anvil.url], contracts },
    },
    keeper: { key: { env: 'KEY' } },
  };
  await writeFile(join(directory, 'node.yaml'), JSON.stringify(config));
  const { code, stdout } = await gavel(['doctor', '--config', 'node.yaml', '--json'], { KEY });
  expect(code).toBe(1);
  const { ok, findings } = JSON.parse(stdout);
  expect(ok).toBe(false);
  const of = (check: string) =>
    findings.find((finding: { check: string }) => finding.check.startsWith(check));
  expect(of(`rpc ${anvil.url}`)).toMatchObject({ subject: 'chain alpha', status: 'ok' });
  expect(findings).toContainEqual(
    expect.objectContaining({ subject: 'chain beta', next: 'Expected 5: correct the URL or chainId' }),
  );
  expect(of('rpc http://127.0.0.1:1')).toMatchObject({ status: 'fail' });
  expect(of('bonds')).toMatchObject({ status: 'fail', found: expect.stringContaining('no contract') });
  expect(of('gas on alpha')).toMatchObject({ status: 'fail', next: expect.stringContaining('Send native') });
  expect(of('peer')).toMatchObject({ status: 'fail' });
  expect(of('data directory')).toMatchObject({ status: 'ok' });
  const people = await gavel(['doctor', '--config', 'node.yaml'], { KEY });
  expect(people.stdout).toContain('✗');
  expect(people.stdout).toContain('to mend before starting');
  expect(people.stdout).not.toContain(KEY.slice(2));
});
