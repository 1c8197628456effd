import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sections } from '../config/schema.ts';

type Tree = Record<string, unknown>;

const KEY = `0x${'01'.repeat(32)}`;
const KEYS = { SOLVER_KEY: KEY, KEEPER_KEY: KEY, OPERATOR_TOKEN: 'the-token-of-the-operator' };
const DOCS = join(import.meta.dirname, '../../../docs');

/** Every configuration, or part of one, that a guide shows. */
const examples = await (async () => {
  const found: { name: string; tree: Tree }[] = [];
  for (const guide of ['tutorials/run-a-solver.md', 'how-to/operate-a-node.md']) {
    const text = await readFile(join(DOCS, guide), 'utf8');
    for (const [, block = ''] of text.matchAll(/```yaml\n([\s\S]*?)```/g)) {
      const tree: Tree = parse(
        block.replace(/'0x([0-9a-fA-F]+)…'/g, (_, digits) => `'0x${digits.padEnd(40, '1').toLowerCase()}'`),
      );
      const names = Object.keys(tree);
      if (names.every((name) => name in sections))
        found.push({ name: `${guide}: ${names.join(', ')}`, tree });
    }
  }
  return found;
})();
const whole = examples.find(({ tree }) => 'network' in tree)?.tree ?? {};

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-examples-'));
  await writeFile(
    join(directory, 'strategy.ts'),
    `import { basisPoints, defineStrategy, optionsOf, reject } from '@gavel/solver-sdk';
export default defineStrategy({ name: 'shy', options: optionsOf({ spreadBps: basisPoints() }), quote: () => reject('shy') });
`,
  );
  const module = join(import.meta.dirname, '../../../solver-sdk/examples/tiny-lend.ts');
  await copyFile(module, join(directory, 'tiny-lend.ts'));
});

afterAll(() => rm(directory, { recursive: true }));

/** Completes an example by the whole one, and refers to keys that this test has. */
function completed(tree: Tree): Tree {
  const merged = merge(whole, tree) as Tree & { solver: Tree; keeper?: Tree };
  merged.solver = { ...merged.solver, key: { env: 'SOLVER_KEY' } };
  if (merged.keeper !== undefined) {
    merged.keeper = { ...merged.keeper, key: { env: 'KEEPER_KEY' } };
    merged.roles = ['solver', 'keeper'];
  }
  return merged;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, key in over ? merge(base[key], over[key]) : base[key]]));
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(file: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...KEYS };
  const main = join(import.meta.dirname, 'main.ts');
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [main, 'check-config', '--config', file, ...args],
      { env },
      (_, stdout, stderr) => resolve({ stdout, stderr }),
    ),
  );
}

test('the guides show the whole configuration and every section of it', () => {
  const shown = new Set(examples.flatMap(({ tree }) => Object.keys(tree)));
  expect(Object.keys(whole)).toContain('network');
  // A bare key says all that an auctioneer needs.
  expect(Object.keys(sections).filter((name) => !shown.has(name))).toEqual(['auctioneer']);
});

test.each(examples)('check-config accepts what it prints of $name', async ({ tree }) => {
  const written = join(directory, 'written.yaml');
  const printed = join(directory, 'printed.yaml');
  await writeFile(written, JSON.stringify(completed(tree)));
  const once = await check(written);
  expect(once.stderr).toBe('');
  await writeFile(printed, once.stdout);
  const twice = await check(printed);
  expect(twice).toEqual(once);
  await writeFile(printed, (await check(written, '--json')).stdout);
  expect((await check(printed)).stdout).toBe(once.stdout);
});
