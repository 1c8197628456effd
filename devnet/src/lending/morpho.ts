import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbi } from 'viem';
import { type Artifact, gavelArtifact, loadArtifact } from '../artifacts.ts';
import type { Chain } from '../chain.ts';
import type { Sender } from '../sender.ts';
import { approve } from '../tokens.ts';
import type { Holdings, Position } from './aave.ts';

/** The Morpho Blue calls that a network's set-up and checks need. */
export const morphoAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'function enableIrm(address irm)',
  'function enableLltv(uint256 lltv)',
  'function isLltvEnabled(uint256 lltv) view returns (bool)',
  'function createMarket(MarketParams marketParams)',
  'function supply(MarketParams marketParams, uint256 assets, uint256 shares, address onBehalf, bytes data) returns (uint256, uint256)',
  'function supplyCollateral(MarketParams marketParams, uint256 assets, address onBehalf, bytes data)',
  'function borrow(MarketParams marketParams, uint256 assets, uint256 shares, address onBehalf, address receiver) returns (uint256, uint256)',
  'function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
  'function market(bytes32 id) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)',
]);

const oracleAbi = parseAbi(['function price() view returns (uint256)']);

const WAD = 10n ** 18n;
const ORACLE_SCALE = 10n ** 36n;
const VIRTUAL_ASSETS = 1n;
const VIRTUAL_SHARES = 10n ** 6n;

/** A deployed Morpho Blue. */
export interface Morpho {
  readonly chain: string;
  readonly address: Address;
  /** The interest rate model its markets use. */
  readonly irm: Address;
  /** The first block worth reading logs from. */
  readonly fromBlock: bigint;
}

/** What defines a Morpho market; its id is the hash of these. */
export interface MorphoMarketParams {
  readonly loanToken: Address;
  readonly collateralToken: Address;
  readonly oracle: Address;
  readonly irm: Address;
  /** Liquidation loan-to-value, WAD. */
  readonly lltv: bigint;
}

/** A created market. */
export interface MorphoMarket {
  readonly id: Hex;
  readonly params: MorphoMarketParams;
}

/**
 * Deploys the real Morpho Blue, owned by the deployer, with an interest rate model. Throws DEVNET_TX_FAILED.
 */
export async function deployMorpho(deployer: Sender): Promise<Morpho> {
  const fromBlock = await deployer.chain.publicClient.getBlockNumber();
  const [morphoCode, irmCode] = await Promise.all([build('Morpho'), build('IrmMock')]);
  const [address, irm] = await Promise.all([
    deployer.deploy(morphoCode, [deployer.address]),
    deployer.deploy(irmCode),
  ]);
  await deployer.write({ address, abi: morphoAbi, functionName: 'enableIrm', args: [irm] });
  return { chain: deployer.chain.name, address, irm, fromBlock };
}

/**
 * Creates a market whose oracle reads two dollar feeds. `lltv` is its liquidation loan-to-value, WAD.
 *
 * Throws DEVNET_TX_FAILED.
 */
export async function createMorphoMarket(
  deployer: Sender,
  morpho: Morpho,
  terms: {
    readonly loanToken: Address;
    readonly collateralToken: Address;
    readonly loanFeed: Address;
    readonly collateralFeed: Address;
    readonly lltv: bigint;
  },
): Promise<MorphoMarket> {
  const { loanToken, collateralToken, loanFeed, collateralFeed, lltv } = terms;
  const oracle = await deployer.deploy(await gavelArtifact('ChainlinkMorphoOracle'), [
    collateralToken,
    loanToken,
    collateralFeed,
    loanFeed,
  ]);
  const params = { loanToken, collateralToken, oracle, irm: morpho.irm, lltv };
  const call = { address: morpho.address, abi: morphoAbi } as const;
  const enabled = await deployer.chain.publicClient.readContract({
    ...call,
    functionName: 'isLltvEnabled',
    args: [lltv],
  });
  if (!enabled) await deployer.write({ ...call, functionName: 'enableLltv', args: [lltv] });
  await deployer.write({ ...call, functionName: 'createMarket', args: [params] });
  return { id: morphoMarketId(params), params };
}

/** Supplies loan tokens to a market, as lenders do. The sender must hold them. Throws DEVNET_TX_FAILED. */
export async function morphoSupply(
  lender: Sender,
  morpho: Address,
  { params }: MorphoMarket,
  amount: bigint,
): Promise<void> {
  await approve(lender, params.loanToken, morpho, amount);
  await lender.write({
    address: morpho,
    abi: morphoAbi,
    functionName: 'supply',
    args: [params, amount, 0n, lender.address, '0x'],
  });
}

/**
 * Opens a loan: supplies the collateral, which the borrower must hold, and borrows.
 *
 * Throws DEVNET_TX_FAILED, also when the market lacks liquidity or the loan would be unhealthy.
 */
export async function morphoOpenPosition(
  borrower: Sender,
  morpho: Address,
  { id, params }: MorphoMarket,
  { collateralAmount, debtAmount }: Holdings,
): Promise<Position> {
  await approve(borrower, params.collateralToken, morpho, collateralAmount);
  const call = { address: morpho, abi: morphoAbi } as const;
  await borrower.write({
    ...call,
    functionName: 'supplyCollateral',
    args: [params, collateralAmount, borrower.address, '0x'],
  });
  await borrower.write({
    ...call,
    functionName: 'borrow',
    args: [params, debtAmount, 0n, borrower.address, borrower.address],
  });
  return {
    position: encodeMorphoPosition(id, borrower.address),
    borrower: borrower.address,
    collateral: params.collateralToken,
    debt: params.loanToken,
  };
}

/** Encodes a position canonically: market id, borrower. */
export function encodeMorphoPosition(id: Hex, borrower: Address): Hex {
  return encodeAbiParameters([{ type: 'bytes32' }, { type: 'address' }], [id, borrower]);
}

/** Computes a market's id from its parameters. */
export function morphoMarketId({ loanToken, collateralToken, oracle, irm, lltv }: MorphoMarketParams): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'address' },
        { type: 'address' },
        { type: 'address' },
        { type: 'address' },
        { type: 'uint256' },
      ],
      [loanToken, collateralToken, oracle, irm, lltv],
    ),
  );
}

/**
 * Reads a borrower's health in WAD: what may be borrowed against the collateral, per debt at the last
 * accrual. Below 1e18 is liquidatable; `undefined` is without debt.
 */
export async function morphoHealth(
  chain: Chain,
  morpho: Address,
  { id, params }: MorphoMarket,
  borrower: Address,
): Promise<bigint | undefined> {
  const [{ collateralAmount, debtAmount }, price] = await Promise.all([
    morphoHoldings(chain, morpho, id, borrower),
    chain.publicClient.readContract({ address: params.oracle, abi: oracleAbi, functionName: 'price' }),
  ]);
  if (debtAmount === 0n) return undefined;
  return (((((collateralAmount * price) / ORACLE_SCALE) * params.lltv) / WAD) * WAD) / debtAmount;
}

/** Reads what stands behind a position and what it owes at the last accrual, token units. */
export async function morphoHoldings(
  chain: Chain,
  morpho: Address,
  id: Hex,
  borrower: Address,
): Promise<Holdings> {
  const call = { address: morpho, abi: morphoAbi } as const;
  const [[, borrowShares, collateralAmount], [, , totalAssets, totalShares]] = await Promise.all([
    chain.publicClient.readContract({ ...call, functionName: 'position', args: [id, borrower] }),
    chain.publicClient.readContract({ ...call, functionName: 'market', args: [id] }),
  ]);
  const shares = totalShares + VIRTUAL_SHARES;
  const debtAmount = (borrowShares * (totalAssets + VIRTUAL_ASSETS) + shares - 1n) / shares;
  return { collateralAmount, debtAmount };
}

function build(name: string): Promise<Artifact> {
  return loadArtifact(`@gavel/contracts/artifacts/external/${name}.sol/${name}.json`);
}
