import {
  type CheckedDecision,
  checkDecision,
  type PostponeDecision,
  type QuoteDecision,
} from './decision.ts';
import { SdkError } from './errors.ts';
import { assertCoherent, freezeOpportunity, type Opportunity, type PayOption } from './opportunity.ts';
import { costInDebt, profitOf } from './pricing.ts';
import type { Strategy } from './strategy.ts';

/** A quote to be sent, with what it pays and earns by the oracle's price, in debt units. */
export type QuoteOutcome = QuoteDecision & {
  readonly option: PayOption;
  readonly cost: bigint;
  readonly profit: bigint;
};

/**
 * No quote. `by` tells a strategy's own answer from the runner's refusal of what it did; a refusal has its
 * `error`, and what the strategy threw is that error's `cause`.
 */
export type RejectOutcome =
  | { readonly kind: 'reject'; readonly by: 'strategy'; readonly reason: string }
  | { readonly kind: 'reject'; readonly by: 'runner'; readonly reason: string; readonly error: SdkError };

/** What comes of asking a strategy. */
export type Outcome = QuoteOutcome | RejectOutcome | PostponeDecision;

/**
 * Asks a strategy about an opportunity, safely: on a frozen copy, and with the answer checked before a node
 * signs it. Never throws: a strategy that throws, answers with a promise or breaks a rule has rejected.
 *
 * The strategy is not asked at all about an opportunity that contradicts itself or whose `quoteBy` has come.
 * Whether a quote earns anything is the strategy's affair and not checked.
 */
export function decide(strategy: Strategy, opportunity: Opportunity): Outcome {
  let frozen: Opportunity;
  let decision: CheckedDecision;
  try {
    frozen = freezeOpportunity(opportunity);
    assertCoherent(frozen);
    assertOpen(frozen);
    decision = checkDecision(ask(strategy, frozen), frozen);
  } catch (error) {
    return refuse(error);
  }
  if (decision.kind === 'postpone') return decision;
  if (decision.kind === 'reject') return { kind: 'reject', by: 'strategy', reason: decision.reason };
  const { option } = decision;
  return { ...decision, cost: costInDebt(option), profit: profitOf(frozen, option, decision.ask) };
}

/**
 * Collateral on offer found worth its price now, or not yet: the strategy waits for more than the lot there
 * is.
 */
export type LotOutcome =
  | (Omit<QuoteOutcome, 'kind'> & { readonly kind: 'accept' })
  | { readonly kind: 'wait'; readonly ask: bigint }
  | RejectOutcome;

/**
 * Asks a strategy about collateral on offer: the same question as in an auction, and the same answer. The lot
 * on offer, in collateral units, is accepted if the strategy asks for no more than it; `profit` is then what
 * the whole lot earns. Never throws, as {@link decide}. A postponement counts as waiting: it is asked again
 * anyway.
 */
export function decideLot(strategy: Strategy, opportunity: Opportunity, lot: bigint): LotOutcome {
  const outcome = decide(strategy, opportunity);
  if (outcome.kind === 'reject') return outcome;
  if (outcome.kind === 'postpone') return { kind: 'wait', ask: opportunity.seizable };
  if (outcome.ask > lot) return { kind: 'wait', ask: outcome.ask };
  return { ...outcome, kind: 'accept', profit: profitOf(opportunity, outcome.option, lot) };
}

function assertOpen({ intent, now, quoteBy }: Opportunity): void {
  if (now < quoteBy) return;
  throw new SdkError('TOO_LATE', 'Quotes have closed for this intent', { meta: { intent, now, quoteBy } });
}

function ask(strategy: Strategy, opportunity: Opportunity): unknown {
  try {
    const answer: unknown = strategy.quote(opportunity);
    // checkDecision refuses a promise in words. Its rejection, which no code awaits, must not end the
    // process.
    if (answer instanceof Promise) answer.catch(() => undefined);
    return answer;
  } catch (cause) {
    throw new SdkError('STRATEGY_THREW', 'The strategy threw instead of deciding', {
      meta: { strategy: strategy.name, intent: opportunity.intent, thrown: thrownText(cause) },
      cause,
    });
  }
}

function refuse(error: unknown): RejectOutcome {
  const known =
    error instanceof SdkError
      ? error
      : new SdkError('BAD_OPPORTUNITY', 'The opportunity or the answer cannot be read', { cause: error });
  return { kind: 'reject', by: 'runner', reason: known.message, error: known };
}

function thrownText(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : typeof cause;
  return text.slice(0, 200);
}
