import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAPTERS } from '../src/chapters/list.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

type Outcome = {
  chapters: {
    name: string;
    facts: { what: string; amount: string; token: { symbol: string; decimals: number } }[];
    liquidations: { market: string; mode: string; repaid: string; seized: string; ask: string }[];
    balances: { chain: string; holder: string; before: string; after: string }[];
    checks: { name: string; ok: boolean; detail: string }[];
  }[];
};

async function demo(...args: string[]): Promise<{ exit: number | null; output: string }> {
  const child = spawn(process.execPath, [cli, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, output };
}

/** The shortest of them stands here for the way they are told; `npm run chapters` tells all. */
describe('the chapter of the margin call', () => {
  let dir: string;
  let told: Awaited<ReturnType<typeof demo>>;
  let outcome: Outcome;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gavel-chapter-test-'));
    const file = join(dir, 'outcome.json');
    told = await demo('--chapter', 'margin-call', '--json', file);
    outcome = JSON.parse(await readFile(file, 'utf8').catch(() => expect.fail(told.output)));
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('ends well: exit code 0, and every check holds', () => {
    expect(outcome.chapters.map(({ name }) => name)).toEqual(['margin-call']);
    const [chapter] = outcome.chapters;
    expect(chapter?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(chapter?.checks.length).toBeGreaterThan(10);
    expect(told.exit, told.output).toBe(0);
  });

  it('takes exactly what the winner asked, within the borrower’s terms', () => {
    const [chapter] = outcome.chapters;
    expect(chapter?.liquidations).toHaveLength(1);
    const [landed] = chapter?.liquidations ?? [];
    expect(landed).toMatchObject({ market: 'margin-alpha', mode: 'local' });
    expect(landed?.seized).toBe(landed?.ask);
    expect(chapter?.balances).not.toEqual([]);
  });

  it('is told in words: the story’s lines, and what moved', () => {
    expect(told.output).toContain('The careful borrower has agreed');
    expect(told.output).toContain('penalty paid');
    expect(told.output).toContain('All checks hold.');
  });
});

describe('the list of chapters', () => {
  it('is in the help, with a sentence each', async () => {
    const { exit, output } = await demo('--help');
    expect(exit).toBe(0);
    expect(CHAPTERS.length).toBeGreaterThanOrEqual(5);
    for (const { name, about } of CHAPTERS) expect(output).toContain(`${name.padEnd(12)} ${about}`);
  });

  it('is what an unknown name is answered with', async () => {
    const { exit, output } = await demo('--chapter', 'colours');
    expect(exit).not.toBe(0);
    expect(output).toContain('fade, late, default, margin-call, dark');
  });
});
