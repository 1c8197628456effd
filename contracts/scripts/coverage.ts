/**
 * Measures how much of the contracts the unit, attack and integration tests run, and fails below the goals:
 * `npm run coverage`.
 *
 * Works on a copy beside `contracts` that holds the imported libraries too: forge's coverage analysis finds
 * imports only below the project's root. The invariant runs are left out: they reach nothing that the tests
 * do not, and take long.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import lcovParser, { type LineEntry, type Summary } from '@friedemannsommer/lcov-parser';
import { buildProtocols } from './build.ts';
import { npmCommand, writeData } from './command.ts';
import { requireForge, root } from './forge.ts';
import { startProgress } from './progress.ts';

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
const MEASURED = ['src', 'devnet', 'examples'];
const COPIED = [...MEASURED, 'test', 'script', 'scripts', 'package.json'];

const scratch = join(root, '..', '.coverage');
const modules = join(root, '..', 'node_modules');
const { json } = npmCommand(
  'coverage',
  `Measure the coverage of the contracts; fail below ${GOALS.lines} % of lines or ${GOALS.branches} % of branches.`,
)
  .option('--json <file>', 'also write the figures as data')
  .parse()
  .opts<{ json?: string }>();

const files = await measure();
for (const one of files) {
  const gaps = [...one.missedLines.map(String), ...one.missedBranches.map((line) => `${line} (branch)`)];
  print(one.file, one.lines, one.branches, gaps.join(', '));
}
const lines = sum(files.map((one) => one.lines));
const branches = sum(files.map((one) => one.branches));
print('total', lines, branches, '');
await writeData(json, { lines, branches, files });
if (percent(lines) < GOALS.lines || percent(branches) < GOALS.branches) process.exitCode = 1;

async function measure(): Promise<FileCoverage[]> {
  using progress = startProgress(
    'measuring coverage: compiling without the optimizer and running the tests takes minutes',
  );
  rmSync(scratch, { recursive: true, force: true });
  try {
    progress.update('Aave and Morpho Blue compile');
    await buildProtocols();
    copyProject();
    progress.update('the contracts compile');
    // A failure ends the process within requireForge, so the copy then remains for inspection.
    await requireForge(['coverage', '--report', 'lcov', '--exclude-tests'], {
      cwd: scratch,
      env: { FOUNDRY_PROFILE: 'quick', FOUNDRY_CODE_SIZE_LIMIT: '1000000', FOUNDRY_FUZZ_RUNS: '16' },
      onLine: (line) => {
        const suite = /^Ran \d+ tests? for (\S+)/.exec(line)?.[1];
        if (suite !== undefined) progress.update(`ran ${suite}`);
      },
    });
    return await read(join(scratch, 'lcov.info'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function copyProject(): void {
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
}

async function read(trace: string): Promise<FileCoverage[]> {
  const sections = await lcovParser({ from: readFileSync(trace) });
  return sections
    .filter(({ path }) => MEASURED.some((folder) => path.startsWith(`${folder}/`)))
    .map(({ path, lines, branches }) => ({
      file: path,
      lines: counted(lines),
      branches: counted(branches),
      missedLines: missed(lines),
      missedBranches: missed(branches),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function counted({ details }: Summary<LineEntry>): Count {
  return { found: details.length, hit: details.filter(({ hit }) => hit > 0).length };
}

function missed({ details }: Summary<LineEntry>): number[] {
  return [...new Set(details.filter(({ hit }) => hit === 0).map(({ line }) => line))];
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
