/**
 * Walk: random actions of everybody over two chains, with the invariants checked against ghost books, by the million.
 *
 * `npm run walks -- --calls N --seed S` runs chunks of 2,000 walks of 256 actions, a seed each, S, S + 1, …, until N actions
 * are done, and prints the sum. `--log FILE` adds a line for each chunk, so that several runs add up. Fails on a violation,
 * naming the chunk's seed, which repeats it.
 */
import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runForge } from './forge.ts';

const STEPS = 256;
/** Walk without faults: forge says how many it ran. */
const PASSED = /\[PASS\] testFuzz_Walk\(uint256\) \(runs: (\d+),/;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
  },
});
const wanted = whole('calls', values.calls);
const first = whole('seed', values.seed);
const log = values.log === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.log);

const began = performance.now();
let done = 0;
for (let seed = first; done < wanted; seed++) {
  const chunkBegan = performance.now();
  const run = runForge(['test', '--fuzz-seed', String(seed), '-j', '1'], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      ...process.env,
      FOUNDRY_PROFILE: 'deep',
      WALK_STEPS: String(STEPS),
    },
  });
  const ran = PASSED.exec(run.stdout)?.[1];
  if (run.status !== 0 || ran === undefined) {
    process.stderr.write(`${run.stdout}\n${run.stderr}\nseed ${seed}: a violation, or no walk at all\n`);
    process.exitCode = 1;
    break;
  }
  done += Number(ran) * STEPS;
  const line = `seed ${seed}: ${ran} walks of ${STEPS} in ${seconds(chunkBegan)} s, no violation`;
  process.stdout.write(`${line}; ${done} calls in all\n`);
  if (log !== undefined) appendFileSync(log, `${line}\n`);
}
process.stdout.write(`${done} calls in ${seconds(began)} s\n`);

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`--${name} is not a whole number: ${text}`);
  return value;
}
