import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { decide, KINDS, type Outcome, type StrategyFactory } from '../src/index.ts';
import { anOpportunity } from '../src/testing/index.ts';

const guide = readFileSync(new URL('../../docs/tutorials/write-a-strategy.md', import.meta.url), 'utf8');
const snippets = [...guide.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', code = '']) => ({
  name,
  code,
}));

const folder = mkdtempSync(join(tmpdir(), 'gavel-guide-'));
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
symlinkSync(path('../../node_modules'), join(folder, 'node_modules'));
for (const { name, code } of snippets) writeFileSync(join(folder, name), code);
afterAll(() => rmSync(folder, { recursive: true }));

const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ join(folder, name));

test('every snippet of the guide has a file name', () => {
  expect(guide.split('```ts\n').length - 1).toBe(snippets.length);
  expect(snippets.map(({ name }) => name)).toEqual([
    'first.ts',
    'patient.ts',
    'prices.ts',
    'cautious.ts',
    'try.ts',
    'cautious.test.ts',
  ]);
});

test('every snippet passes the type checker', () => {
  const { compilerOptions } = JSON.parse(readFileSync(path('../../tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = path('../../node_modules/typescript/bin/tsc');
  expect(execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })).toBe('');
});

test('the smallest strategy quotes', async () => {
  const { default: factory } = (await load('first.ts')) as { default: StrategyFactory };
  expect(decide(factory({}), anOpportunity())).toMatchObject({ kind: 'quote', payDomain: 1001 });
});

test('the example of kinds asks more for what is on offer', async () => {
  const { default: factory } = (await load('patient.ts')) as { default: StrategyFactory };
  const strategy = factory({ spreadBps: 20 });
  const asks = KINDS.map((kind) => decide(strategy, anOpportunity({ kind }))).map((outcome) =>
    outcome.kind === 'quote' ? outcome.ask : 0n,
  );
  const [auction = 0n, ...offers] = asks;
  for (const offer of offers) expect(offer).toBeGreaterThan(auction);
});

test('the example of prices earns what it says', async () => {
  expect(await load('prices.ts')).toMatchObject({ enough: true });
});

test('the example of decisions decides as told', async () => {
  const { early, late, large } = (await load('try.ts')) as Record<'early' | 'late' | 'large', Outcome>;
  expect(early).toMatchObject({ kind: 'postpone' });
  expect(late).toMatchObject({ kind: 'quote', cost: 10_006_000_000n });
  expect(large).toMatchObject({ kind: 'reject', by: 'strategy', reason: 'too large' });
});

describe('the compliance example', async () => {
  await load('cautious.test.ts');
});
