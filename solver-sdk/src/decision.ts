import { SdkError } from './errors.ts';
import { isPayable } from './inventory.ts';
import type { Opportunity, PayOption } from './opportunity.ts';
import { isOnTick } from './pricing.ts';

/** A price: pay on `payDomain`, and ask for `ask` collateral units. */
export type QuoteDecision = { readonly kind: 'quote'; readonly ask: bigint; readonly payDomain: number };

/** No quote for this intent, and why: the operator reads the reason in the log. */
export type RejectDecision = { readonly kind: 'reject'; readonly reason: string };

/** Not yet: ask again at `until` (milliseconds since 1970), which lies after `now` and before `quoteBy`. */
export type PostponeDecision = { readonly kind: 'postpone'; readonly until: bigint };

/** What a strategy answers. */
export type Decision = QuoteDecision | RejectDecision | PostponeDecision;

/** Decides to quote `ask` collateral units, paid on `payDomain`. */
export function quote(ask: bigint, payDomain: number): QuoteDecision {
  return { kind: 'quote', ask, payDomain };
}

/** Decides not to quote, for `reason`. */
export function reject(reason: string): RejectDecision {
  return { kind: 'reject', reason };
}

/** Decides to be asked again at `until`, in milliseconds since 1970. */
export function postpone(until: bigint): PostponeDecision {
  return { kind: 'postpone', until };
}

/** A decision found right, and for a quote the option it pays with. */
export type CheckedDecision =
  | (QuoteDecision & { readonly option: PayOption })
  | RejectDecision
  | PostponeDecision;

/**
 * Checks what a strategy answered, of any type, against the opportunity it was asked about.
 *
 * A quote must lie on the tick, above zero and within `seizable`, and name a payable option; a postponement
 * must lie after `now` and before `quoteBy`; a rejection must give a reason.
 *
 * @throws SdkError BAD_DECISION with `meta.got` and `meta.expected`, in words.
 */
export function checkDecision(answer: unknown, opportunity: Opportunity): CheckedDecision {
  if (typeof answer !== 'object' || answer === null) throw bad(`a ${typeof answer}`, 'a decision object');
  const { kind, ask, payDomain, reason, until } = answer as Record<string, unknown>;
  if (kind === 'quote') return checkQuote(ask, payDomain, opportunity);
  if (kind === 'reject') {
    if (typeof reason !== 'string' || reason === '')
      throw bad('a rejection without reason', 'reject(reason)');
    return { kind, reason: reason.slice(0, REASON_LIMIT) };
  }
  if (kind === 'postpone') {
    const { now, quoteBy } = opportunity;
    if (typeof until !== 'bigint')
      throw bad(`a postponement to a ${typeof until}`, 'milliseconds as a bigint');
    if (until <= now || until >= quoteBy) {
      throw bad(`a postponement to ${until}`, `a time after now (${now}) and before quoteBy (${quoteBy})`);
    }
    return { kind, until };
  }
  if ('then' in answer) throw bad('a promise', 'the decision itself: quote() must not be async');
  throw bad(`the kind ${describe(kind)}`, 'quote, reject or postpone');
}

/** Reasons are cut to this many characters, so that no strategy floods a log. */
const REASON_LIMIT = 500;

function checkQuote(ask: unknown, payDomain: unknown, opportunity: Opportunity): CheckedDecision {
  const { seizable, tick, payOptions } = opportunity;
  if (typeof ask !== 'bigint') throw bad(`an ask that is a ${typeof ask}`, 'collateral units as a bigint');
  if (ask <= 0n || ask > seizable)
    throw bad(`the ask ${ask}`, `more than 0 and at most seizable (${seizable})`);
  if (!isOnTick(opportunity, ask)) {
    throw bad(`the ask ${ask}`, `a multiple of the tick (${tick}), or seizable; use snapToTick`);
  }
  const option = payOptions.find(({ domain }) => domain === payDomain);
  if (option === undefined) {
    const domains = payOptions.map(({ domain }) => domain).join(', ') || 'none';
    throw bad(`the pay domain ${describe(payDomain)}`, `one of the pay options (${domains})`);
  }
  if (!isPayable(option)) {
    const { payAmount, available, bond } = option;
    throw bad(
      `the pay domain ${option.domain}, which takes ${payAmount} and a bond of ${bond.required}`,
      `one that ${available} available and ${bond.free} of free bond cover; use payableOptions`,
    );
  }
  return { kind: 'quote', ask, payDomain: option.domain, option };
}

function describe(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : `${typeof value} ${printable(value)}`;
}

function printable(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function bad(got: string, expected: string): SdkError {
  return new SdkError('BAD_DECISION', 'The strategy gave no decision that can be followed', {
    meta: { got, expected },
  });
}
