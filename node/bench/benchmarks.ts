import { append } from './append.ts';
import { auctions } from './auctions.ts';
import { certificate } from './certificate.ts';
import { certificateSockets } from './certificate-sockets.ts';
import type { Benchmark } from './measure.ts';
import { recover } from './recover.ts';
import { validate } from './validate.ts';

/** Every benchmark, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  validate,
  auctions,
  certificate,
  certificateSockets,
  append,
  recover,
];
