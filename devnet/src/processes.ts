import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GavelError } from '@gavel/protocol';
import { execa } from 'execa';

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
  /** Milliseconds to wait for that line; 600,000 when absent: a child that ends is reported at once. */
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
  /** Resolves when the process has ended, for any reason. */
  readonly exited: Promise<ProcessExit>;
  /** Ends the process: asks first, forces after 5 seconds. Resolves once it is gone; safe to repeat. */
  stop(): Promise<void>;
}

const TAIL_LINES = 20;

/**
 * Options of every child: ends with this process, is asked to end first, and is forced after five seconds.
 */
export const CHILD = { cleanup: true, forceKillAfterDelay: 5_000, reject: false, stdin: 'ignore' } as const;

/**
 * Starts a child process and waits until it says that it is ready.
 *
 * The child ends with the stack, and with this process however that ends short of SIGKILL.
 * Throws DEVNET_PROCESS_FAILED if the child ends, or stays silent, before it is ready.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args, cwd, env, ready: pattern, readyWithin = 600_000, logFile, stack } = options;
  await mkdir(dirname(logFile), { recursive: true });
  const child = execa(command, args, {
    ...CHILD,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, extendEnv: false }),
    ipc: options.ipc ?? false,
    buffer: false,
  });
  const exited = child.then(
    ({ exitCode, signal }): ProcessExit => ({
      code: exitCode ?? null,
      signal: signal ?? null,
    }),
  );
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  stack.defer(stop);

  const { promise: ready, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const log = createWriteStream(logFile, { flags: 'a' });
  const tail: string[] = [];
  const keep = (line: string) => {
    log.write(`${line}\n`);
    if (tail.push(line) > TAIL_LINES) tail.shift();
  };
  const readOut = async () => {
    for await (const line of child.iterable({ from: 'stdout' })) {
      keep(line);
      options.onLine?.(line);
      const match = pattern.exec(line);
      if (match !== null) resolve(match);
    }
  };
  const readErr = async () => {
    for await (const line of child.iterable({ from: 'stderr' })) keep(line);
  };
  const fail = (why: string, cause?: unknown) =>
    reject(
      new GavelError('DEVNET_PROCESS_FAILED', 'a process did not come up; read its log', {
        meta: { name, pid: child.pid, why, log: logFile, tail: tail.join('\n') },
        cause,
      }),
    );
  // What the streams throw at the end of the child is in its result, too.
  const read = Promise.allSettled([readOut(), readErr()]);
  void Promise.all([child, read]).then(([{ exitCode, signal, cause }]) => {
    log.end();
    fail(`ended (${signal ?? `code ${exitCode}`}) before it was ready`, cause);
  });
  const patience = setTimeout(() => fail(`was not ready within ${readyWithin} ms`), readyWithin);
  try {
    return { name, pid: child.pid ?? 0, ready: await ready, exited, stop };
  } catch (cause) {
    // Late is not dead: left alone it would hold its ports and its data against a later try.
    child.kill('SIGKILL');
    await exited;
    throw cause;
  } finally {
    clearTimeout(patience);
  }
}
