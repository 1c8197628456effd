import { type Address, encodeAbiParameters, parseAbi } from 'viem';
import { gavelArtifact } from '../artifacts.ts';
import type { Sender } from '../sender.ts';
import { approve, mint, type Token } from '../tokens.ts';
import type { Position } from './aave.ts';

/** The calls and events of `contracts/examples/TinyLend.sol` that the devnet and its tests use. */
export const tinyLendAbi = parseAbi([
  'function setLiquidator(address liquidator)',
  'function supply(address borrower, uint128 amount)',
  'function borrow(uint128 amount)',
  'function loans(address borrower) view returns (uint128 collateral, uint128 debt)',
  'function healthOf(address borrower) view returns (uint256)',
  'function OPEN_BELOW() view returns (uint256)',
  'event Liquidated(address indexed borrower, uint256 repaid, uint256 seized)',
]);

/** The worked example of a lending protocol, full of money, without a loan or a liquidator yet. */
export interface TinyLend {
  readonly address: Address;
  readonly collateral: Token;
  readonly fromBlock: bigint;
}

/** Deploys TinyLend with dollars to lend. Its deployer names the liquidator. Throws DEVNET_TX_FAILED. */
export async function deployTinyLend(
  owner: Sender,
  terms: {
    readonly collateral: Token;
    readonly dollar: Token;
    readonly collateralFeed: Address;
    readonly dollarFeed: Address;
    /** Dollar units to lend. */
    readonly liquidity: bigint;
  },
): Promise<TinyLend> {
  const { collateral, dollar, collateralFeed, dollarFeed, liquidity } = terms;
  const fromBlock = await owner.chain.publicClient.getBlockNumber();
  const feeds = [collateralFeed, dollarFeed];
  const artifact = await gavelArtifact('TinyLend');
  const address = await owner.deploy(artifact, [collateral.address, dollar.address, ...feeds]);
  await mint(owner, dollar.address, address, liquidity);
  return { address, collateral, fromBlock };
}

/** Lets Gavel's adapter alone liquidate the positions that are a little under water. */
export async function nameLiquidator(owner: Sender, lend: Address, adapter: Address): Promise<void> {
  await owner.write({ address: lend, abi: tinyLendAbi, functionName: 'setLiquidator', args: [adapter] });
}

/** Opens a loan with collateral that the borrower holds, token units. Throws DEVNET_TX_FAILED. */
export async function openTinyLoan(
  borrower: Sender,
  { address, collateral }: TinyLend,
  dollar: Token,
  loan: { readonly collateralAmount: bigint; readonly debtAmount: bigint },
): Promise<Position> {
  const target = { address, abi: tinyLendAbi } as const;
  await approve(borrower, collateral.address, address, loan.collateralAmount);
  await borrower.write({
    ...target,
    functionName: 'supply',
    args: [borrower.address, loan.collateralAmount],
  });
  await borrower.write({ ...target, functionName: 'borrow', args: [loan.debtAmount] });
  return {
    position: encodeAbiParameters([{ type: 'address' }], [borrower.address]),
    borrower: borrower.address,
    collateral: collateral.address,
    debt: dollar.address,
  };
}
