/**
 * Runs forge. The `forge` command of the npm package exits with 0 even when tests fail, so this module starts
 * the package's binary itself: `node scripts/forge.ts test` from a shell, `runForge` from other scripts.
 */
import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** Folder of foundry.toml. */
export const root: string = join(import.meta.dirname, '..');

export interface ForgeOptions {
  /** Folder of foundry.toml; this package's by default. */
  readonly cwd?: string;
  /** Variables added to this process's environment, `FOUNDRY_PROFILE` above all. */
  readonly env?: Readonly<Record<string, string>>;
  /** `inherit` shows forge's output instead of returning it. */
  readonly stdio?: StdioOptions;
  /** Receives each line of standard output as soon as forge writes it. */
  readonly onLine?: (line: string) => void;
}

/** Exit code and output of one run of forge. */
export interface ForgeRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs forge to its end and returns its exit code and output. Throws only if forge cannot be started. */
export async function runForge(args: readonly string[], options: ForgeOptions = {}): Promise<ForgeRun> {
  const { cwd = root, env, stdio = ['ignore', 'pipe', 'pipe'], onLine } = options;
  // A lower priority: tests of other packages that run beside a compilation depend on wall-clock time.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const forge = spawn(binary(), args, { cwd, env: { ...process.env, ...env }, stdio });
  const exit = once(forge, 'close');
  if (forge.stdout && onLine) createInterface({ input: forge.stdout }).on('line', onLine);
  const [stdout, stderr, [code]] = await Promise.all([
    forge.stdout ? text(forge.stdout) : '',
    forge.stderr ? text(forge.stderr) : '',
    exit,
  ]);
  return { code: code ?? 1, stdout, stderr };
}

/** Runs forge; if it fails, prints forge's output and ends this process with forge's exit code. */
export async function requireForge(args: readonly string[], options: ForgeOptions = {}): Promise<ForgeRun> {
  const run = await runForge(args, options);
  if (run.code === 0) return run;
  process.stderr.write(`\n${run.stdout}${run.stderr}`);
  process.exit(run.code);
}

function binary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const [platform, suffix] = process.platform === 'win32' ? ['win32', '.exe'] : [process.platform, ''];
  const require = createRequire(import.meta.url);
  return require.resolve(`@foundry-rs/forge-${platform}-${arch}/bin/forge${suffix}`);
}

if (import.meta.main) await requireForge(process.argv.slice(2), { stdio: 'inherit' });
