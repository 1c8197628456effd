import { BaseError, HttpRequestError, ResponseBodyTooLargeError, RpcRequestError, TimeoutError } from 'viem';
import { rateLimitOf } from './answers.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';

/** Blocks of one question about logs: at first, and at most. */
const FIRST = 2_000n;
const MOST = 100_000n;

/** Questions in a row that were answered, after which a refused range is tried again. */
const PATIENCE = 64;

/**
 * Providers that cut a list short without a word cut it at a round number of logs. A list of such a length is
 * read again in smaller ranges.
 */
const ROUND = 1_000;

/**
 * The blocks that one question about logs covers. What the endpoints of a chain take changes with the logs.
 */
export type LogRanges = {
  /** Blocks to ask for next. */
  size(): bigint;
  /** Tells that `blocks` were answered. */
  took(blocks: bigint): void;
  /** Tells that `blocks` were refused. */
  refused(blocks: bigint): void;
};

const learnt = new WeakMap<Chain, LogRanges>();

/** Returns what is known of the ranges that a chain's endpoints take, shared by all readers of its logs. */
export function rangesOf(chain: Chain): LogRanges {
  const known = learnt.get(chain) ?? createRanges();
  learnt.set(chain, known);
  return known;
}

function createRanges(): LogRanges {
  let size = FIRST;
  let refuses = MOST + 1n;
  let answered = 0;
  return {
    size: () => size,
    took(blocks) {
      answered += 1;
      if (answered >= PATIENCE) {
        answered = 0;
        refuses = refuses * 2n > MOST ? MOST + 1n : refuses * 2n;
      }
      if (blocks < size) return;
      const doubled = size * 2n;
      size = doubled < refuses ? doubled : least(refuses - 1n, size + (refuses - size) / 2n);
    },
    refused(blocks) {
      answered = 0;
      refuses = least(refuses, blocks > 1n ? blocks : 2n);
      size = blocks / 2n > 1n ? blocks / 2n : 1n;
    },
  };
}

/** Tells whether a list of logs may have been cut short without a word. */
export function mayBeCut(logs: readonly unknown[], blocks: bigint): boolean {
  return blocks > 1n && logs.length > 0 && logs.length % ROUND === 0;
}

/**
 * Tells what a failed question about logs means: `narrower` if the endpoint answered, and a smaller range may
 * be taken; `silent` if the range may have been too much, or the endpoint may be away; `other` if its size
 * has nothing to do with it.
 */
export function meaningOf(error: unknown): 'narrower' | 'silent' | 'other' {
  if (error instanceof ChainError && error.code === 'NO_QUORUM' && error.cause !== undefined)
    return meaningOf(error.cause);
  if (!(error instanceof BaseError) || rateLimitOf(error) !== undefined) return 'other';
  const cause = error.walk(
    (one) =>
      one instanceof RpcRequestError ||
      one instanceof ResponseBodyTooLargeError ||
      one instanceof TimeoutError ||
      one instanceof HttpRequestError,
  );
  if (cause instanceof RpcRequestError || cause instanceof ResponseBodyTooLargeError) return 'narrower';
  if (cause instanceof TimeoutError) return 'silent';
  if (cause instanceof HttpRequestError) return cause.status === undefined ? 'silent' : 'narrower';
  return 'other';
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
