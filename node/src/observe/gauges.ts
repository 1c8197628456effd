import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { GAUGES, type GaugeName, type LabelsOf, labelNames } from './metrics.ts';

/** One number of a gauge with its labels. */
export type Reading<N extends GaugeName = GaugeName> = {
  readonly labels?: LabelsOf<(typeof GAUGES)[N]>;
  readonly value: number;
};

/** A gauge of the catalogue with the function that reads its numbers. */
export type GaugeSource = {
  readonly [N in GaugeName]: {
    readonly name: N;
    /** A failure leaves this gauge without numbers; the other gauges are not affected. */
    readonly read: () => Iterable<Reading<N>> | Promise<Iterable<Reading<N>>>;
  };
}[GaugeName];

/**
 * Creates a registry that already holds the process's own metrics: memory, handles, event-loop lag, garbage
 * collection.
 */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Adds gauges to a registry. Each read of the registry reads them; a failure to read is reported. */
export function registerGauges(
  registry: Registry,
  sources: readonly GaugeSource[],
  report: (gauge: string, error: unknown) => void,
): void {
  for (const { name, read } of sources) {
    const labels = labelNames(GAUGES[name]);
    new Gauge({
      name,
      help: GAUGES[name].help,
      labelNames: labels,
      registers: [registry],
      async collect() {
        this.reset();
        // A gauge with labels and no readings is absent; a gauge without labels would show 0.
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
