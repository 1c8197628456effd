import { type Counters, createCounters } from './counters.ts';
import { type Logger, silentLogger } from './logger.ts';

/** The log and the counters that one part of the node writes to. */
export type Telemetry = { readonly log: Logger; readonly metrics: Counters };

/** Returns the same counters, with a child of the log that adds `fields` to each of its lines. */
export function childOf({ log, metrics }: Telemetry, fields: Readonly<Record<string, unknown>>): Telemetry {
  return { log: log.child(fields), metrics };
}

/** Returns a log that writes nothing, and counters of its own, for tests and tools. */
export function silentTelemetry(): Telemetry {
  return { log: silentLogger(), metrics: createCounters() };
}
