import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GavelError } from '@gavel/protocol';
import { type Address, parseUnits } from 'viem';
import { type DevAccount, devAccount } from './accounts.ts';
import { gavelArtifact } from './artifacts.ts';
import { type Chain, startChain } from './chain.ts';
import {
  configureMarket,
  deployGavel,
  deployVault,
  fundVault,
  type GavelSet,
  type PayRoute,
  registerSolver,
} from './gavel-deploy.ts';
import { type HyperlaneCore, prepareHyperlane, relayerConfig, startRelayer } from './hyperlane.ts';
import { aaveOpenPosition, aaveSupply, type Position } from './lending/aave.ts';
import { type Aave, deployAave } from './lending/aave-deploy.ts';
import {
  createMorphoMarket,
  deployMorpho,
  type Morpho,
  type MorphoMarket,
  morphoOpenPosition,
  morphoSupply,
} from './lending/morpho.ts';
import { deployPriceFeed, FEED_DECIMALS } from './lending/price-feed.ts';
import {
  ACCOUNTS_OF,
  BOND,
  CHAINS,
  type ChainName,
  type Collateral,
  DOLLAR_DECIMALS,
  type HomeName,
  KEEPER_FEE,
  LENDING_LIQUIDITY,
  MAIN_PLAN,
  MARGIN_CALLS,
  MARKETS,
  type NetworkPlan,
  type PersonPlan,
  PRICES,
  ROUTE_FEE_BPS,
  THRESHOLD,
  VAULT_FLOAT,
} from './plan.ts';
import { createSender, type Sender } from './sender.ts';
import { deployToken, mint, type Token } from './tokens.ts';

export type { HomeName } from './plan.ts';

/** A lending market with Gavel's adapter on it. */
export interface Market {
  readonly id: string;
  readonly home: HomeName;
  readonly protocol: 'aave-v3' | 'morpho-blue' | 'aave-margin-call';
  /** Pool or Morpho: where the protocol's logs come from. */
  readonly source: Address;
  readonly fromBlock: bigint;
  readonly adapter: Address;
  readonly vault: Address;
  readonly feeds: Readonly<Record<Collateral, Address>>;
  readonly collaterals: Readonly<Record<Collateral, Token>>;
  /** Where the protocol keeps the tokens of lenders and borrowers. */
  readonly custody: readonly { readonly token: Address; readonly holder: Address }[];
  readonly positions: readonly Position[];
  /** Add collateral, which its borrower must hold, to a position, and borrow more against it; token units. */
  enlarge(position: Position, collateralAmount: bigint, debtAmount: bigint): Promise<void>;
}

/** One chain with everything on it. */
export interface Site {
  readonly chain: Chain;
  readonly core: HyperlaneCore;
  readonly gavel: GavelSet;
  readonly dollar: Token;
}

/** The whole network, before any node runs. */
export interface Network {
  readonly plan: NetworkPlan;
  readonly dir: string;
  readonly sites: ReadonlyMap<string, Site>;
  readonly markets: readonly Market[];
  /** Moves prices and mints. */
  readonly lendingKey: DevAccount;
  readonly relay: Relay;
}

/** The relayer, which carries messages between the chains. */
export interface Relay {
  /** Nothing is delivered from now on. */
  stop(): Promise<void>;
  /** What was sent meanwhile is delivered, and everything after. Throws DEVNET_PROCESS_FAILED. */
  start(): Promise<void>;
}

/** Called as set-up advances, with what is being done. */
export type OnStep = (what: string) => void;

/** Prices older than this are refused by the adapters, seconds. */
const MAX_PRICE_AGE = 86_400n;
/** Fee of every Hyperlane message, wei. */
const MESSAGE_FEE = 10n ** 14n;

/** Return a site by name. Throws DEVNET_NO_SUCH_CHAIN. */
export function siteOf(network: Pick<Network, 'sites'>, name: string): Site {
  const site = network.sites.get(name);
  if (site === undefined) {
    throw new GavelError('DEVNET_NO_SUCH_CHAIN', 'the network has no such chain', { meta: { name } });
  }
  return site;
}

/**
 * Start the chains, deploy Hyperlane, the lending protocols and Gavel, fund everybody, open the loans, and start the
 * relayer. The chains mine at their own block times afterwards.
 *
 * Throws DEVNET_PROCESS_FAILED, DEVNET_HYPERLANE_FAILED, DEVNET_NO_ARTIFACT or DEVNET_TX_FAILED.
 */
export async function startNetwork(options: {
  readonly dir: string;
  readonly stack: AsyncDisposableStack;
  readonly onStep: OnStep;
  /** The main story's when absent. */
  readonly plan?: NetworkPlan;
}): Promise<Network> {
  const { dir, stack, onStep, plan = MAIN_PLAN } = options;
  const logDir = join(dir, 'logs');
  await mkdir(logDir, { recursive: true });
  await gavelArtifact('CollateralEscrow'); // fails early, in words, when the contracts are not built

  onStep('starting three chains');
  const hyperlane = prepareHyperlane({ stack, logDir });
  const chains = await Promise.all(CHAINS.map((plan) => startChain({ ...plan, stack, logDir })));

  onStep('deploying Hyperlane, Aave v3 and Morpho Blue');
  const lendingKey = ACCOUNTS_OF.lending;
  const [cores, dollars, lending] = await Promise.all([
    hyperlane.deploy({
      chains,
      deployerKey: ACCOUNTS_OF.hyperlane.privateKey,
      validators: ACCOUNTS_OF.validators.map(({ address }) => address),
      threshold: THRESHOLD,
      messageFee: MESSAGE_FEE,
      feeBeneficiary: ACCOUNTS_OF.hyperlane.address,
    }),
    ...splitLending(chains, lendingKey, plan),
  ]);

  onStep('deploying Gavel on every chain');
  const admins = new Map(
    chains.map((chain) => [chain.name, createSender(chain, ACCOUNTS_OF.admin.privateKey)]),
  );
  const sites = new Map<string, Site>();
  await Promise.all(
    chains.map(async (chain) => {
      const core = needed(cores.get(chain.name), chain.name);
      const gavel = await deployGavel(needed(admins.get(chain.name), chain.name), core.mailbox);
      sites.set(chain.name, { chain, core, gavel, dollar: needed(dollars.get(chain.name), chain.name) });
    }),
  );

  onStep('writing market rules, funding vaults, solvers and borrowers');
  const markets = await Promise.all(
    lending.map(async (raw) => {
      const admin = needed(admins.get(raw.home), raw.home);
      const market = await openMarket(raw, sites, admin, plan);
      return raw.aave !== undefined && plan.marginCalls
        ? [market, await openMarginCalls(market, raw.aave, sites, admin, plan)]
        : [market];
    }),
  );
  await fundEverybody(sites, lending, plan);

  onStep('starting the relayer');
  const config = relayerConfig({
    chains,
    cores,
    relayerKey: ACCOUNTS_OF.relayer.privateKey,
    validatorKeys: ACCOUNTS_OF.validators.map(({ privateKey }) => privateKey),
    threshold: THRESHOLD,
  });
  let running = await startRelayer({ config, stack, logDir });
  const relay: Relay = {
    stop: () => running.process.stop(),
    start: async () => {
      running = await startRelayer({ config, stack, logDir });
    },
  };
  await Promise.all(chains.map((chain) => chain.setIntervalMining()));
  return { plan, dir, sites, markets: markets.flat(), lendingKey, relay };
}

/** A lending protocol as deployed, before Gavel knows it. */
interface Lending {
  readonly home: HomeName;
  readonly owner: Sender;
  readonly dollar: Token;
  readonly collaterals: Readonly<Record<Collateral, Token>>;
  readonly feeds: Readonly<Record<Collateral, Address>>;
  readonly aave?: Aave;
  readonly morpho?: { readonly core: Morpho; readonly markets: Readonly<Record<Collateral, MorphoMarket>> };
  readonly open: OpenLoan;
  readonly positions: readonly Position[];
}

/** Begin two things at once: the dollar of every chain, and the lending protocols, which need theirs. */
function splitLending(
  chains: readonly Chain[],
  key: DevAccount,
  plan: NetworkPlan,
): [Promise<Map<string, Token>>, Promise<Lending[]>] {
  const owners = new Map(chains.map((chain) => [chain.name, createSender(chain, key.privateKey)]));
  const dollars = Promise.all(
    [...owners].map(async ([name, owner]) => {
      const decimals = DOLLAR_DECIMALS[name as ChainName];
      return [name, await deployToken(owner, { name: 'Test Dollar', symbol: 'USDx', decimals })] as const;
    }),
  ).then((entries) => new Map(entries));
  const lending = dollars.then((tokens) =>
    Promise.all(
      (['alpha', 'beta'] as const).map((home) =>
        deployLending(home, needed(owners.get(home), home), needed(tokens.get(home), home), plan),
      ),
    ),
  );
  return [dollars, lending];
}

async function deployLending(
  home: HomeName,
  owner: Sender,
  dollar: Token,
  plan: NetworkPlan,
): Promise<Lending> {
  const [WETH, WBTC, wethFeed, wbtcFeed, dollarFeed] = await Promise.all([
    deployToken(owner, { name: 'Test Ether', symbol: 'WETH', decimals: 18 }),
    deployToken(owner, { name: 'Test Bitcoin', symbol: 'WBTC', decimals: 8 }),
    deployPriceFeed(owner, 'WETH / USD', PRICES.WETH * 10n ** BigInt(FEED_DECIMALS)),
    deployPriceFeed(owner, 'WBTC / USD', PRICES.WBTC * 10n ** BigInt(FEED_DECIMALS)),
    deployPriceFeed(owner, 'USDx / USD', 10n ** BigInt(FEED_DECIMALS)),
  ]);
  const collaterals = { WETH, WBTC };
  const feeds = { WETH: wethFeed, WBTC: wbtcFeed };
  const liquidity = LENDING_LIQUIDITY * 10n ** BigInt(dollar.decimals);
  await mint(owner, dollar.address, owner.address, liquidity);
  const base = { home, owner, dollar, collaterals, feeds };
  if (home === 'alpha') {
    const aave = await deployAave(owner, {
      treasury: ACCOUNTS_OF.protocolTreasury.address,
      reserves: [
        {
          ...reserve(WETH, wethFeed),
          ltvBps: 8_000,
          liquidationThresholdBps: 8_250,
          liquidationBonusBps: 500,
        },
        {
          ...reserve(WBTC, wbtcFeed),
          ltvBps: 7_300,
          liquidationThresholdBps: 7_800,
          liquidationBonusBps: 600,
        },
        { ...reserve(dollar, dollarFeed), borrowable: true, protocolFeeBps: 0 },
      ],
    });
    await aaveSupply(owner, aave.pool, dollar.address, liquidity);
    const open: OpenLoan = (borrower, loan) => aaveOpenPosition(borrower, aave.pool, loan);
    return { ...base, aave, open, positions: await openLoans(base, plan, open) };
  }
  const core = await deployMorpho(owner);
  const markets = {
    WETH: await createMorphoMarket(owner, core, {
      loanToken: dollar.address,
      collateralToken: WETH.address,
      loanFeed: dollarFeed,
      collateralFeed: wethFeed,
      lltv: parseUnits('0.86', 18),
    }),
    WBTC: await createMorphoMarket(owner, core, {
      loanToken: dollar.address,
      collateralToken: WBTC.address,
      loanFeed: dollarFeed,
      collateralFeed: wbtcFeed,
      lltv: parseUnits('0.77', 18),
    }),
  };
  for (const market of Object.values(markets))
    await morphoSupply(owner, core.address, market, liquidity / 2n);
  const open: OpenLoan = (borrower, loan, symbol) =>
    morphoOpenPosition(borrower, core.address, markets[symbol], loan);
  return { ...base, morpho: { core, markets }, open, positions: await openLoans(base, plan, open) };
}

function reserve({ address, symbol, decimals }: Token, feed: Address) {
  return {
    token: address,
    symbol,
    decimals,
    feed,
    ltvBps: 0,
    liquidationThresholdBps: 0,
    liquidationBonusBps: 0,
    protocolFeeBps: 1_000,
    borrowable: false,
  };
}

type OpenLoan = (
  borrower: Sender,
  loan: { collateral: Address; collateralAmount: bigint; debt: Address; debtAmount: bigint },
  symbol: Collateral,
) => Promise<Position>;

function openLoans(
  { home, owner, dollar, collaterals }: Pick<Lending, 'home' | 'owner' | 'dollar' | 'collaterals'>,
  { loans }: NetworkPlan,
  open: OpenLoan,
): Promise<Position[]> {
  return Promise.all(
    loans[home].map(async (loan) => {
      const borrower = createSender(owner.chain, devAccount(loan.account).privateKey);
      const token = collaterals[loan.collateral];
      const collateralAmount = (loan.thousandths * 10n ** BigInt(token.decimals)) / 1_000n;
      await mint(owner, token.address, borrower.address, collateralAmount);
      const debtAmount = loan.debt * 10n ** BigInt(dollar.decimals);
      return open(
        borrower,
        { collateral: token.address, collateralAmount, debt: dollar.address, debtAmount },
        loan.collateral,
      );
    }),
  );
}

async function openMarket(
  raw: Lending,
  sites: ReadonlyMap<string, Site>,
  admin: Sender,
  plan: NetworkPlan,
): Promise<Market> {
  const { home, dollar, collaterals, feeds, positions } = raw;
  const { gavel } = siteOf({ sites }, home);
  const [adapter, vault] = await Promise.all([
    deployAdapter(raw, gavel, admin),
    deployVault(admin, gavel, dollar),
  ]);
  const float = VAULT_FLOAT * 10n ** BigInt(dollar.decimals);
  const lender = createSender(admin.chain, ACCOUNTS_OF.lender.privateKey);
  const market = MARKETS[home];
  await Promise.all([
    configureMarket(
      admin,
      gavel.registry,
      {
        id: market.id,
        adapter,
        treasury: ACCOUNTS_OF.protocolTreasury.address,
        collaterals: Object.values(collaterals).map(({ address }) => address),
        debt: dollar.address,
        vault,
        keeperFee: KEEPER_FEE * 10n ** BigInt(dollar.decimals),
        rules: plan.rules[home],
        auctioneers: ACCOUNTS_OF.auctioneers.map(({ address }) => address),
        threshold: THRESHOLD,
        routes: routesFrom(home, sites),
      },
      dollar.decimals,
    ),
    mint(raw.owner, dollar.address, lender.address, float).then(() =>
      fundVault(lender, vault, dollar.address, float),
    ),
  ]);
  return {
    ...market,
    home,
    ...custodyOf(raw),
    adapter,
    vault,
    feeds,
    collaterals,
    positions,
    enlarge: enlarger(raw, plan),
  };
}

/** Put a market of margin calls beside a lending market: the same positions, vault and rules, and an adapter of its own. */
async function openMarginCalls(
  market: Market,
  aave: Aave,
  sites: ReadonlyMap<string, Site>,
  admin: Sender,
  plan: NetworkPlan,
): Promise<Market> {
  const { gavel, dollar, chain } = siteOf({ sites }, market.home);
  const { id, bounds } = MARGIN_CALLS;
  const treasury = ACCOUNTS_OF.protocolTreasury.address;
  const fromBlock = await chain.publicClient.getBlockNumber();
  const adapter = await admin.deploy(await gavelArtifact('AaveMarginCall'), [
    aave.addressesProvider,
    gavel.collateralEscrow,
    treasury,
    MAX_PRICE_AGE,
    bounds,
  ]);
  await configureMarket(
    admin,
    gavel.registry,
    {
      id,
      adapter,
      treasury,
      collaterals: Object.values(market.collaterals).map(({ address }) => address),
      debt: dollar.address,
      vault: market.vault,
      keeperFee: KEEPER_FEE * 10n ** BigInt(dollar.decimals),
      rules: { ...plan.rules[market.home], bonusBps: bounds.maxPenaltyBps },
      auctioneers: ACCOUNTS_OF.auctioneers.map(({ address }) => address),
      threshold: THRESHOLD,
      routes: routesFrom(market.home, sites),
    },
    dollar.decimals,
  );
  return { ...market, id, protocol: 'aave-margin-call', adapter, source: adapter, fromBlock };
}

function enlarger({ home, owner, open, collaterals }: Lending, { loans }: NetworkPlan): Market['enlarge'] {
  const borrowers = new Map(
    loans[home].map(({ account }) => {
      const { address, privateKey } = devAccount(account);
      return [address.toLowerCase(), createSender(owner.chain, privateKey)] as const;
    }),
  );
  return async ({ borrower, collateral, debt }, collateralAmount, debtAmount) => {
    const symbol = collaterals.WETH.address === collateral ? 'WETH' : 'WBTC';
    const sender = needed(borrowers.get(borrower.toLowerCase()), borrower);
    await open(sender, { collateral, collateralAmount, debt, debtAmount }, symbol);
  };
}

function custodyOf(raw: Lending): Pick<Market, 'source' | 'fromBlock' | 'custody'> {
  if (raw.aave) {
    const { pool, fromBlock, reserves } = raw.aave;
    return {
      source: pool,
      fromBlock,
      custody: reserves.map(({ token, aToken }) => ({ token, holder: aToken })),
    };
  }
  const { core } = needed(raw.morpho, raw.home);
  const tokens = [raw.dollar, ...Object.values(raw.collaterals)];
  return {
    source: core.address,
    fromBlock: core.fromBlock,
    custody: tokens.map(({ address }) => ({ token: address, holder: core.address })),
  };
}

async function deployAdapter(raw: Lending, gavel: GavelSet, admin: Sender): Promise<Address> {
  const common = [gavel.collateralEscrow, ACCOUNTS_OF.protocolTreasury.address, MAX_PRICE_AGE] as const;
  if (raw.aave) {
    return admin.deploy(await gavelArtifact('AaveV3Adapter'), [raw.aave.addressesProvider, ...common]);
  }
  const { core, markets } = needed(raw.morpho, raw.home);
  const ids = Object.values(markets).map(({ id }) => id);
  return admin.deploy(await gavelArtifact('MorphoBlueAdapter'), [core.address, ...common, ids]);
}

function routesFrom(home: HomeName, sites: ReadonlyMap<string, Site>): PayRoute[] {
  return [...sites]
    .filter(([name]) => name !== home)
    .map(([, { chain, gavel, dollar }]) => ({
      payDomain: chain.domain,
      payEscrow: gavel.repaymentEscrow,
      payToken: dollar.address,
      payDecimals: dollar.decimals,
      treasury: ACCOUNTS_OF.vaultTreasury.address,
      feeBps: ROUTE_FEE_BPS,
      handicapBps: 0,
    }));
}

/** Give everybody their money where they hold it, and solvers their bonds on the home chains. */
async function fundEverybody(
  sites: ReadonlyMap<string, Site>,
  lending: readonly Lending[],
  { solvers, people }: NetworkPlan,
): Promise<void> {
  const owners = new Map<string, Sender>(lending.map(({ home, owner }) => [home, owner]));
  await Promise.all(
    [...sites].map(async ([name, { chain, gavel, dollar }]) => {
      const owner = owners.get(name) ?? createSender(chain, ACCOUNTS_OF.lending.privateKey);
      const unit = 10n ** BigInt(dollar.decimals);
      const isHome = name in MARKETS;
      const moneyOf = ({ money }: PersonPlan) => (money[name as ChainName] ?? 0n) * unit;
      await Promise.all([
        ...solvers.map(async (solver) => {
          const account = createSender(chain, devAccount(solver.account).privateKey);
          const bond = isHome ? BOND * unit : 0n;
          const sum = moneyOf(solver) + bond;
          if (sum > 0n) await mint(owner, dollar.address, account.address, sum);
          if (!isHome) return;
          await registerSolver(account, gavel, {
            key: account.address,
            payout: account.address,
            bonds: [{ token: dollar.address, amount: bond }],
          });
        }),
        ...people.map(async (person) => {
          const sum = moneyOf(person);
          if (sum > 0n) await mint(owner, dollar.address, devAccount(person.account).address, sum);
        }),
      ]);
    }),
  );
}

function needed<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GavelError('DEVNET_INCOMPLETE', 'a part of the network is missing', { meta: { what } });
}
