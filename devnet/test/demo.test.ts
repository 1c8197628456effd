import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

type Outcome = {
  liquidations: {
    protocol: string;
    home: string;
    payChain: string;
    mode: 'local' | 'remote';
    repaid: string;
    seized: string;
    ask: string;
    surplusToBorrower: string;
    quotes: number;
    healthBefore: string;
    healthAfter: string;
    messageId: string | null;
  }[];
  messages: { id: string; kind: string; origin: string; destination: string; fills: number }[];
  checks: { name: string; ok: boolean; detail: string }[];
  setupMs: number;
};

describe('the demo', () => {
  let dir: string;
  let exit: number | null;
  let output = '';
  let outcome: Outcome;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gavel-demo-test-'));
    const file = join(dir, 'outcome.json');
    const demo = start(['demo', '--json', file], (text) => {
      output += text;
    });
    [exit] = (await once(demo, 'exit')) as [number | null];
    outcome = JSON.parse(await readFile(file, 'utf8').catch(() => expect.fail(output)));
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('ends well: exit code 0, and every check holds', () => {
    expect(outcome.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(outcome.checks.length).toBeGreaterThan(10);
    expect(exit, output).toBe(0);
  });

  it('liquidates loans of both protocols, locally and paid from two other chains', () => {
    const { liquidations } = outcome;
    expect(liquidations.length).toBeGreaterThanOrEqual(6);
    expect(new Set(liquidations.map(({ protocol }) => protocol))).toEqual(
      new Set(['aave-v3', 'morpho-blue']),
    );
    const remote = liquidations.filter(({ mode }) => mode === 'remote');
    expect(liquidations.length - remote.length).toBeGreaterThanOrEqual(1);
    expect(remote.length).toBeGreaterThanOrEqual(3);
    expect(new Set(remote.map(({ payChain }) => payChain)).size).toBeGreaterThanOrEqual(2);
    for (const { home, payChain, messageId } of remote) {
      expect(payChain).not.toBe(home);
      expect(messageId).toMatch(/^0x[0-9a-f]{64}$/);
    }
  });

  it('leaves every borrower healthier, and with part of the bonus', () => {
    for (const {
      healthBefore,
      healthAfter,
      surplusToBorrower,
      ask,
      seized,
      quotes,
    } of outcome.liquidations) {
      expect(Number(healthBefore)).toBeLessThan(1);
      expect(Number(healthAfter)).toBeGreaterThan(1);
      expect(BigInt(surplusToBorrower)).toBeGreaterThan(0n);
      expect(BigInt(ask) + BigInt(surplusToBorrower)).toBeLessThanOrEqual(BigInt(seized));
      expect(quotes).toBeGreaterThanOrEqual(2);
    }
  });

  it('proves several payments with one message', () => {
    const reports = outcome.messages.filter(({ kind }) => kind === 'report');
    expect(Math.max(...reports.map(({ fills }) => fills))).toBeGreaterThanOrEqual(2);
  });
});

describe('Ctrl-C', () => {
  it('ends the set-up at once and leaves no process behind', async () => {
    let output = '';
    const { promise: chainsUp, resolve } = Promise.withResolvers<void>();
    const devnet = start(['devnet'], (text) => {
      output += text;
      if (output.includes('deploying Hyperlane')) resolve();
    });
    const ended = once(devnet, 'exit') as Promise<[number | null]>;
    await Promise.race([chainsUp, ended]);
    const children = await childrenOf(devnet.pid ?? 0);
    expect(children.length, output).toBeGreaterThanOrEqual(3);
    devnet.kill('SIGINT');
    const [code] = await ended;
    expect(code, output).toBe(130);
    expect(children.filter(isAlive)).toEqual([]);
  });
});

function start(args: readonly string[], onText: (text: string) => void): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => onText(String(chunk)));
  child.stderr.on('data', (chunk) => onText(String(chunk)));
  return child;
}

/** Processes whose parent is `pid`, from the process table. */
async function childrenOf(pid: number): Promise<number[]> {
  const listing = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return listing.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
