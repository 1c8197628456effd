import { EventEmitter, on } from 'node:events';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createCounters } from '../counters.ts';
import { type Logger, plainForm } from '../logger.ts';
import type { Telemetry } from '../telemetry.ts';

/** One parsed log line. */
export type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** Records what is logged, for tests that wait for it. */
export type RecordingLogger = {
  readonly log: Logger;
  /** The same log, with counters of its own. */
  readonly telemetry: Telemetry;
  readonly lines: readonly Line[];
  /** Waits for a line with this message and these fields, logged before or later. */
  until(message: string, fields?: Readonly<Record<string, unknown>>): Promise<Line>;
};

/** Creates a logger that keeps its lines. */
export function recordingLogger(): RecordingLogger {
  const lines: Line[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()));
      events.emit('line');
      done();
    },
  });
  const log = pino({ level: 'debug', base: null, ...plainForm }, stream);
  return {
    log,
    telemetry: { log, metrics: createCounters() },
    lines,
    async until(message, fields = {}) {
      const later = on(events, 'line');
      const wanted = Object.entries(fields);
      try {
        for (;;) {
          const line = lines.find(
            (entry) => entry.msg === message && wanted.every(([name, value]) => entry[name] === value),
          );
          if (line !== undefined) return line;
          await later.next();
        }
      } finally {
        await later.return?.();
      }
    },
  };
}
