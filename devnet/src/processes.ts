import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { GavelError } from '@gavel/protocol';

/** What to start, and how to know that it is up. */
export interface ProcessOptions {
  /** Shown in errors. */
  readonly name: string;
  /** Path of the program; never passed through a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Environment of the child; this process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The child is up once a line of its standard output matches. */
  readonly ready: RegExp;
  /** Milliseconds to wait for that line; 30,000 when absent. */
  readonly readyWithin?: number;
  /** Both outputs are appended here, a line at a time. */
  readonly logFile: string;
  /** Stops the child when disposed. */
  readonly stack: AsyncDisposableStack;
  /** Opens an IPC channel, whose closing tells a Node child that its parent is gone. */
  readonly ipc?: boolean;
  /** Sees every line of standard output, the ready line included. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended: an exit code, or the signal that ended it. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that is up. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** The ready line's match. */
  readonly ready: RegExpExecArray;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<ProcessExit>;
  /** Ends the process: asks first, forces after 5 seconds. Resolves once it is gone; safe to repeat. */
  stop(): Promise<void>;
}

const TAIL_LINES = 20;
const GRACE_MS = 5_000;
const alive = new Set<ChildProcess>();
let guarded = false;

/**
 * Start a child process and wait until it says it is ready.
 *
 * The child ends with the stack, and with this process however that ends short of SIGKILL.
 * Throws DEVNET_PROCESS_FAILED if it ends, or stays silent, before it is ready.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: false,
    shell: false,
    stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  child.once('close', () => log.end());
  const { exited, stop } = adoptChild(child);
  options.stack.defer(stop);
  const tail: string[] = [];
  const keep = (line: string) => {
    log.write(`${line}\n`);
    if (tail.push(line) > TAIL_LINES) tail.shift();
  };
  const ready = await readiness(child, options, keep, exited, tail).catch(async (cause: unknown) => {
    // Late is not dead: left alone it would hold its ports and its data against whoever tries again.
    child.kill('SIGKILL');
    await exited;
    throw cause;
  });
  return { name: options.name, pid: child.pid ?? 0, ready, exited, stop };
}

async function readiness(
  child: ChildProcess,
  options: ProcessOptions,
  keep: (line: string) => void,
  exited: Promise<ProcessExit>,
  tail: readonly string[],
): Promise<RegExpExecArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const within = options.readyWithin ?? 30_000;
  const fail = (why: string, cause?: unknown) =>
    reject(
      new GavelError('DEVNET_PROCESS_FAILED', 'a process did not come up; read its log', {
        meta: { name: options.name, why, log: options.logFile, tail: tail.join('\n') },
        cause,
      }),
    );
  const patience = setTimeout(() => fail(`was not ready within ${within} ms`), within);
  child.once('error', (cause) => fail('could not be started', cause));
  exited.then(({ code, signal }) => fail(`ended (${signal ?? `code ${code}`}) before it was ready`));
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      keep(line);
      if (stream !== child.stdout) return;
      options.onLine?.(line);
      const match = options.ready.exec(line);
      if (match !== null) resolve(match);
    });
  }
  return promise.finally(() => clearTimeout(patience));
}

/** Make a child end with this process, however that ends short of SIGKILL. */
export function adoptChild(child: ChildProcess): Pick<RunningProcess, 'exited' | 'stop'> {
  guardParent();
  alive.add(child);
  const { promise: exited, resolve } = Promise.withResolvers<ProcessExit>();
  const ended = (exit: ProcessExit) => {
    alive.delete(child);
    resolve(exit);
  };
  child.once('exit', (code, signal) => ended({ code, signal }));
  child.once('error', () => {
    if (child.pid === undefined) ended({ code: null, signal: null });
  });
  const stop = async () => {
    if (!alive.has(child)) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(force);
  };
  return { exited, stop };
}

/** Ends every child when this process exits; a signal nobody else handles becomes an exit. */
function guardParent(): void {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    for (const child of alive) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}
