/**
 * Break the contracts in every way of `mutants/list.ts`, one at a time, and see that some test notices.
 *
 * `npm run mutants` works on a copy beside `contracts`, prints a table and killed/total, and fails on a survivor and on a
 * mutant that no longer applies. `--only NAME` (repeatable) runs some, `--json FILE` writes the results, `--list` runs none.
 * Compiled by the quick profile, so that a mutant compiles in seconds.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GavelError, isGavelError } from '@gavel/protocol';
import { mutate } from '../mutants/apply.ts';
import { MUTANTS, type Mutant } from '../mutants/list.ts';
import { runForge } from './forge.ts';

/** Something that keeps mutants from being judged. */
class MutationError extends GavelError<'MUTANT_UNKNOWN' | 'MUTANT_NOT_COMPILED' | 'TESTS_FAIL_UNBROKEN'> {}

interface Result {
  readonly name: string;
  readonly file: string;
  readonly breaks: string;
  /** First test that failed; absent for a survivor and for what did not compile. */
  readonly killedBy?: string;
  readonly seconds: number;
}

const root = join(import.meta.dirname, '..');
const scratch = join(root, '..', '.mutants');
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
  },
});

const COPIED = ['src', 'test', 'script', 'scripts', 'foundry.toml', 'package.json'];
const environment = {
  ...process.env,
  FOUNDRY_PROFILE: 'quick',
  FOUNDRY_FUZZ_SEED: '0x67',
  FOUNDRY_FUZZ_RUNS: '32',
};

const chosen = values.only === undefined ? MUTANTS : values.only.map(named);
if (values.list === true) {
  for (const { name, file, breaks } of chosen)
    process.stdout.write(`${name.padEnd(30)} ${file}: ${breaks}\n`);
} else {
  const results = runAll();
  if (values.json !== undefined) {
    const file = resolve(process.env.INIT_CWD ?? '.', values.json);
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  }
  const killed = results.filter(({ killedBy }) => killedBy !== undefined).length;
  process.stdout.write(`${killed}/${results.length} killed\n`);
  if (killed !== results.length) process.exitCode = 1;
}

function runAll(): Result[] {
  // All first: a list that fell behind the code is to be seen at once.
  for (const mutant of chosen) mutate(source(mutant), mutant);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  try {
    for (const path of COPIED) cpSync(join(root, path), join(scratch, path), { recursive: true });
    cpSync(join(root, 'out', 'external'), join(scratch, 'out', 'external'), { recursive: true });
    const unbroken = failing();
    if (unbroken !== undefined) {
      throw new MutationError('TESTS_FAIL_UNBROKEN', 'make every test pass first', {
        meta: { test: unbroken },
      });
    }
    return chosen.map(judge);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function judge(mutant: Mutant): Result {
  const began = performance.now();
  const path = join(scratch, 'src', mutant.file);
  writeFileSync(path, mutate(source(mutant), mutant));
  const { name, file, breaks } = mutant;
  let killedBy: string | undefined;
  let verdict: string;
  try {
    killedBy = failing();
    verdict = killedBy ?? `SURVIVED: ${breaks}`;
  } catch (error) {
    // Counts as not killed; the others are judged all the same.
    if (!isGavelError(error, 'MUTANT_NOT_COMPILED')) throw error;
    verdict = `NOT COMPILED, give it another replacement: ${error.meta.stderr}`;
  } finally {
    writeFileSync(path, source(mutant));
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(`${name.padEnd(30)} ${verdict}\n`);
  return { name, file, breaks, ...(killedBy === undefined ? {} : { killedBy }), seconds };
}

/** The first test that fails, if any; forge's own failures count as one only when it ran tests. */
function failing(): string | undefined {
  const run = runForge(['test', '--fail-fast'], { cwd: scratch, env: environment });
  if (run.status === 0) return undefined;
  const test = /^\[FAIL[^\n]*\] (\w+\([^)]*\))/m.exec(run.stdout)?.[1];
  if (test !== undefined) return test;
  throw new MutationError('MUTANT_NOT_COMPILED', 'see what forge says', {
    meta: { stderr: run.stderr.slice(-2000) },
  });
}

function source({ file }: Mutant): string {
  return readFileSync(join(root, 'src', file), 'utf8');
}

function named(name: string): Mutant {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) throw new MutationError('MUTANT_UNKNOWN', 'see --list', { meta: { name } });
  return mutant;
}
