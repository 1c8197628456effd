/**
 * Runs random actions of every role on two chains, with the invariants checked against ghost accounts: `npm
 * run invariants`.
 *
 * One invariant run is 256 actions. Forge executes the runs in chunks, each with a seed of its own, so that a
 * violation can be repeated by its seed alone.
 */
import { appendFile } from 'node:fs/promises';
import { count, npmCommand, userPath, whole } from './command.ts';
import { runForge } from './forge.ts';
import { startProgress } from './progress.ts';

/** Actions of one run. */
const STEPS = 256;
/**
 * Runs of one chunk at most: `deep.fuzz.runs` in InvariantRuns.t.sol, which an inline setting cannot read
 * from here.
 */
const RUNS = 2_000;
/** Forge's line for a chunk without a violation, with the number of its runs. */
const PASSED = /\[PASS\] testFuzz_InvariantRun\(uint256\) \(runs: (\d+),/;

const { calls, seed, log } = npmCommand(
  'invariants',
  'Run random actions of every role on two chains, and check the invariants of docs/explanation/security.md.',
)
  .option(
    '--calls <n>',
    `how many actions, rounded up to whole chunks of ${RUNS} runs of ${STEPS} actions`,
    count,
    100_000,
  )
  .option('--seed <s>', 'seed of the first chunk; each further chunk has the next seed', whole, 1)
  .option('--log <file>', 'append a line for each chunk, so that several commands add up')
  .parse()
  .opts<{ calls: number; seed: number; log?: string }>();

using progress = startProgress(
  `running invariants over ${calls} actions, a chunk of ${RUNS * STEPS} at a time`,
);
const began = performance.now();
let done = 0;
for (let next = seed; done < calls; next++) {
  progress.update(`seed ${next}, ${done} actions done`);
  const chunkBegan = performance.now();
  const run = await runForge(['test', '--fuzz-seed', String(next), '-j', '1'], {
    env: { FOUNDRY_PROFILE: 'deep', INVARIANT_STEPS: String(STEPS) },
  });
  const ran = PASSED.exec(run.stdout)?.[1];
  if (run.code !== 0 || ran === undefined) {
    process.stderr.write(
      `\n${run.stdout}\n${run.stderr}\nseed ${next}: an invariant is violated, or forge ran nothing\n`,
    );
    process.exitCode = 1;
    break;
  }
  done += Number(ran) * STEPS;
  const line = `seed ${next}: ${ran} runs of ${STEPS} actions in ${seconds(chunkBegan)} s, no violation`;
  progress.print(`${line}; ${done} actions in all`);
  if (log !== undefined) await appendFile(userPath(log), `${line}\n`);
}
progress.print(`${done} actions in ${seconds(began)} s`);

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}
