import { type LoggerOptions, type Logger as PinoLogger, pino } from 'pino';
import pretty from 'pino-pretty';
import { describeError } from './describe-error.ts';

/**
 * Writes structured lines: a constant message plus fields. Make children with `{ module, chain, intent }`:
 * text only.
 */
export type Logger = PinoLogger;

/**
 * Builds the root logger. `json` writes one object a line to standard output, with `level` in words, `time`
 * in ISO 8601 and bigints as decimal strings; `pretty` writes the same for people. Errors go under `err`.
 * `onReaderGone` is called once if standard output is a pipe that is read no more; lines are dropped then.
 */
export function createLogger(options: {
  readonly level: string;
  readonly format: 'json' | 'pretty';
  readonly onReaderGone?: () => void;
}): Logger {
  const settings: LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    ...plainForm,
    formatters: { ...plainForm.formatters, level: (level) => ({ level }) },
  };
  const output = pino.destination({ dest: 1, sync: true });
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') options.onReaderGone?.();
  });
  if (options.format === 'json') return pino(settings, output);
  return pino(settings, pretty({ destination: output, translateTime: 'SYS:HH:MM:ss.l' }));
}

/** Makes pino write fields as `plainFields` does. */
export const plainForm = {
  formatters: { log: plainFields },
  // Errors are described by then; pino's own way would quote whole messages.
  serializers: { err: plainError },
} satisfies LoggerOptions;

/** Builds a logger that writes nothing, for tests and tools. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/**
 * Turns a line's fields into what JSON can hold: bigints as decimal strings, errors described without
 * secrets.
 */
export function plainFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plain(value, 0)]));
}

function plainError(error: unknown): unknown {
  return error instanceof Error ? describeError(error) : error;
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return describeError(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 6) return '…';
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
}
