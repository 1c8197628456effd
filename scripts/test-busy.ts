/**
 * Run the tests on a busy machine: `npm test` several times in a row, while processes spin beside it. No test
 * may depend on how fast the machine is, so every round passes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { count, npmCommand } from '../contracts/scripts/command.ts';

/** Spins until it is ended, or until the process that started it has gone. */
const SPIN = 'const parent = process.ppid; while (process.ppid === parent);';

const command = npmCommand(
  'test:busy',
  'Run npm test several times in a row while processes spin, up to the first round that fails.',
)
  .usage('-- [options] [-- arguments of npm test]')
  .argument('[args...]')
  .option('--rounds <n>', 'how often the tests run', count, 3)
  .option('--spinners <n>', 'how many processes spin', count, 2)
  .addHelpText('after', '\nOne package once: npm run test:busy -- --rounds 1 -- --filter=@gavel/node')
  .parse();
const { rounds, spinners } = command.opts<{ rounds: number; spinners: number }>();
process.exitCode = await main(rounds, spinners, command.args);

/** Runs the rounds. Returns the exit code: 0 if every round passed, 1 if one failed, 130 after a signal. */
async function main(rounds: number, spinners: number, args: readonly string[]): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const spinning = Array.from({ length: spinners }, () =>
    spawn(process.execPath, ['--eval', SPIN], { stdio: 'ignore' }),
  );
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}, ${spinners} processes spin beside it`);
      const began = performance.now();
      const passed = await runTests(args, stopping.signal);
      const seconds = Math.round((performance.now() - began) / 1_000);
      if (stopping.signal.aborted) {
        say(`stopped in round ${round}`);
        return 130;
      }
      say(`round ${round} of ${rounds} ${passed ? 'passed' : 'FAILED'} after ${seconds} s`);
      if (!passed) return 1;
    }
    return 0;
  } finally {
    for (const child of spinning) child.kill('SIGKILL');
  }
}

/** Runs `npm test` once, its output shown. Resolves with whether it passed. */
async function runTests(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  const { npm_execpath: npm } = process.env;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const tests: ChildProcess = spawn(command, [...first, 'test', '--', ...args], { stdio: 'inherit' });
  const stop = () => tests.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const [code] = (await once(tests, 'exit')) as [number | null];
  signal.removeEventListener('abort', stop);
  return code === 0;
}

function say(what: string): void {
  process.stdout.write(`test:busy: ${what}\n`);
}
