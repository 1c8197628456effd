import { cpus } from 'node:os';

/**
 * One line of a benchmark's result: something measured, and what the same run compares it with, in one unit.
 */
export type Row = {
  readonly name: string;
  readonly unit: '/s' | 'ms';
  /** What the baseline does. */
  readonly baseline: string;
  /**
   * What is aimed at: at least so much of what comes by the second, at most so much of what takes
   * milliseconds.
   */
  readonly aim?: { readonly figure?: number; readonly ratio?: number };
};

/** What one repetition measured of a row. */
export type Reading = { readonly row: string; readonly measured: number; readonly baseline: number };

/** A benchmark that is ready to run. */
export type Prepared = {
  /**
   * Measures once. `turn` counts from 0: what comes first, the measured or the baseline, alternates with it.
   */
  repeat(turn: number): Promise<readonly Reading[]>;
  close(): Promise<void>;
};

/** How much to do: `full` to measure, `tiny` to see that it runs. */
export type Size = 'full' | 'tiny';

/** A benchmark. */
export type Benchmark = {
  readonly name: string;
  /** One sentence. */
  readonly what: string;
  readonly rows: readonly Row[];
  /** How often to measure unless told otherwise. */
  readonly repetitions: number;
  prepare(size: Size): Promise<Prepared>;
};

/** The middle of all repetitions, and their least and most. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number };

/** What a row came to. `ratio` is measured ÷ baseline, taken within each repetition. */
export type RowResult = Row & {
  readonly measured: Spread;
  readonly compared: Spread;
  readonly ratio: Spread;
  /** Whether the medians reach the aim; absent without one. */
  readonly reached?: boolean;
};

/** What a benchmark came to. */
export type Result = {
  readonly name: string;
  readonly what: string;
  readonly size: Size;
  readonly repetitions: number;
  readonly seconds: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly rows: readonly RowResult[];
};

/** Runs a benchmark: once to warm up, then `repetitions` times. */
export async function run(
  benchmark: Benchmark,
  { size, repetitions = benchmark.repetitions }: { size: Size; repetitions?: number },
): Promise<Result> {
  const { name, what, rows } = benchmark;
  const began = performance.now();
  const readings: Reading[] = [];
  const prepared = await benchmark.prepare(size);
  try {
    if (size === 'full') await prepared.repeat(0);
    for (let turn = 1; turn <= repetitions; turn++) readings.push(...(await prepared.repeat(turn)));
  } finally {
    await prepared.close();
  }
  const [cpu] = cpus();
  return {
    name,
    what,
    size,
    repetitions,
    seconds: Math.round((performance.now() - began) / 1_000),
    machine: { cpu: cpu?.model ?? 'unknown', cores: cpus().length, node: process.version },
    rows: rows.map((row) =>
      summarize(
        row,
        readings.filter((reading) => reading.row === row.name),
      ),
    ),
  };
}

function summarize(row: Row, readings: readonly Reading[]): RowResult {
  const measured = spreadOf(readings.map((reading) => reading.measured));
  const compared = spreadOf(readings.map((reading) => reading.baseline));
  const ratio = spreadOf(readings.map((reading) => reading.measured / reading.baseline));
  const { aim } = row;
  if (aim === undefined) return { ...row, measured, compared, ratio };
  const reaches = (got: number, wanted: number | undefined) =>
    wanted === undefined || (row.unit === '/s' ? got >= wanted : got <= wanted);
  const reached = reaches(measured.median, aim.figure) && reaches(ratio.median, aim.ratio);
  return { ...row, measured, compared, ratio, reached };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 50), least: percentile(sorted, 0), most: percentile(sorted, 100) };
}

/**
 * Returns the value below which `part` percent of ascending values lie; the middle of two where it falls
 * between them.
 */
export function percentile(sorted: readonly number[], part: number): number {
  const place = ((sorted.length - 1) * part) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place % 1);
}

/** Measures two things one after the other, in an order that alternates with `turn`. */
export async function alternately(
  turn: number,
  measured: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<{ measured: number; baseline: number }> {
  if (turn % 2 === 0) {
    const first = await measured();
    return { measured: first, baseline: await baseline() };
  }
  const first = await baseline();
  return { measured: await measured(), baseline: first };
}

/** Returns how many items `work` goes through in a second of this process's time on a processor. */
export async function rateOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  for (const item of items) await work(item);
  const { user, system } = process.cpuUsage(began);
  return items.length / ((user + system) / 1e6);
}
