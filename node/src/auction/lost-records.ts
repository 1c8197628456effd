import { type Intent, toMs } from '@gavel/protocol';
import type { Terms } from './rules.ts';

/** The windows of a market: `quoteWindow` in milliseconds, `landingWindow` in seconds. */
type Windows = Pick<Terms, 'quoteWindow' | 'landingWindow'>;

/**
 * Tells whether something that was signed before records were lost, at `lostAt`, may still land at `now`;
 * both Unix milliseconds, `now` unknown counting as too early. A quote or a vote is for an intent that was
 * open for quotes by then, so that the latest it can bind is one quote window and one landing window later.
 */
export function mayStillBind(lostAt: bigint | undefined, windows: Windows, now: bigint | undefined): boolean {
  if (lostAt === undefined) return false;
  return now === undefined || now <= lastQuoteBy(lostAt, windows) + toMs(BigInt(windows.landingWindow + 1));
}

/** Tells whether a quote or a vote for this intent may have been signed before records were lost. */
export function mayBeLost(
  lostAt: bigint | undefined,
  windows: Windows,
  { quoteBy }: Pick<Intent, 'quoteBy'>,
): boolean {
  return lostAt !== undefined && quoteBy <= lastQuoteBy(lostAt, windows);
}

function lastQuoteBy(lostAt: bigint, { quoteWindow }: Windows): bigint {
  return lostAt + BigInt(quoteWindow);
}

/** Returns the later of two times, either of which may be absent. */
export function laterOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
