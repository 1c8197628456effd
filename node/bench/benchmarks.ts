import type { Benchmark } from './measure.ts';
import { validate } from './validate.ts';

/** Every benchmark, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [validate];
