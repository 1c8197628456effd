import { type Address, encodeAbiParameters, type Hex, parseAbi } from 'viem';
import type { Chain } from '../chain.ts';
import type { Sender } from '../sender.ts';
import { approve } from '../tokens.ts';

/** The Aave calls that tell a position's state. */
export const aaveReadAbi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 collateralBase, uint256 debtBase, uint256 availableBorrowsBase, uint256 liquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function getReserveTokensAddresses(address asset) view returns (address aToken, address stableDebtToken, address variableDebtToken)',
  'function getUserReserveData(address asset, address user) view returns (uint256 aTokenBalance, uint256 stableDebt, uint256 variableDebt, uint256 principalStableDebt, uint256 scaledVariableDebt, uint256 stableBorrowRate, uint256 liquidityRate, uint40 stableRateLastUpdated, bool usageAsCollateralEnabled)',
]);

const poolAbi = parseAbi([
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)',
  'function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)',
]);

/** Aave's code for a variable interest rate. */
const VARIABLE_RATE = 2n;
/** Estimating a first borrow falls short; this covers it amply. */
const BORROW_GAS = 1_000_000n;

/** A loan as the network knows it. */
export interface Position {
  /** The canonical encoding its adapter takes. */
  readonly position: Hex;
  readonly borrower: Address;
  readonly collateral: Address;
  readonly debt: Address;
}

/** What a borrower has put up and owes, token units. */
export interface Holdings {
  readonly collateralAmount: bigint;
  readonly debtAmount: bigint;
}

/** What a borrower puts up and takes out. */
export interface Loan extends Holdings {
  readonly collateral: Address;
  readonly debt: Address;
}

/** Supplies tokens to the pool, as lenders do. The sender must hold them. Throws DEVNET_TX_FAILED. */
export async function aaveSupply(
  lender: Sender,
  pool: Address,
  token: Address,
  amount: bigint,
): Promise<void> {
  await approve(lender, token, pool, amount);
  await lender.write({
    address: pool,
    abi: poolAbi,
    functionName: 'supply',
    args: [token, amount, lender.address, 0],
  });
}

/**
 * Opens a loan: supplies the collateral, which the borrower must hold, and borrows at the variable rate.
 *
 * Throws DEVNET_TX_FAILED, also when the pool lacks liquidity or the loan would be unhealthy.
 */
export async function aaveOpenPosition(borrower: Sender, pool: Address, loan: Loan): Promise<Position> {
  await aaveSupply(borrower, pool, loan.collateral, loan.collateralAmount);
  await borrower.write({
    address: pool,
    abi: poolAbi,
    functionName: 'borrow',
    args: [loan.debt, loan.debtAmount, VARIABLE_RATE, 0, borrower.address],
    gas: BORROW_GAS,
  });
  return {
    position: encodeAavePosition(borrower.address, loan.collateral, loan.debt),
    borrower: borrower.address,
    collateral: loan.collateral,
    debt: loan.debt,
  };
}

/** Encodes a position canonically: user, collateral asset, debt asset. */
export function encodeAavePosition(user: Address, collateral: Address, debt: Address): Hex {
  return encodeAbiParameters(
    [{ type: 'address' }, { type: 'address' }, { type: 'address' }],
    [user, collateral, debt],
  );
}

/** Reads what stands behind a position and what it owes now, token units. */
export async function aaveHoldings(
  chain: Chain,
  dataProvider: Address,
  { borrower, collateral, debt }: Position,
): Promise<Holdings> {
  const read = (asset: Address) =>
    chain.publicClient.readContract({
      address: dataProvider,
      abi: aaveReadAbi,
      functionName: 'getUserReserveData',
      args: [asset, borrower],
    });
  const [[collateralAmount], [, , debtAmount]] = await Promise.all([read(collateral), read(debt)]);
  return { collateralAmount, debtAmount };
}

/** Reads a user's health factor in WAD: below 1e18 is liquidatable, and 2^256 − 1 is without debt. */
export async function aaveHealth(chain: Chain, pool: Address, user: Address): Promise<bigint> {
  const [, , , , , health] = await chain.publicClient.readContract({
    address: pool,
    abi: aaveReadAbi,
    functionName: 'getUserAccountData',
    args: [user],
  });
  return health;
}
