/**
 * Breaks the contracts in every way of `mutants/list.ts`, one at a time, and sees that some test notices:
 * `npm run mutants`.
 *
 * Works on a copy beside `contracts`. Fails on a survivor and on a mutant that no longer applies. The quick
 * profile compiles a mutant in seconds.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GavelError, isGavelError } from '@gavel/protocol';
import { mutate } from '../mutants/apply.ts';
import { MUTANTS, type Mutant } from '../mutants/list.ts';
import { buildProtocols } from './build.ts';
import { npmCommand, writeData } from './command.ts';
import { root, runForge } from './forge.ts';
import { type Progress, startProgress } from './progress.ts';

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

const scratch = join(root, '..', '.mutants');
const { json, only, list } = npmCommand(
  'mutants',
  'Break the contracts in every way that contracts/mutants/list.ts describes, and see that a test fails each time.',
)
  .option('--only <name...>', 'run the mutants of these names')
  .option('--list', 'print the mutants and run none')
  .option('--json <file>', 'also write the results as data')
  .parse()
  .opts<{ json?: string; only?: readonly string[]; list?: true }>();

const COPIED = ['src', 'devnet', 'examples', 'test', 'script', 'scripts', 'foundry.toml', 'package.json'];
const environment = {
  FOUNDRY_PROFILE: 'quick',
  FOUNDRY_FUZZ_SEED: '0x67',
  FOUNDRY_FUZZ_RUNS: '32',
};

const chosen = only === undefined ? MUTANTS : only.map(named);
if (list === true) {
  for (const { name, file, breaks } of chosen)
    process.stdout.write(`${name.padEnd(30)} ${file}: ${breaks}\n`);
} else {
  const results = await runAll();
  await writeData(json, results);
  const killed = results.filter(({ killedBy }) => killedBy !== undefined).length;
  process.stdout.write(`${killed}/${results.length} killed\n`);
  if (killed !== results.length) process.exitCode = 1;
}

async function runAll(): Promise<Result[]> {
  // Every mutant is applied before any test runs: a list that fell behind the code fails at once.
  for (const mutant of chosen) mutate(source(mutant), mutant);
  using progress = startProgress(
    `running the tests once unbroken and once for each of ${chosen.length} mutants`,
  );
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  try {
    progress.update('Aave and Morpho Blue compile');
    await buildProtocols();
    for (const path of COPIED) cpSync(join(root, path), join(scratch, path), { recursive: true });
    for (const built of ['aave', 'external'])
      cpSync(join(root, 'out', built), join(scratch, 'out', built), { recursive: true });
    progress.update('unbroken');
    const unbroken = await failing();
    if (unbroken !== undefined) {
      throw new MutationError('TESTS_FAIL_UNBROKEN', 'make every test pass first', {
        meta: { test: unbroken },
      });
    }
    const results: Result[] = [];
    for (const mutant of chosen) {
      progress.update(`${results.length} done, now ${mutant.name}`);
      results.push(await judge(mutant, progress));
    }
    return results;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function judge(mutant: Mutant, progress: Progress): Promise<Result> {
  const began = performance.now();
  const path = join(scratch, 'src', mutant.file);
  writeFileSync(path, mutate(source(mutant), mutant));
  const { name, file, breaks } = mutant;
  let killedBy: string | undefined;
  let result: string;
  try {
    killedBy = await failing();
    result = killedBy ?? `SURVIVED: ${breaks}`;
  } catch (error) {
    // A mutant that does not compile counts as not killed, and the run goes on.
    if (!isGavelError(error, 'MUTANT_NOT_COMPILED')) throw error;
    result = `NOT COMPILED, give it another replacement: ${error.meta.stderr}`;
  } finally {
    writeFileSync(path, source(mutant));
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  progress.print(`${name.padEnd(30)} ${result}`);
  return { name, file, breaks, ...(killedBy === undefined ? {} : { killedBy }), seconds };
}

/** The first test that fails, if any; forge's own failures count as one only when it ran tests. */
async function failing(): Promise<string | undefined> {
  const run = await runForge(['test', '--fail-fast'], { cwd: scratch, env: environment });
  if (run.code === 0) return undefined;
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
