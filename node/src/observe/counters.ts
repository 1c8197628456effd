import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';

/** Name what a count is about, for instance `{ topic: 'quotes', code: 'UNDECODABLE' }`. */
export type Labels = Readonly<Record<string, string>>;

/** Count events by name and labels. Consumers ask for this type alone. */
export type Counters = {
  /** Add one to the counter `name` with these labels. One name always comes with the same labels. */
  count(name: string, labels?: Labels): void;
  /** Read every counter: `name{key="value",…}` → total. */
  snapshot(): Readonly<Record<string, number>>;
};

/** Most distinct (name, labels) kept: labels must be few and never chosen by a peer. The rest counts as `overflow`. */
const MOST_SERIES = 2_000;

/**
 * Create counters in memory. With a registry each also appears there by Prometheus' naming rules: `quote_sent` as
 * `gavel_quote_sent_total`.
 */
export function createCounters(registry?: Registry): Counters {
  const totals = new Map<string, number>();
  const exported = new Map<string, { counter: Counter; names: readonly string[] }>();

  const exportTo = (target: Registry, name: string, labels: Labels) => {
    let known = exported.get(name);
    if (known === undefined) {
      const names = Object.keys(labels);
      const help = `How often since the start: ${name.replaceAll('_', ' ')}.`;
      const counter = new Counter({
        name: `gavel_${name}_total`,
        help,
        labelNames: names,
        registers: [target],
      });
      known = { counter, names };
      exported.set(name, known);
    }
    // A label the name did not have at first would be refused, and a count must never throw.
    const own = known.names.map((key) => [key, labels[key] ?? ''] as const);
    known.counter.inc(Object.fromEntries(own));
  };

  return {
    count(name, labels = {}) {
      const series = seriesOf(name, labels);
      const fits = totals.has(series) || totals.size < MOST_SERIES;
      const key = fits ? series : 'overflow';
      totals.set(key, (totals.get(key) ?? 0) + 1);
      if (registry !== undefined) exportTo(registry, fits ? name : 'overflow', fits ? labels : {});
    },
    snapshot: () => Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Log a snapshot at debug level every `everyMs` until `signal` aborts, and once more at info level then. */
export function logCounters(options: {
  readonly metrics: Counters;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}): void {
  const { metrics, log, signal, everyMs = 60_000 } = options;
  if (signal.aborted) return;
  const timer = setInterval(() => log.debug({ counters: metrics.snapshot() }, 'counters'), everyMs);
  timer.unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    log.info({ counters: metrics.snapshot() }, 'counters');
  });
}

function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
