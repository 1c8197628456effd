import { devAccount, validatorAccount } from './accounts.ts';

/**
 * What the local network consists of, in one place: chains, prices, loans, solvers and who holds which
 * account. Amounts are whole units here; set-up scales them.
 */

/** The three chains. Domains differ from chain ids on purpose, as they may on real networks. */
export const CHAINS = [
  { name: 'alpha', chainId: 31337, domain: 1001, blockTime: 1 },
  { name: 'beta', chainId: 31338, domain: 1002, blockTime: 2 },
  { name: 'gamma', chainId: 31339, domain: 1003, blockTime: 1 },
] as const;

/** Name of a chain of the network. */
export type ChainName = (typeof CHAINS)[number]['name'];

/** Decimals of the dollar token: they differ between chains, so that routes really scale. */
export const DOLLAR_DECIMALS: Readonly<Record<ChainName, number>> = { alpha: 6, beta: 6, gamma: 18 };

/** Prices at the start, whole dollars. */
export const PRICES = { WETH: 4_000n, WBTC: 100_000n } as const;

/** Symbol of a collateral token. */
export type Collateral = keyof typeof PRICES;

/** Home chains: those with a lending market. */
export type HomeName = 'alpha' | 'beta';

/** The lending markets, by home chain. */
export const MARKETS = {
  alpha: { id: 'aave-alpha', protocol: 'aave-v3' },
  beta: { id: 'morpho-beta', protocol: 'morpho-blue' },
} as const;

/**
 * Rules of every market: parts in basis points, `quoteWindow` in milliseconds, `slot` in blocks, the rest in
 * seconds.
 */
const COMMON_RULES = {
  borrowerBps: 8_000,
  minPartBps: 4_500,
  stressBps: 1_000,
  maxAskBps: 9_900,
  floorBps: 7_000,
  minLotBps: 9_000,
  lateBountyBps: 50,
  fadeBps: 100,
  // Longer than an idle machine needs: a story must not depend on how busy it is.
  quoteWindow: 8_000,
  exclusivity: 120,
  clockSkew: 15,
  fillWindow: 600,
  proofWindow: 3_600,
  auctionLength: 1_800,
  takeDelay: 300,
  capWindow: 3_600,
  trialGas: 2_000_000,
} as const;

/** A market's rules, by the registry's names for them. */
export type MarketRules = Readonly<
  Record<keyof typeof COMMON_RULES | 'slot' | 'landingWindow' | 'bonusBps', number>
>;

/** Rules of each home chain's market. */
export const RULES: Readonly<Record<HomeName, MarketRules>> = {
  alpha: { ...COMMON_RULES, slot: 4, landingWindow: 12, bonusBps: 600 },
  beta: { ...COMMON_RULES, slot: 2, landingWindow: 14, bonusBps: 800 },
};

/** Keeper fee of a landing, whole dollars. */
export const KEEPER_FEE = 5n;

/** Fee of a remote payment to the vault's depositors, basis points. */
export const ROUTE_FEE_BPS = 5;

/** A loan of the story: whole collateral in thousandths, whole dollars of debt. */
export interface LoanPlan {
  readonly account: number;
  readonly collateral: Collateral;
  readonly thousandths: bigint;
  readonly debt: bigint;
}

/** Loans on each home chain, healthy at the start; the first of each falls before the others. */
export const LOANS: Readonly<Record<HomeName, readonly LoanPlan[]>> = {
  alpha: [
    { account: 14, collateral: 'WETH', thousandths: 10_000n, debt: 31_900n },
    { account: 15, collateral: 'WBTC', thousandths: 500n, debt: 36_000n },
    { account: 16, collateral: 'WETH', thousandths: 8_000n, debt: 24_400n },
    { account: 17, collateral: 'WETH', thousandths: 5_000n, debt: 15_300n },
  ],
  beta: [
    { account: 18, collateral: 'WETH', thousandths: 6_000n, debt: 20_200n },
    { account: 19, collateral: 'WETH', thousandths: 9_000n, debt: 28_600n },
    { account: 20, collateral: 'WBTC', thousandths: 300n, debt: 21_400n },
  ],
};

/** A person with a funded account and money on some chains. */
export interface PersonPlan {
  readonly name: string;
  readonly account: number;
  /** Whole dollars to pay with, by chain. */
  readonly money: Readonly<Partial<Record<ChainName, bigint>>>;
}

/** A solver: where it holds money, and how it bids. */
export interface SolverPlan extends PersonPlan {
  /** Example strategy of the SDK. */
  readonly strategy: 'constant-spread' | 'inventory-aware';
  readonly options: Readonly<Record<string, unknown>>;
  /** Home blocks over a landing before it pays. */
  readonly confirmations?: number;
  /** Shown to people. */
  readonly about: string;
}

/** The solvers. Three hold money on gamma only; the fourth on alpha only. */
export const SOLVERS: readonly SolverPlan[] = [
  {
    name: 'solver-1',
    account: 10,
    money: { gamma: 150_000n },
    strategy: 'constant-spread',
    options: { spreadBps: 60 },
    about: 'constant 0.60 % spread',
  },
  {
    name: 'solver-2',
    account: 11,
    money: { gamma: 250_000n },
    strategy: 'constant-spread',
    options: { spreadBps: 95 },
    about: 'constant 0.95 % spread',
  },
  {
    name: 'solver-3',
    account: 12,
    money: { gamma: 200_000n },
    strategy: 'inventory-aware',
    options: { baseBps: 30, fullBps: 250 },
    about: '0.30 % when full, 2.50 % when nearly empty',
  },
  {
    name: 'solver-4',
    account: 13,
    // Enough for the first loan of either chain, an auction that fails included, and too little for all:
    // gamma must pay too.
    money: { alpha: 60_000n },
    strategy: 'constant-spread',
    options: { spreadBps: 20 },
    about: 'constant 0.20 % spread',
  },
];

/** What a payment costs a solver in gas, whole dollars, by chain: strategies add it to their price. */
export const PAYMENT_COSTS = { alpha: '0.50', beta: '0.50', gamma: '0.05' };

/** Bond of every solver on every home chain, whole dollars. */
export const BOND = 20_000n;

/** Float of every vault, whole dollars. */
export const VAULT_FLOAT = 500_000n;

/** Liquidity of every lending market, whole dollars. */
export const LENDING_LIQUIDITY = 1_000_000n;

/**
 * How long auctioneers wait for each other's tallies, then votes, milliseconds: several times what an idle
 * machine needs.
 */
export const AUCTION_WAITS = { tallyWaitMs: 1_000, voteWaitMs: 1_500 };

/** How many auctioneers must sign. */
export const THRESHOLD = 2;

/** Who holds which funded account. */
export const ACCOUNTS_OF = {
  deployer: devAccount(0),
  hyperlane: devAccount(1),
  lending: devAccount(2),
  relayer: devAccount(3),
  protocolTreasury: devAccount(4),
  keepers: [devAccount(5), devAccount(6)],
  auctioneers: [devAccount(7), devAccount(8), devAccount(9)],
  vaultTreasury: devAccount(22),
  lender: devAccount(23),
  admin: devAccount(27),
  guardian: devAccount(28),
  validators: [0, 1, 2].map(validatorAccount),
} as const;

/** What differs from one network to another. */
export interface NetworkPlan {
  readonly loans: Readonly<Record<HomeName, readonly LoanPlan[]>>;
  readonly rules: Readonly<Record<HomeName, MarketRules>>;
  readonly solvers: readonly SolverPlan[];
  /** People who run no node. */
  readonly people: readonly PersonPlan[];
  /** Settings of every keeper beside the usual ones. */
  readonly keeper: { readonly flagAfterMs?: number };
  /** A market of margin calls on alpha, beside its lending market. */
  readonly marginCalls: boolean;
  /** The worked example, TinyLend, on alpha beside its lending market. */
  readonly example: boolean;
}

/** The network of the main story. */
export const MAIN_PLAN: NetworkPlan = {
  loans: LOANS,
  rules: RULES,
  solvers: SOLVERS,
  people: [],
  keeper: {},
  marginCalls: false,
  example: false,
};

/** The market of the worked example on alpha, and what `TinyLend.BONUS_BPS` hands out above the debt. */
export const EXAMPLE = { id: 'tiny-alpha', bonusBps: 500 } as const;

/** The market of margin calls on alpha: its id, and what terms its borrowers may choose, basis points. */
export const MARGIN_CALLS = {
  id: 'margin-alpha',
  bounds: {
    maxTriggerBps: 11_000,
    minTargetBps: 10_100,
    maxTargetBps: 15_000,
    minPenaltyBps: 50,
    maxPenaltyBps: 300,
  },
} as const;
