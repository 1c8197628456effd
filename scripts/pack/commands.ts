import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Where the repository's commands are. */
export const BIN = join(import.meta.dirname, '../../node_modules/.bin');

/** A command did not do what it should; the message holds the whole cause. */
export class CommandError extends Error {}

type Options = {
  readonly cwd?: string;
  /** The exit code that is right. Default 0. */
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * Runs a command and returns its standard output. Throws CommandError with everything printed on another exit
 * code.
 */
export function run(command: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { cwd, code: expected = 0, env = {} } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...cleanEnv(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (cause) => reject(new CommandError(`${command}: ${cause.message}`)));
    child.on('close', (code) => {
      if (code === expected) resolve(stdout);
      else {
        const line = [command, ...args].join(' ');
        reject(new CommandError(`${line}\nended with ${code}, not ${expected}\n${stdout}${stderr}`));
      }
    });
  });
}

/** Throws CommandError with what was found unless `holds`. */
export function expect(holds: boolean, what: string, found: unknown): void {
  if (holds) return;
  const text = typeof found === 'string' ? found : JSON.stringify(found, null, 2);
  throw new CommandError(`expected: ${what}\nfound: ${text}`);
}

/** What npm tells its scripts about this repository; the machine's registry and certificates are kept. */
const OF_REPOSITORY =
  /^(npm_(package|lifecycle|command|config_local_prefix|config_workspace)|INIT_CWD|NODE_OPTIONS)/;

function cleanEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !OF_REPOSITORY.test(name));
  return { ...Object.fromEntries(entries), NO_COLOR: '1' };
}

/** Prints each step once it is done, and how long it took. */
export class Reporter {
  readonly #start = performance.now();

  begin(title: string): void {
    process.stdout.write(`\n${title}\n`);
  }

  note(text: string): void {
    process.stdout.write(`    ${text}\n`);
  }

  async step<T>(what: string, act: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      const result = await act();
      process.stdout.write(`  ✓ ${what} (${seconds(start)})\n`);
      return result;
    } catch (error) {
      process.stdout.write(`  ✗ ${what} (${seconds(start)})\n`);
      throw error;
    }
  }

  end(): void {
    process.stdout.write(`\nThe packages install and run (${seconds(this.#start)})\n`);
  }
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1_000).toFixed(1)} s`;
}
