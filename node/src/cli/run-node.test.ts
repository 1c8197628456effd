import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Anvil, startAnvil } from '../chain/testing/anvil.ts';
import { silentLogger } from '../observe/logger.ts';
import { openStore } from '../store/store.ts';

const ADDRESS = '0x00000000000000000000000000000000000000aa';
const KEY = `0x${'07'.repeat(32)}`;

type Line = { readonly msg: string; readonly level: string; readonly [field: string]: unknown };

/** A node in a process of its own. */
type Running = {
  readonly lines: readonly Line[];
  readonly process: ChildProcess;
  until(message: string): Promise<Line>;
  /** Waits for the end; returns the exit code. */
  ended(): Promise<number | null>;
};

let directory: string;
let anvil: Anvil;
const running: Running[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-start-'));
  anvil = await startAnvil();
});

afterEach(() => {
  for (const { process } of running.splice(0)) process.kill('SIGKILL');
});

afterAll(async () => {
  await anvil.stop();
  await rm(directory, { recursive: true });
});

type Settings = {
  readonly rpc?: string;
  readonly chainId?: number;
  readonly dataDir?: string;
  readonly sections?: object;
};

async function start(name: string, settings: Settings = {}): Promise<Running> {
  const child = await startProcess(name, settings);
  child.stderr?.pipe(process.stderr);
  return follow(child);
}

async function startProcess(name: string, settings: Settings): Promise<ChildProcess> {
  const { rpc = anvil.url, chainId = 31337, dataDir = name, sections = {} } = settings;
  const names = ['collateralEscrow', 'repaymentEscrow', 'bonds', 'registry', 'mailbox'];
  const contracts = Object.fromEntries(names.map((contract) => [contract, ADDRESS]));
  const config = {
    network: 'test',
    dataDir,
    roles: ['auctioneer', 'keeper'],
    p2p: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    chains: { alpha: { chainId, domain: 1001, rpc: [rpc], pollMs: 50, contracts } },
    auctioneer: { key: { env: 'NODE_KEY' } },
    keeper: { key: { env: 'NODE_KEY' } },
    ...sections,
  };
  const file = join(directory, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config));
  const main = join(import.meta.dirname, 'main.ts');
  const env = { PATH: process.env.PATH, NODE_KEY: KEY };
  return spawn(process.execPath, [main, 'start', '--config', file], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function follow(child: ChildProcess): Running {
  if (child.stdout === null) throw new TypeError('the node has no standard output');
  const exit = once(child, 'exit');
  const lines: Line[] = [];
  const checks = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(JSON.parse(line));
    for (const check of checks) check();
  });
  const node: Running = {
    lines,
    process: child,
    until: (message) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const line = lines.find(({ msg }) => msg === message);
          if (line === undefined) return;
          checks.delete(check);
          resolve(line);
        };
        checks.add(check);
        check();
        exit.then(() => reject(new TypeError(`the node ended without logging ${message}`)), reject);
      }),
    async ended() {
      await exit;
      return child.exitCode;
    },
  };
  running.push(node);
  return node;
}

test('a node says when it is ready, and stops cleanly when asked', async () => {
  const node = await start('clean');
  expect(await node.until('ready')).toMatchObject({
    level: 'info',
    peerId: expect.stringMatching(/^12D3/),
    addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3/)],
    roles: ['auctioneer', 'keeper'],
  });
  node.process.kill('SIGTERM');
  expect(await node.ended()).toBe(0);
  const messages = node.lines.map(({ msg }) => msg);
  expect(messages).toContain('stopped');
  expect(messages).not.toContain('handles left open, ending the process');
  expect(JSON.stringify(node.lines)).not.toContain(KEY.slice(2));
});

test.each(['json', 'pretty'])(
  'a node whose log is read no more, as %s, stops cleanly and in silence',
  async (format) => {
    const child = await startProcess(`piped-${format}`, { sections: { log: { format } } });
    // Before the first line: what `head` leaves behind.
    child.stdout?.destroy();
    const complaints: unknown[] = [];
    child.stderr?.on('data', (text) => complaints.push(String(text)));
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(complaints).toEqual([]);
  },
);

test('a second node on the same data fails and says why; the first goes on', async () => {
  const first = await start('first', { dataDir: 'shared' });
  await first.until('ready');
  const second = await start('second', { dataDir: 'shared' });
  expect(await second.ended()).toBe(3);
  expect(second.lines).toContainEqual(
    expect.objectContaining({ level: 'fatal', err: expect.objectContaining({ code: 'LOCKED' }) }),
  );
  first.process.kill('SIGINT');
  expect(await first.ended()).toBe(0);
});

test('damaged records end the node at once, whatever else it would wait for, until they are repaired', async () => {
  const dir = join(directory, 'damaged', 'store');
  const store = await openStore({ dir, log: silentLogger() });
  await store.votes.put('key', { openBy: 1n });
  await store.close();
  await rm(dir, { recursive: true });
  const options = { rpc: 'http://127.0.0.1:9', dataDir: 'damaged' };
  const node = await start('damaged', options);
  expect(await node.ended()).toBe(4);
  expect(node.lines).toContainEqual(
    expect.objectContaining({ level: 'fatal', err: expect.objectContaining({ code: 'DAMAGED' }) }),
  );
  const repair = spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), 'repair', '--config', join(directory, 'damaged.yaml')],
    { stdio: 'ignore' },
  );
  expect(await once(repair, 'exit')).toEqual([0, null]);
  const again = await start('damaged', { dataDir: 'damaged' });
  await again.until('ready');
  again.process.kill('SIGINT');
  expect(await again.ended()).toBe(0);
});

test('a chain other than configured ends the node', async () => {
  const node = await start('mismatch', { chainId: 5 });
  expect(await node.ended()).toBe(1);
  expect(node.lines).toContainEqual(
    expect.objectContaining({ err: expect.objectContaining({ code: 'CHAIN_ID_MISMATCH' }) }),
  );
});

test('a node that still waits for its RPC stops cleanly as well', async () => {
  const node = await start('waiting', { rpc: 'http://127.0.0.1:9' });
  await node.until('rpc unreachable');
  node.process.kill('SIGINT');
  expect(await node.ended()).toBe(0);
});

describe('a market whose protocol is a module', () => {
  const watching = async (name: string, text: string) => {
    await writeFile(join(directory, `${name}.mjs`), text);
    const market = { id: name, chain: 'alpha', protocol: `./${name}.mjs`, source: ADDRESS };
    return start(name, { sections: { roles: ['watcher'], markets: [market] } });
  };
  const lending = (positions: string) => `
    import { defineProtocol } from '@gavel/solver-sdk';
    import { parseAbi } from 'viem';
    export default defineProtocol({
      events: parseAbi(['event Borrowed(address borrower)']),
      positions() { ${positions} return () => []; },
      valueInDebt: async () => 0n,
    });`;

  test('does not start the node when the module cannot be loaded: file, line and cause are told', async () => {
    const node = await watching('broken', "\n\nthrow new TypeError('no such market');\n");
    expect(await node.ended()).toBe(1);
    const meta = { at: `${join(directory, 'broken.mjs')}:3`, problem: 'TypeError: no such market' };
    expect(node.lines).toContainEqual(
      expect.objectContaining({
        level: 'fatal',
        err: expect.objectContaining({ code: 'BAD_MODULE', meta: expect.objectContaining(meta) }),
      }),
    );
  });

  test.each([
    ['throws', "throw new TypeError('not today');", 'protocol failed'],
    ['rejects', "Promise.reject(new TypeError('not today'));", 'module failed aside'],
    ['throws-later', "setInterval(() => { throw new TypeError('not today'); }, 5);", 'module failed aside'],
    ['rejects-without-error', 'Promise.reject(null);', 'module failed aside'],
  ])('goes on when the module %s', async (name, positions, message) => {
    const node = await watching(name, lending(positions));
    const told = await node.until(message);
    expect(told).toMatchObject({ level: 'error', err: { code: 'MODULE_FAILED' } });
    expect(JSON.stringify(told)).toContain(`${name}.mjs`);
    await node.until('ready');
    node.process.kill('SIGTERM');
    expect(await node.ended()).toBe(0);
    expect(node.lines.filter(({ msg }) => msg === message)).toHaveLength(1);
  });
});
