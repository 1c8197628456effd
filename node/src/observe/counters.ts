import type { Logger } from './logger.ts';

/** Name what a count is about, for instance `{ topic: 'quotes', code: 'UNDECODABLE' }`. */
export type Labels = Readonly<Record<string, string>>;

/** Count events by name and labels. Consumers ask for this type alone. */
export type Counters = {
  /** Add one to the counter `name` with these labels. */
  count(name: string, labels?: Labels): void;
  /** Read every counter: `name{key="value",…}` → total. */
  snapshot(): Readonly<Record<string, number>>;
};

/** Most distinct (name, labels) kept: labels must be few and never chosen by a peer. The rest counts as `overflow`. */
const MOST_SERIES = 2_000;

/** Create counters in memory. */
export function createCounters(): Counters {
  const totals = new Map<string, number>();
  return {
    count(name, labels = {}) {
      const series = seriesOf(name, labels);
      const key = totals.has(series) || totals.size < MOST_SERIES ? series : 'overflow';
      totals.set(key, (totals.get(key) ?? 0) + 1);
    },
    snapshot: () => Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Log a snapshot at debug level every `everyMs` until `signal` aborts, and once more at info level then. */
export function logCounters(options: {
  readonly counters: Counters;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}): void {
  const { counters, log, signal, everyMs = 60_000 } = options;
  if (signal.aborted) return;
  const timer = setInterval(() => log.debug({ counters: counters.snapshot() }, 'counters'), everyMs);
  timer.unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    log.info({ counters: counters.snapshot() }, 'counters');
  });
}

function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
