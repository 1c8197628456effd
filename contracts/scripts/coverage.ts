/**
 * Measure how much of `src` the unit, attack and integration tests run, and fail below the goals.
 *
 * `npm run coverage` works on a copy beside `contracts` that holds the imported libraries too: forge's coverage analysis
 * finds imports only below the project's root. `--json FILE` writes the figures. The walks are left out: they reach nothing
 * that the tests do not, and take long.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { requireForge } from './forge.ts';

interface Count {
  readonly found: number;
  readonly hit: number;
}

interface FileCoverage {
  readonly file: string;
  readonly lines: Count;
  readonly branches: Count;
  /** Lines never run. */
  readonly missedLines: readonly number[];
  /** Lines with a branch never taken. */
  readonly missedBranches: readonly number[];
}

/** Percent. */
const GOALS = { lines: 98, branches: 95 } as const;
const COPIED = ['src', 'test', 'script', 'scripts', 'package.json'];

const root = join(import.meta.dirname, '..');
const scratch = join(root, '..', '.coverage');
const modules = join(root, '..', 'node_modules');
const { values } = parseArgs({ options: { json: { type: 'string' } } });

rmSync(scratch, { recursive: true, force: true });
try {
  const files = measure();
  for (const one of files) {
    const gaps = [...one.missedLines.map(String), ...one.missedBranches.map((line) => `${line} (branch)`)];
    print(one.file, one.lines, one.branches, gaps.join(', '));
  }
  const lines = sum(files.map((one) => one.lines));
  const branches = sum(files.map((one) => one.branches));
  print('total', lines, branches, '');
  if (values.json !== undefined) {
    const file = resolve(process.env.INIT_CWD ?? '.', values.json);
    writeFileSync(file, `${JSON.stringify({ lines, branches, files }, null, 2)}\n`);
  }
  if (percent(lines) < GOALS.lines || percent(branches) < GOALS.branches) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function measure(): FileCoverage[] {
  mkdirSync(join(scratch, 'out'), { recursive: true });
  for (const path of COPIED) cpSync(join(root, path), join(scratch, path), { recursive: true });
  cpSync(join(root, 'out', 'external'), join(scratch, 'out', 'external'), { recursive: true });
  cpSync(join(modules, '@openzeppelin', 'contracts'), join(scratch, 'lib', 'openzeppelin'), {
    recursive: true,
    filter: (path) => !path.includes(join('contracts', 'build')),
  });
  const config = readFileSync(join(root, 'foundry.toml'), 'utf8');
  const forgeStd = /'forge-std\/=([^']+)'/.exec(config)?.[1] ?? 'lib';
  cpSync(resolve(root, forgeStd), join(scratch, 'lib', 'forge-std'), { recursive: true });
  writeFileSync(
    join(scratch, 'foundry.toml'),
    config
      .replace(/'@openzeppelin\/contracts\/=[^']+'/, "'@openzeppelin/contracts/=lib/openzeppelin/'")
      .replace(/'forge-std\/=[^']+'/, "'forge-std/=lib/forge-std/'")
      .replace("libs = ['../node_modules']", "libs = ['lib']"),
  );
  requireForge(['coverage', '--report', 'lcov', '--exclude-tests'], {
    cwd: scratch,
    env: {
      ...process.env,
      FOUNDRY_PROFILE: 'quick',
      FOUNDRY_CODE_SIZE_LIMIT: '1000000',
      FOUNDRY_FUZZ_RUNS: '16',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return parse(readFileSync(join(scratch, 'lcov.info'), 'utf8'))
    .filter(({ file }) => file.startsWith('src/'))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Read an LCOV trace file: DA is a line, BRDA a branch, `-` and 0 mean never. */
function parse(trace: string): FileCoverage[] {
  return trace
    .split('end_of_record')
    .filter((record) => record.includes('SF:'))
    .map((record) => {
      const rows = record.trim().split('\n');
      const all = (key: string) =>
        rows.filter((row) => row.startsWith(`${key}:`)).map((row) => row.slice(key.length + 1));
      const lines = all('DA').map((row) => row.split(','));
      const branches = all('BRDA').map((row) => row.split(','));
      const missed = (list: string[][]) => list.filter((row) => ['0', '-'].includes(row.at(-1) ?? '0'));
      const numbers = (list: string[][]) => [...new Set(missed(list).map(([line]) => Number(line)))];
      return {
        file: all('SF')[0] ?? '',
        lines: { found: lines.length, hit: lines.length - missed(lines).length },
        branches: { found: branches.length, hit: branches.length - missed(branches).length },
        missedLines: numbers(lines),
        missedBranches: numbers(branches),
      };
    });
}

function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({ found: a.found + b.found, hit: a.hit + b.hit }), { found: 0, hit: 0 });
}

function percent({ found, hit }: Count): number {
  return found === 0 ? 100 : (100 * hit) / found;
}

function print(name: string, lines: Count, branches: Count, gaps: string): void {
  const part = (count: Count) =>
    `${percent(count).toFixed(2).padStart(6)} % ${`(${count.hit}/${count.found})`.padEnd(11)}`;
  process.stdout.write(`${name.padEnd(40)} ${part(lines)} ${part(branches)} ${gaps}\n`);
}
