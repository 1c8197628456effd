import { isDeepStrictEqual } from 'node:util';
import { checkDecision, type Decision, type QuoteDecision } from '../decision.ts';
import { SdkError } from '../errors.ts';
import { isPayable } from '../inventory.ts';
import { deepFreeze, freezeOpportunity, type Opportunity, type PayOption } from '../opportunity.ts';
import { isOnTick, profitOf } from '../pricing.ts';
import type { Strategy, StrategyFactory } from '../strategy.ts';
import {
  anOpportunity,
  aPayOption,
  aRemotePayOption,
  hostileOpportunities,
  randomOpportunities,
} from './fixtures.ts';
import { withinTime, withoutOutsideWorld } from './sandbox.ts';

/** One rule to hold a strategy to. `run` throws SdkError NOT_COMPLIANT, with the evidence in `meta`. */
export type ComplianceCase = {
  readonly name: string;
  /** Runs the rule. Throws SdkError NOT_COMPLIANT. */
  run(): void;
};

/** How to run a compliance suite. */
export type ComplianceSettings = {
  /** Raw options for the factory. */
  readonly options?: unknown;
  /** Seed of the random opportunities; a failure names it. Default 1. */
  readonly seed?: number;
  /** How many random opportunities each rule is tried on. Default 200. */
  readonly runs?: number;
  /**
   * The longest one decision may take, in milliseconds of processor time; it has three tries, since the first
   * call of a function is the slowest. Default 250.
   */
  readonly timeLimitMs?: number;
  /**
   * Turns an opportunity of the suite into one that the strategy is meant for, where it rejects or postpones
   * others before it comes to a price: say, `(o) => ({ ...o, market })`. A rule that no quote has met proves
   * nothing. Default: every opportunity as it is.
   */
  readonly meantFor?: (opportunity: Opportunity) => Opportunity;
};

/**
 * Lists the rules every strategy must keep, as named cases for any test framework:
 *
 * ```ts
 * for (const { name, run } of strategyCompliance(factory, { options })) test(name, run);
 * ```
 *
 * Each case makes its own strategy and tries it on random opportunities, reproducible by `seed`. A strategy
 * that never returns is interrupted. Node only.
 */
export function strategyCompliance(
  factory: StrategyFactory,
  settings: ComplianceSettings = {},
): ComplianceCase[] {
  const {
    options,
    seed = 1,
    runs = 200,
    timeLimitMs = 250,
    meantFor = (opportunity) => opportunity,
  } = settings;
  const subject: Subject = {
    make: () => factory(options),
    ask: (strategy, opportunity) =>
      attempt(opportunity, seed, () => withinTime(timeLimitMs, () => strategy.quote(opportunity))),
    seed,
    opportunities: () => [
      ...plainlyProfitable().map(meantFor).map(freezeOpportunity),
      ...randomOpportunities({ seed, count: runs }).map((opportunity, index) =>
        // As chance has it, most are not worth a quote: rules on prices and purity would see few.
        freezeOpportunity(meantFor(index % 2 === 0 ? opportunity : worthwhile(opportunity))),
      ),
    ],
    profitable: () => plainlyProfitable().map(meantFor).map(freezeOpportunity),
  };
  return [
    { name: 'gives the same decision for the same opportunity', run: () => isPure(subject) },
    { name: 'uses no clock, chance, timer or network', run: () => isClosed(subject) },
    { name: 'changes neither the opportunity nor its options', run: () => mutatesNothing(subject) },
    { name: 'never asks for more than can be seized', run: () => staysWithinSeizable(subject) },
    { name: 'asks on the tick', run: () => keepsToTick(subject) },
    { name: 'never asks for less than pays its costs', run: () => coversCosts(subject) },
    { name: 'pays only with an option it can afford', run: () => paysWithPayable(subject) },
    { name: 'quotes nothing without pay options', run: () => needsPayOptions(subject) },
    { name: 'postpones only to a time before quotes close', run: () => postponesInTime(subject) },
    { name: 'answers with a well-formed decision at any scale', run: () => answersWell(subject) },
    { name: 'answers hostile opportunities without throwing', run: () => survivesHostility(subject) },
    { name: `decides within ${timeLimitMs} ms`, run: () => decidesInTime(subject) },
    { name: 'quotes what is plainly profitable', run: () => quotesProfit(subject) },
  ];
}

type Subject = {
  readonly seed: number;
  make(): Strategy;
  ask(strategy: Strategy, opportunity: Opportunity): Decision;
  /** Random ones, and those of `profitable`; what the strategy is meant for. */
  opportunities(): Opportunity[];
  profitable(): Opportunity[];
};

function isPure({ make, ask, opportunities, seed }: Subject): void {
  const once = make();
  const again = make();
  const offered = opportunities();
  const decisions = offered.map((opportunity) => ask(once, opportunity));
  // Backwards, by another instance: a memory of what came before would show.
  for (const [index, opportunity] of [...offered.entries()].reverse()) {
    const [first, second, third] = [decisions[index], ask(again, opportunity), ask(once, opportunity)];
    if (!isDeepStrictEqual(first, second) || !isDeepStrictEqual(first, third)) {
      fail('decided differently on the same opportunity', opportunity, seed, { first, second, third });
    }
  }
}

function isClosed({ make, ask, opportunities, seed }: Subject): void {
  const strategy = make();
  for (const opportunity of opportunities()) {
    const used = withoutOutsideWorld(() => ask(strategy, opportunity));
    if (used.length > 0) fail('reached outside its opportunity', opportunity, seed, { used });
  }
}

function mutatesNothing({ make, ask, opportunities, seed }: Subject): void {
  const strategy = make();
  const optionsBefore = structuredClone(strategy.options);
  for (const opportunity of opportunities()) {
    const open = structuredClone(opportunity);
    ask(strategy, open);
    if (!isDeepStrictEqual(open, opportunity)) fail('changed the opportunity', opportunity, seed);
    if (!isDeepStrictEqual(strategy.options, optionsBefore)) fail('changed its options', opportunity, seed);
  }
}

function staysWithinSeizable(subject: Subject): void {
  eachQuote(subject, ({ ask }, opportunity) => {
    if (ask <= 0n) return 'asked for nothing';
    return ask > opportunity.seizable ? 'asked for more than can be seized' : undefined;
  });
}

function keepsToTick(subject: Subject): void {
  eachQuote(subject, ({ ask }, opportunity) =>
    isOnTick(opportunity, ask) ? undefined : 'asked for something off the tick',
  );
}

function coversCosts(subject: Subject): void {
  eachQuote(subject, ({ ask }, opportunity, option) =>
    option !== undefined && profitOf(opportunity, option, ask) < 0n ? 'quoted at a loss' : undefined,
  );
}

function paysWithPayable(subject: Subject): void {
  eachQuote(subject, (_, __, option) => {
    if (option === undefined) return 'named a pay domain that is no option';
    return isPayable(option) ? undefined : 'named an option that inventory or bond do not cover';
  });
}

function needsPayOptions({ make, ask, opportunities, seed }: Subject): void {
  const strategy = make();
  for (const opportunity of opportunities()) {
    const without = deepFreeze({ ...opportunity, payOptions: [] });
    if (ask(strategy, without).kind === 'quote') fail('quoted without any pay option', without, seed);
  }
}

function postponesInTime({ make, ask, opportunities, seed }: Subject): void {
  const strategy = make();
  for (const opportunity of opportunities()) {
    const decision = ask(strategy, opportunity);
    if (decision.kind !== 'postpone') continue;
    const { now, quoteBy } = opportunity;
    if (decision.until <= now || decision.until >= quoteBy) {
      fail('postponed to a time that has passed or is too late', opportunity, seed, { decision });
    }
  }
}

function answersWell({ make, ask, opportunities, seed }: Subject): void {
  const strategy = make();
  for (const opportunity of [...opportunities(), ...scales()]) {
    const decision = ask(strategy, opportunity);
    attempt(opportunity, seed, () => checkDecision(decision, opportunity));
  }
}

function survivesHostility({ make, ask, seed }: Subject): void {
  const strategy = make();
  for (const { name, opportunity } of hostileOpportunities()) {
    const decision: unknown = ask(strategy, freezeOpportunity(opportunity));
    const kind = typeof decision === 'object' && decision !== null && Reflect.get(decision, 'kind');
    if (kind !== 'quote' && kind !== 'reject' && kind !== 'postpone') {
      fail('gave no decision', opportunity, seed, { case: name, decision });
    }
  }
}

function decidesInTime({ make, ask, opportunities }: Subject): void {
  const strategy = make();
  for (const opportunity of opportunities()) ask(strategy, opportunity);
  for (const { opportunity } of hostileOpportunities()) ask(strategy, freezeOpportunity(opportunity));
}

function quotesProfit({ make, ask, profitable, seed }: Subject): void {
  const strategy = make();
  const offered = profitable();
  if (offered.some((opportunity) => ask(strategy, opportunity).kind === 'quote')) return;
  const [opportunity = anOpportunity()] = offered;
  fail('quoted nothing, although worth twice its cost: the other rules prove nothing', opportunity, seed, {
    decision: ask(strategy, opportunity),
    hint: 'meantFor turns opportunities into ones that the strategy is meant for',
  });
}

/** Collateral worth twice the debt, paid locally or from elsewhere, out of a deep inventory. */
function plainlyProfitable(): Opportunity[] {
  const overrides = { seizableInDebt: 20_000_000_000n };
  const payments = [
    aPayOption({ available: 10n ** 15n }),
    aRemotePayOption({ available: 10n ** 27n, bond: { required: 10n ** 9n, free: 10n ** 15n } }),
  ];
  return payments.map((option) => anOpportunity({ ...overrides, payOptions: [option] }));
}

/** The same opportunity with collateral worth twice the debt, and every option affordable. */
function worthwhile(opportunity: Opportunity): Opportunity {
  return {
    ...opportunity,
    seizableInDebt: opportunity.repay * 2n,
    payOptions: opportunity.payOptions.map((option) => ({
      ...option,
      available: option.payAmount * 2n,
      bond: { ...option.bond, free: option.bond.required * 2n },
    })),
  };
}

/** One liquidation in every mix of 6, 8 and 18 decimals, at a single token and at billions. */
function scales(): Opportunity[] {
  const decimals = [6, 8, 18];
  return decimals.flatMap((debtDecimals) =>
    decimals.flatMap((collateralDecimals) =>
      [1n, 5_000_000_000n].map((whole) => {
        const repay = whole * 10n ** BigInt(debtDecimals);
        const seizable = (whole * 10n ** BigInt(collateralDecimals)) / 2_000n + 1n;
        const { debt, collateral } = anOpportunity();
        const option = { payAmount: repay + 1n, payInDebt: repay + 1n, gasInDebt: 0n, available: repay * 2n };
        return freezeOpportunity(
          anOpportunity({
            debt: { ...debt, decimals: debtDecimals },
            collateral: { ...collateral, decimals: collateralDecimals },
            repay,
            seizable,
            seizableInDebt: (repay * 105n) / 100n,
            payOptions: [aPayOption(option)],
          }),
        );
      }),
    ),
  );
}

/** Asks about every random opportunity, and fails with what `fault` says of a quote. */
function eachQuote(
  { make, ask, opportunities, seed }: Subject,
  fault: (
    quote: QuoteDecision,
    opportunity: Opportunity,
    option: PayOption | undefined,
  ) => string | undefined,
): void {
  const strategy = make();
  for (const opportunity of opportunities()) {
    const decision = ask(strategy, opportunity);
    if (decision.kind !== 'quote') continue;
    const option = opportunity.payOptions.find(({ domain }) => domain === decision.payDomain);
    const found = fault(decision, opportunity, option);
    if (found !== undefined) fail(found, opportunity, seed, { decision });
  }
}

function attempt<T>(opportunity: Opportunity, seed: number, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new SdkError('NOT_COMPLIANT', 'The strategy failed to decide', {
      meta: evidence(opportunity, seed, { failure: words }),
      cause,
    });
  }
}

function fail(
  what: string,
  opportunity: Opportunity,
  seed: number,
  more: Record<string, unknown> = {},
): never {
  throw new SdkError('NOT_COMPLIANT', `The strategy ${what}`, { meta: evidence(opportunity, seed, more) });
}

function evidence(
  opportunity: Opportunity,
  seed: number,
  more: Record<string, unknown>,
): Record<string, unknown> {
  const shown = Object.fromEntries(Object.entries(more).map(([key, value]) => [key, printed(value)]));
  return { seed, ...shown, opportunity: printed(opportunity) };
}

/** Writes a value as JSON for people, bigints as digits, cut where it gets out of hand. */
function printed(value: unknown): string {
  const text = JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? String(field) : field,
  );
  return (text ?? String(value)).slice(0, 4_000);
}
