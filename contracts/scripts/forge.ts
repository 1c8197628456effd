/**
 * Run forge and end as it ended. The `forge` command of its npm package ends with 0 even when tests fail, so we start the
 * binary it comes with ourselves: `node scripts/forge.ts test`, or `runForge` from other scripts.
 */
import { type SpawnSyncOptions, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';

/** What a run left: its exit status, and what it wrote where that was piped. */
type Run = SpawnSyncReturns<string>;

/**
 * Run forge to its end, whatever that is.
 *
 * @param args Arguments of `forge`.
 * @param options As of `spawnSync`; output is text.
 */
export function runForge(args: readonly string[], options: SpawnSyncOptions = {}): Run {
  // Compiling can wait for what runs beside it, tests with clocks above all.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const run = spawnSync(binary(), args, { maxBuffer: 1 << 28, ...options, encoding: 'utf8' });
  if (run.error !== undefined) throw run.error;
  return run;
}

/** Run forge, its errors shown, and end this process as it ended if it failed. */
export function requireForge(args: readonly string[], options: SpawnSyncOptions = {}): void {
  const run = runForge(args, options);
  if (run.status !== 0) process.exit(run.status ?? 1);
}

function binary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const [platform, suffix] = process.platform === 'win32' ? ['win32', '.exe'] : [process.platform, ''];
  const require = createRequire(import.meta.url);
  return require.resolve(`@foundry-rs/forge-${platform}-${arch}/bin/forge${suffix}`);
}

if (import.meta.main) requireForge(process.argv.slice(2), { stdio: 'inherit' });
