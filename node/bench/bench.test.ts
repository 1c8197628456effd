import { expect, test } from 'vitest';
import { BENCHMARKS } from './benchmarks.ts';
import { percentile, run, type Spread } from './measure.ts';
import { present } from './present.ts';

/*
 * The benchmarks run, and say what they found in a form that can be read. How fast anything is, nothing here
 * says.
 */

test.each(BENCHMARKS.map((benchmark) => ({ name: benchmark.name, benchmark })))(
  '$name measures every row at the least size',
  async ({ benchmark }) => {
    const result = await run(benchmark, { size: 'tiny', repetitions: 2 });
    expect(result).toMatchObject({ name: benchmark.name, size: 'tiny', repetitions: 2 });
    expect(result.rows.map(({ name }) => name)).toEqual(benchmark.rows.map(({ name }) => name));
    for (const { measured, compared, ratio } of result.rows)
      for (const spread of [measured, compared, ratio]) expectSpread(spread);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    for (const { name } of result.rows) expect(present(result)).toContain(name);
  },
);

test('benchmarks and their rows have names of their own', () => {
  expect(new Set(BENCHMARKS.map(({ name }) => name)).size).toBe(BENCHMARKS.length);
  for (const { rows } of BENCHMARKS) expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

test('a result holds medians and the least and most of its repetitions, and judges by the medians', async () => {
  const figures = [
    [10, 5],
    [30, 10],
    [20, 5],
  ] as const;
  let closed = false;
  const result = await run(
    {
      name: 'made up',
      what: 'three repetitions',
      repetitions: 3,
      rows: [
        { name: 'rate', unit: '/s', baseline: 'slower', aim: { figure: 20, ratio: 3 } },
        { name: 'time', unit: 'ms', baseline: 'shorter', aim: { figure: 20, ratio: 3 } },
      ],
      prepare: async () => ({
        async repeat(turn) {
          const [measured, baseline] = figures[turn - 1] ?? [0, 0];
          return ['rate', 'time'].map((row) => ({ row, measured, baseline }));
        },
        close: async () => {
          closed = true;
        },
      }),
    },
    { size: 'tiny' },
  );
  const spreads = {
    measured: { median: 20, least: 10, most: 30 },
    compared: { median: 5, least: 5, most: 10 },
    ratio: { median: 3, least: 2, most: 4 },
  };
  expect(result.rows).toMatchObject([
    { name: 'rate', ...spreads, reached: true },
    { name: 'time', ...spreads, reached: true },
  ]);
  expect(closed).toBe(true);
  expect(present(result)).toContain('≥ 20/s, ≥ 3 ×: reached');
});

test('a percentile lies between the values around it', () => {
  expect(percentile([1, 2, 3, 4], 50)).toBe(2.5);
  expect(percentile([1, 2, 3], 99)).toBeCloseTo(2.98);
  expect(percentile([7], 99)).toBe(7);
});

function expectSpread({ median, least, most }: Spread): void {
  expect(least).toBeGreaterThan(0);
  expect(median).toBeGreaterThanOrEqual(least);
  expect(most).toBeGreaterThanOrEqual(median);
}
