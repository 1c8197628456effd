import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Labels } from './counters.ts';

/** One number of a gauge. */
export type Reading = { readonly labels?: Labels; readonly value: number };

/** A number that is read when it is asked for: `name` in base units by Prometheus' rules. */
export type GaugeSource = {
  readonly name: `gavel_${string}`;
  readonly help: string;
  readonly labels?: readonly string[];
  /** A failure leaves the gauge without numbers; the others are not affected. */
  readonly read: () => Iterable<Reading> | Promise<Iterable<Reading>>;
};

/**
 * Creates a registry that already holds the process's own metrics: memory, handles, event-loop lag, garbage
 * collection.
 */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * Adds gauges to a registry. Each is read anew whenever the registry is; one that cannot be read is reported.
 */
export function registerGauges(
  registry: Registry,
  sources: readonly GaugeSource[],
  report: (gauge: string, error: unknown) => void,
): void {
  for (const { name, help, labels = [], read } of sources) {
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        this.reset();
        // A gauge with labels and no readings is absent, one without labels would say 0.
        if (labels.length === 0) this.remove();
        let readings: Iterable<Reading>;
        try {
          readings = await read();
        } catch (error) {
          report(name, error);
          return;
        }
        for (const reading of readings) this.set({ ...reading.labels }, reading.value);
      },
    });
  }
}
