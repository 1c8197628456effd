import { BPS, tickOf } from '@gavel/protocol';
import { type Hex, KINDS, type Opportunity, type PayOption, type Token } from '../opportunity.ts';
import { mulDivDown, mulDivUp } from '../rounding.ts';
import { createRandom, type Random } from './random.ts';

/** A time for fixtures, in milliseconds since 1970. */
const NOW = 1_800_000_000_000n;

const QUOTE_WINDOW_MS = 1_500n;
const LANDING_WINDOW_S = 24n;

/**
 * Makes one readable opportunity: 10 000 USDC (6 decimals) to repay for at most 3.5 WETH (18 decimals) worth
 * 10 500 USDC, 5 % more than the debt, with one affordable local pay option. Any field can be overridden;
 * `tick` follows `seizable` unless given.
 */
export function anOpportunity(overrides: Partial<Opportunity> = {}): Opportunity {
  const seizable = overrides.seizable ?? 3_500_000_000_000_000_000n;
  return {
    kind: 'auction',
    intent: bytes(0xa1, 32),
    market: bytes(0xa2, 32),
    position: bytes(0xa3, 96),
    homeDomain: 1001,
    round: 0n,
    collateral: token('WETH', 18),
    debt: token('USDC', 6),
    repay: 10_000_000_000n,
    seizable,
    tick: tickOf(seizable),
    seizableInDebt: 10_500_000_000n,
    health: 970_000_000_000_000_000n,
    quoteBy: NOW + QUOTE_WINDOW_MS,
    openBy: (NOW + QUOTE_WINDOW_MS) / 1000n + LANDING_WINDOW_S,
    now: NOW,
    payOptions: [aPayOption()],
    ...overrides,
  };
}

/**
 * Makes one affordable pay option for {@link anOpportunity}: local, 10 005 USDC to pay with a keeper fee of
 * 5, gas worth 1 USDC, 50 000 USDC available, a bond of 50 USDC. Any field can be overridden.
 */
export function aPayOption(overrides: Partial<PayOption> = {}): PayOption {
  return {
    domain: 1001,
    mode: 'local',
    token: token('USDC', 6),
    payAmount: 10_005_000_000n,
    payInDebt: 10_005_000_000n,
    available: 50_000_000_000n,
    handicapBps: 0,
    gasInDebt: 1_000_000n,
    bond: { required: 50_000_000n, free: 5_000_000_000n },
    ...overrides,
  };
}

/**
 * Makes one affordable remote pay option for {@link anOpportunity}: domain 1002, a token of 18 decimals, a
 * bond of 1 000 USDC, a handicap of 2 bps. Any field can be overridden.
 */
export function aRemotePayOption(overrides: Partial<PayOption> = {}): PayOption {
  return aPayOption({
    domain: 1002,
    mode: 'remote',
    token: token('USDC', 18),
    payAmount: 10_006_000_000_000_000_000_000n,
    payInDebt: 10_006_000_000n,
    available: 50_000_000_000_000_000_000_000n,
    handicapBps: 2,
    bond: { required: 1_000_000_000n, free: 5_000_000_000n },
    ...overrides,
  });
}

/**
 * Makes `count` random coherent opportunities, the same for the same seed: tokens of 0 to 24 decimals (mostly
 * 6, 8, 18), amounts from a single unit to near 2^128, of every kind, profitable and not, with none to five
 * pay options, affordable and not.
 */
export function randomOpportunities({ seed, count }: { seed: number; count: number }): Opportunity[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => randomOpportunity(random));
}

/** Makes one random coherent opportunity; see {@link randomOpportunities}. */
export function randomOpportunity(random: Random): Opportunity {
  const debt = randomToken(random);
  const repay = random.logUniform(1n << BigInt(random.int(1, 120)));
  const seizable = random.logUniform(1n << BigInt(random.int(1, 127)));
  const homeDomain = random.int(1, 2 ** 32 - 1);
  const now = NOW + random.below(10_000_000_000n);
  const quoteBy = now + 1n + random.below(5_000n);
  return anOpportunity({
    kind: random.pick(KINDS),
    intent: random.bytes(32),
    market: random.bytes(32),
    position: random.bytes(random.pick([64, 96])),
    homeDomain,
    round: random.below(1_000n),
    collateral: randomToken(random),
    debt,
    repay,
    seizable,
    tick: tickOf(seizable),
    seizableInDebt: mulDivDown(repay, BigInt(random.int(8_500, 11_500)), BPS),
    health: random.below(1_100_000_000_000_000_000n),
    quoteBy,
    openBy: quoteBy / 1000n + random.below(60n),
    now,
    payOptions: randomPayOptions(random, homeDomain, repay, debt),
  });
}

function randomPayOptions(random: Random, homeDomain: number, repay: bigint, debt: Token): PayOption[] {
  const options: PayOption[] = [];
  const local = random.chance(0.6);
  const count = random.int(0, 5);
  for (let index = 0; index < count; index++) {
    const isLocal = local && index === 0;
    const domain = isLocal ? homeDomain : (homeDomain + index + 1) % 2 ** 32;
    options.push(randomPayOption(random, { domain, isLocal, repay, debt }));
  }
  return options;
}

function randomPayOption(
  random: Random,
  { domain, isLocal, repay, debt }: { domain: number; isLocal: boolean; repay: bigint; debt: Token },
): PayOption {
  const routeFee = isLocal ? 0n : mulDivUp(repay, random.below(30n), BPS);
  const payInDebt = repay + routeFee + random.below(repay / 500n + 2n);
  const token = isLocal ? debt : { ...randomToken(random), symbol: debt.symbol };
  const payAmount = mulDivUp(payInDebt, 10n ** BigInt(token.decimals), 10n ** BigInt(debt.decimals));
  const required = repay / (isLocal ? 200n : 10n);
  return {
    domain,
    mode: isLocal ? 'local' : 'remote',
    token,
    payAmount,
    payInDebt,
    available: random.chance(0.1) ? payAmount : random.below(payAmount * 4n + 1n),
    handicapBps: isLocal ? 0 : random.int(0, 100),
    gasInDebt: random.below(repay / 200n + 2n),
    bond: { required, free: random.chance(0.1) ? required : random.below(required * 4n + 1n) },
  };
}

function randomToken(random: Random): Token {
  const decimals = random.chance(0.9) ? random.pick([6, 8, 18]) : random.int(0, 24);
  return { address: random.bytes(20), symbol: random.pick(['AAA', 'BBB', 'CCC']), decimals };
}

/** An opportunity that no honest node would offer, named by what is wrong with it. */
export type HostileOpportunity = { readonly name: string; readonly opportunity: Opportunity };

/**
 * Makes opportunities of the right types that make no sense: zeros, negative amounts, numbers far beyond
 * 2^128, contradictions, thousands of options. A strategy may answer anything to them, but must answer.
 */
export function hostileOpportunities(): HostileOpportunity[] {
  const huge = 1n << 4096n;
  const option = aPayOption();
  const cases: Record<string, Partial<Opportunity>> = {
    'nothing seizable': { seizable: 0n, tick: 1n, seizableInDebt: 0n },
    'collateral worth nothing': { seizableInDebt: 0n },
    'collateral worth less than nothing': { seizableInDebt: -1n },
    'negative seizable': { seizable: -5n, tick: 1n },
    'zero tick': { tick: 0n },
    'negative tick': { tick: -7n },
    'tick above seizable': { tick: 1n << 100n },
    'nothing to repay': { repay: 0n, payOptions: [aPayOption({ payAmount: 0n, payInDebt: 0n })] },
    'negative payment': { payOptions: [aPayOption({ payAmount: -1n, payInDebt: -1n, gasInDebt: -1n })] },
    'negative inventory': { payOptions: [aPayOption({ available: -1n })] },
    'negative bond': { payOptions: [aRemotePayOption({ bond: { required: -1n, free: -2n } })] },
    'huge amounts': { repay: huge, seizable: huge, tick: tickOf(huge), seizableInDebt: huge },
    'huge payment': { payOptions: [aPayOption({ payAmount: huge, payInDebt: huge, available: huge })] },
    'huge handicap': { payOptions: [aPayOption({ handicapBps: Number.MAX_SAFE_INTEGER })] },
    'closed already': { now: NOW + QUOTE_WINDOW_MS },
    'all times zero': { now: 0n, quoteBy: 0n, openBy: 0n },
    'the same domain twice': { payOptions: [option, aPayOption({ available: 0n })] },
    'absurd decimals': { debt: token('USDC', 255), collateral: token('WETH', 255) },
    'empty names': { debt: token('', 0), collateral: token('', 0), position: '0x' },
    'thousands of options': {
      payOptions: Array.from({ length: 4096 }, (_, index) => aRemotePayOption({ domain: 2000 + index })),
    },
  };
  return Object.entries(cases).map(([name, overrides]) => ({ name, opportunity: anOpportunity(overrides) }));
}

function token(symbol: string, decimals: number): Token {
  return { address: bytes(decimals + 1, 20), symbol, decimals };
}

function bytes(fill: number, length: number): Hex {
  return `0x${(fill % 256).toString(16).padStart(2, '0').repeat(length)}`;
}
