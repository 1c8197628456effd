import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import { COUNTERS, type CounterLabels, type CounterName, labelNames } from './metrics.ts';

/** The labels of one count, for instance `{ topic: 'quotes', code: 'UNDECODABLE' }`. */
export type Labels = Readonly<Record<string, string>>;

/** Counts of the events that the catalogue in `metrics.ts` names. */
export type Counters = {
  /** Adds one to the counter `name` with exactly the labels that the catalogue gives it. */
  count<N extends CounterName>(name: N, ...labels: CounterLabels<N>): void;
  /** Returns every counter: `name{key="value",…}` → total. */
  snapshot(): Readonly<Record<string, number>>;
};

/** The most series (a name with values of its labels) kept. Counts of further series go to `overflow`. */
const MOST_SERIES = 2_000;

/**
 * Creates counters in memory. With a registry each counter also appears there under the name that Prometheus'
 * rules give it: `quote_sent` as `gavel_quote_sent_total`.
 */
export function createCounters(registry?: Registry): Counters {
  const totals = new Map<string, number>();
  const exported = new Map<CounterName, Counter>();

  const exportTo = (target: Registry, name: CounterName, labels: Labels) => {
    const names = labelNames(COUNTERS[name]);
    let counter = exported.get(name);
    if (counter === undefined) {
      const { help } = COUNTERS[name];
      counter = new Counter({ name: `gavel_${name}_total`, help, labelNames: names, registers: [target] });
      exported.set(name, counter);
    }
    // The client throws at an unknown label, and a count must never throw.
    counter.inc(Object.fromEntries(names.map((key) => [key, labels[key] ?? ''])));
  };

  return {
    count(name, ...[labels = {}]: readonly Labels[]) {
      const series = seriesOf(name, labels);
      const fits = totals.has(series) || totals.size < MOST_SERIES;
      const key = fits ? series : 'overflow';
      totals.set(key, (totals.get(key) ?? 0) + 1);
      if (registry !== undefined) exportTo(registry, fits ? name : 'overflow', fits ? labels : {});
    },
    snapshot: () => Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Logs a snapshot at debug level every `everyMs` until `signal` aborts, and once more at info level then. */
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
