import { backoffMs } from '../runtime/backoff.ts';

/** Why an endpoint is quarantined. */
export const QUARANTINE = [
  /** It said so: too many requests. */
  'rate limited',
  /** Several requests in a row got no usable answer. */
  'failing',
  /** Its head is behind what enough others show. */
  'lagging',
  /** Its head is ahead of what the other endpoints show. */
  'ahead',
  /** It contradicted what enough others say. */
  'dissenting',
  /** It serves another chain than configured. */
  'wrong chain',
] as const;
export type QuarantineReason = (typeof QUARANTINE)[number];

/**
 * Failures in a row before an endpoint counts as failing, and the waits in milliseconds after each kind of
 * trouble.
 */
const FAILURES = 3;
const FAILING_MS = { leastMs: 500, mostMs: 5_000 };
const LIMITED_MS = { leastMs: 500, mostMs: 60_000 };
const DISSENT_MS = { leastMs: 5_000, mostMs: 300_000 };

/** Milliseconds without a contradiction after which earlier ones are forgotten. */
const GOOD_CONDUCT_MS = 600_000;

/** What is known of one endpoint. Times are milliseconds of one monotonic clock; `chance` is in [0, 1). */
export type EndpointHealth = {
  /** Reasons why the endpoint is quarantined at `now`, the reason that lasts longest first. */
  quarantined(now: number): readonly QuarantineReason[];
  /** When the reason `why` ends; `now` if it does not hold. */
  until(why: QuarantineReason, now: number): number;
  /** It answered, with a result or an error. */
  answered(): void;
  /** It did not answer, or its answer was unusable. */
  failed(now: number, chance: number): void;
  /** It refused because of the rate of requests; `retryAfterMs` if it named a time. */
  limited(now: number, chance: number, retryAfterMs?: number): void;
  /** It said something else than enough others: true if that is news, not the same trouble going on. */
  dissented(now: number, chance: number): boolean;
  /**
   * It said what enough others say. An endpoint that lies now and then is not cleared by every truth in
   * between.
   */
  agreed(now: number): void;
  /** Its head is out of step, or in step again. */
  inStep(step: 'lagging' | 'ahead' | undefined): void;
  /** It serves another chain: for good. */
  otherChain(): void;
};

/** Starts with a clean record. */
export function createHealth(): EndpointHealth {
  const reasons = new Map<QuarantineReason, number>();
  let failures = 0;
  let limits = 0;
  let strikes = 0;
  const ends = (why: QuarantineReason, now: number) => Math.max(reasons.get(why) ?? now, now);
  return {
    until: ends,
    quarantined(now) {
      return QUARANTINE.filter((why) => ends(why, now) > now).sort((a, b) => ends(b, now) - ends(a, now));
    },
    answered() {
      failures = 0;
      limits = 0;
      reasons.delete('failing');
    },
    failed(now, chance) {
      failures += 1;
      if (failures >= FAILURES) reasons.set('failing', now + grown(FAILING_MS, failures - FAILURES, chance));
    },
    limited(now, chance, retryAfterMs = 0) {
      // Requests that were under way together are refused together: that is one refusal.
      if (ends('rate limited', now) > now) return;
      const wait = Math.max(grown(LIMITED_MS, limits, chance), Math.min(retryAfterMs, LIMITED_MS.mostMs));
      limits += 1;
      reasons.set('rate limited', now + wait);
    },
    dissented(now, chance) {
      if (ends('dissenting', now) > now) return false;
      reasons.set('dissenting', now + grown(DISSENT_MS, strikes, chance));
      strikes += 1;
      return true;
    },
    agreed(now) {
      if ((reasons.get('dissenting') ?? now) + GOOD_CONDUCT_MS <= now) strikes = 0;
    },
    inStep(step) {
      for (const why of ['lagging', 'ahead'] as const) {
        if (why === step) reasons.set(why, Number.POSITIVE_INFINITY);
        else reasons.delete(why);
      }
    },
    otherChain() {
      reasons.set('wrong chain', Number.POSITIVE_INFINITY);
    },
  };
}

/** Returns the wait after repetitions, spread over half of itself. */
function grown(
  bounds: { readonly leastMs: number; readonly mostMs: number },
  repetitions: number,
  chance: number,
): number {
  return backoffMs(repetitions, bounds) * (0.75 + chance / 2);
}
