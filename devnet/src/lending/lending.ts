import { GavelError } from '@gavel/protocol';
import { type Address, type Hex, parseUnits } from 'viem';
import { devAccount } from '../accounts.ts';
import {
  ACCOUNTS_OF,
  type Collateral,
  type HomeName,
  LENDING_LIQUIDITY,
  type NetworkPlan,
  PRICES,
} from '../plan.ts';
import { createSender, type Sender } from '../sender.ts';
import { deployToken, mint, type Token } from '../tokens.ts';
import {
  aaveHoldings,
  aaveOpenPosition,
  aaveSupply,
  type Holdings,
  type Loan,
  type Position,
} from './aave.ts';
import { type Aave, deployAave } from './aave-deploy.ts';
import {
  createMorphoMarket,
  deployMorpho,
  type Morpho,
  type MorphoMarket,
  morphoHoldings,
  morphoOpenPosition,
  morphoSupply,
} from './morpho.ts';
import { deployPriceFeed, FEED_DECIMALS } from './price-feed.ts';
import { deployTinyLend, type TinyLend } from './tiny-lend.ts';

/** A lending protocol with its loans, before Gavel knows it. */
export interface Lending {
  readonly home: HomeName;
  readonly owner: Sender;
  readonly dollar: Token;
  readonly collaterals: Readonly<Record<Collateral, Token>>;
  readonly feeds: Readonly<Record<Collateral, Address>>;
  readonly protocol: Protocol;
  readonly positions: readonly Position[];
  /** Pool or Morpho: where the protocol's logs come from. */
  readonly source: Address;
  readonly fromBlock: bigint;
  /** Where the protocol keeps the tokens of lenders and borrowers. */
  readonly custody: readonly { readonly token: Address; readonly holder: Address }[];
  /** The worked example beside it, if planned. */
  readonly example: TinyLend | undefined;
  /**
   * Makes a loan that was liquidated as big as planned: the minter mints what it lost, and what was repaid is
   * borrowed.
   */
  restore(position: Position, minter: Sender): Promise<void>;
}

/** What an adapter has to know of a protocol. */
export type Protocol =
  | { readonly name: 'aave-v3'; readonly aave: Aave }
  | {
      readonly name: 'morpho-blue';
      readonly morpho: Morpho;
      readonly markets: Readonly<Record<Collateral, MorphoMarket>>;
    };

/** Opens a loan, or adds to one that the borrower has. */
type OpenLoan = (borrower: Sender, loan: Loan, symbol: Collateral) => Promise<Position>;

/** Reads what a loan is now. */
type ReadLoan = (position: Position, symbol: Collateral) => Promise<Holdings>;

/** A protocol that is up and full of money, without a loan yet. */
interface Opened {
  readonly protocol: Protocol;
  readonly open: OpenLoan;
  readonly read: ReadLoan;
  readonly source: Address;
  readonly fromBlock: bigint;
  readonly custody: Lending['custody'];
}

/** What both protocols are made of. */
interface Base extends Pick<Lending, 'home' | 'owner' | 'dollar' | 'collaterals' | 'feeds'> {
  readonly dollarFeed: Address;
  /** Dollar units for lenders to supply, which the owner holds. */
  readonly liquidity: bigint;
}

/**
 * Deploys a home chain's lending protocol, supplies it with dollars, and opens the plan's loans. Throws
 * DEVNET_TX_FAILED.
 */
export async function deployLending(
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
  const liquidity = LENDING_LIQUIDITY * 10n ** BigInt(dollar.decimals);
  await mint(owner, dollar.address, owner.address, liquidity);
  const collaterals = { WETH, WBTC };
  const feeds = { WETH: wethFeed, WBTC: wbtcFeed };
  const base: Base = { home, owner, dollar, collaterals, feeds, dollarFeed, liquidity };
  const { open, read, ...opened } = await (home === 'alpha' ? openAave(base) : openMorpho(base));

  const lends = home === 'alpha' && plan.example;
  const tinyTerms = { collateral: WETH, dollar, collateralFeed: wethFeed, dollarFeed, liquidity };
  const example = lends ? await deployTinyLend(owner, tinyTerms) : undefined;

  const restores = new Map<Hex, (minter: Sender) => Promise<void>>();
  const positions = await Promise.all(
    plan.loans[home].map(async (loan) => {
      const borrower = createSender(owner.chain, devAccount(loan.account).privateKey);
      const token = collaterals[loan.collateral];
      const collateralAmount = (loan.thousandths * 10n ** BigInt(token.decimals)) / 1_000n;
      await mint(owner, token.address, borrower.address, collateralAmount);
      const debtAmount = loan.debt * 10n ** BigInt(dollar.decimals);
      const terms = { collateral: token.address, collateralAmount, debt: dollar.address, debtAmount };
      const position = await open(borrower, terms, loan.collateral);
      restores.set(position.position, async (minter) => {
        const now = await read(position, loan.collateral);
        const lost = collateralAmount - now.collateralAmount;
        const repaid = debtAmount - now.debtAmount;
        if (lost <= 0n || repaid <= 0n) return;
        await mint(minter, token.address, borrower.address, lost);
        await open(borrower, { ...terms, collateralAmount: lost, debtAmount: repaid }, loan.collateral);
      });
      return position;
    }),
  );
  return {
    ...opened,
    ...{ home, owner, dollar, collaterals, feeds, positions, example },
    restore: async ({ position, borrower }, minter) => {
      const restore = restores.get(position);
      if (restore === undefined) {
        throw new GavelError('DEVNET_NO_SUCH_ACCOUNT', 'nobody here has such a loan', { meta: { borrower } });
      }
      await restore(minter);
    },
  };
}

async function openAave({ owner, dollar, collaterals, feeds, dollarFeed, liquidity }: Base): Promise<Opened> {
  const aave = await deployAave(owner, {
    treasury: ACCOUNTS_OF.protocolTreasury.address,
    reserves: [
      {
        ...reserve(collaterals.WETH, feeds.WETH),
        ltvBps: 8_000,
        liquidationThresholdBps: 8_250,
        liquidationBonusBps: 500,
      },
      {
        ...reserve(collaterals.WBTC, feeds.WBTC),
        ltvBps: 7_300,
        liquidationThresholdBps: 7_800,
        liquidationBonusBps: 600,
      },
      { ...reserve(dollar, dollarFeed), borrowable: true, protocolFeeBps: 0 },
    ],
  });
  await aaveSupply(owner, aave.pool, dollar.address, liquidity);
  return {
    protocol: { name: 'aave-v3', aave },
    open: (borrower, loan) => aaveOpenPosition(borrower, aave.pool, loan),
    read: (position) => aaveHoldings(owner.chain, aave.dataProvider, position),
    source: aave.pool,
    fromBlock: aave.fromBlock,
    custody: aave.reserves.map(({ token, aToken }) => ({ token, holder: aToken })),
  };
}

function reserve({ address, symbol }: Token, feed: Address) {
  return {
    token: address,
    symbol,
    feed,
    ltvBps: 0,
    liquidationThresholdBps: 0,
    liquidationBonusBps: 0,
    protocolFeeBps: 1_000,
    borrowable: false,
  };
}

async function openMorpho({
  owner,
  dollar,
  collaterals,
  feeds,
  dollarFeed,
  liquidity,
}: Base): Promise<Opened> {
  const morpho = await deployMorpho(owner);
  const market = (symbol: Collateral, lltv: string) =>
    createMorphoMarket(owner, morpho, {
      loanToken: dollar.address,
      collateralToken: collaterals[symbol].address,
      loanFeed: dollarFeed,
      collateralFeed: feeds[symbol],
      lltv: parseUnits(lltv, 18),
    });
  const markets = { WETH: await market('WETH', '0.86'), WBTC: await market('WBTC', '0.77') };
  for (const one of Object.values(markets)) await morphoSupply(owner, morpho.address, one, liquidity / 2n);
  return {
    protocol: { name: 'morpho-blue', morpho, markets },
    open: (borrower, loan, symbol) => morphoOpenPosition(borrower, morpho.address, markets[symbol], loan),
    read: ({ borrower }, symbol) => morphoHoldings(owner.chain, morpho.address, markets[symbol].id, borrower),
    source: morpho.address,
    fromBlock: morpho.fromBlock,
    custody: [dollar, ...Object.values(collaterals)].map(({ address }) => ({
      token: address,
      holder: morpho.address,
    })),
  };
}
