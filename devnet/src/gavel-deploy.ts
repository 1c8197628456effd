import { backstopVaultAbi, collateralEscrowAbi, marketRegistryAbi, solverBondsAbi } from '@gavel/contracts';
import { type Address, type Hex, stringToHex, zeroAddress } from 'viem';
import { gavelArtifact, loadArtifact } from './artifacts.ts';
import type { MarketRules } from './plan.ts';
import type { Sender } from './sender.ts';
import { approve, type Token } from './tokens.ts';

/** Gavel's contracts on one chain: the same set everywhere. */
export interface GavelSet {
  readonly manager: Address;
  readonly registry: Address;
  readonly bonds: Address;
  readonly collateralEscrow: Address;
  readonly repaymentEscrow: Address;
  /** A block before any of them emitted an event. */
  readonly fromBlock: bigint;
}

/** A way to pay a market's debt from another chain. */
export interface PayRoute {
  readonly payDomain: number;
  readonly payEscrow: Address;
  readonly payToken: Address;
  readonly payDecimals: number;
  /** Receives accepted payments on the pay chain. */
  readonly treasury: Address;
  readonly feeBps: number;
  readonly handicapBps: number;
}

/** One lending market as the registry will know it. */
export interface MarketPlan {
  /** ASCII, at most 32 characters. */
  readonly id: string;
  readonly adapter: Address;
  /** The lending protocol's treasury on the home chain. */
  readonly treasury: Address;
  readonly collaterals: readonly Address[];
  readonly debt: Address;
  readonly vault: Address;
  /** Debt units. */
  readonly keeperFee: bigint;
  readonly rules: MarketRules;
  readonly auctioneers: readonly Address[];
  readonly threshold: number;
  readonly routes: readonly PayRoute[];
}

/** Seconds a new signing key, payout or withdrawal waits here; days where value is at stake. */
export const BOND_DELAY = 2n;

/** Seconds from asking a vault for one's money to getting it: longer than any order lives. */
const REDEMPTION_DELAY = 6n * 3_600n;

/** Most debt a market may have open, or repay per hour, in whole units of the debt token. */
const CAP_WHOLE_UNITS = 10_000_000n;

/** Encode a market's readable id as the registry keys it. */
export function marketId(id: string): Hex {
  return stringToHex(id, { size: 32 });
}

/** Deploy the set on one chain, under an access manager that the deployer administers. Throws DEVNET_TX_FAILED. */
export async function deployGavel(deployer: Sender, mailbox: Address): Promise<GavelSet> {
  const fromBlock = await deployer.chain.publicClient.getBlockNumber();
  const [managerCode, registryCode, bondsCode, collateralCode, repaymentCode] = await Promise.all([
    loadArtifact('@gavel/contracts/artifacts/AccessManager.sol/AccessManager.json'),
    gavelArtifact('MarketRegistry'),
    gavelArtifact('SolverBonds'),
    gavelArtifact('CollateralEscrow'),
    gavelArtifact('RepaymentEscrow'),
  ]);
  const manager = await deployer.deploy(managerCode, [deployer.address]);
  const [registry, bonds, repaymentEscrow, libraries] = await Promise.all([
    deployer.deploy(registryCode, [manager]),
    deployer.deploy(bondsCode, [manager, BOND_DELAY]),
    deployer.deploy(repaymentCode, [mailbox, manager]),
    deployLibraries(deployer),
  ]);
  const collateralEscrow = await deployer.deploy(
    collateralCode,
    [mailbox, registry, bonds, manager],
    libraries,
  );
  await deployer.write({
    address: bonds,
    abi: solverBondsAbi,
    functionName: 'setEscrow',
    args: [collateralEscrow],
  });
  return { manager, registry, bonds, collateralEscrow, repaymentEscrow, fromBlock };
}

/** Deploy the libraries that hold most of the collateral escrow's code. */
async function deployLibraries(deployer: Sender): Promise<Record<string, Address>> {
  const names = ['Landings', 'Settlements', 'Fallbacks'];
  const entries = names.map(
    async (name) => [name, await deployer.deploy(await gavelArtifact(name))] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Deploy the vault that fronts one debt token for an escrow. Throws DEVNET_TX_FAILED. */
export async function deployVault(deployer: Sender, set: GavelSet, asset: Token): Promise<Address> {
  const vault = await deployer.deploy(await gavelArtifact('BackstopVault'), [
    asset.address,
    `Gavel Backstop ${asset.symbol}`,
    `gb${asset.symbol}`,
    set.manager,
    REDEMPTION_DELAY,
  ]);
  await deployer.write({
    address: vault,
    abi: backstopVaultAbi,
    functionName: 'setEscrow',
    args: [set.collateralEscrow],
  });
  return vault;
}

/** Put a lender's tokens, in token units, into a vault. The sender must hold them. Throws DEVNET_TX_FAILED. */
export async function fundVault(
  lender: Sender,
  vault: Address,
  asset: Address,
  amount: bigint,
): Promise<void> {
  await approve(lender, asset, vault, amount);
  await lender.write({
    address: vault,
    abi: backstopVaultAbi,
    functionName: 'deposit',
    args: [amount, lender.address],
  });
}

/** Write a market's rules, routes and auctioneers. Throws DEVNET_TX_FAILED. */
export async function configureMarket(
  admin: Sender,
  registry: Address,
  plan: MarketPlan,
  debtDecimals: number,
): Promise<void> {
  const market = marketId(plan.id);
  const target = { address: registry, abi: marketRegistryAbi } as const;
  const cap = CAP_WHOLE_UNITS * 10n ** BigInt(debtDecimals);
  const terms = { ...plan.rules, adapter: plan.adapter, treasury: plan.treasury };
  await Promise.all([
    admin.write({ ...target, functionName: 'setTerms', args: [market, terms] }),
    admin.write({
      ...target,
      functionName: 'setDebtTerms',
      args: [
        market,
        plan.debt,
        { vault: plan.vault, keeperFee: plan.keeperFee, minRepay: 0n, capPrincipal: cap, capRepaid: cap },
      ],
    }),
    admin.write({
      ...target,
      functionName: 'setAuctioneers',
      args: [market, [...plan.auctioneers].sort(byValue), plan.threshold],
    }),
    ...plan.collaterals.map((collateral) =>
      admin.write({ ...target, functionName: 'setCollateral', args: [market, collateral, true] }),
    ),
    ...plan.routes.map(({ payDomain, ...route }) =>
      admin.write({
        ...target,
        functionName: 'setRoute',
        args: [market, plan.debt, payDomain, { enabled: true, bridge: zeroAddress, ...route }],
      }),
    ),
  ]);
}

/** Register a solver on a home chain: its signing key, its payout, and a bond it must hold. Throws DEVNET_TX_FAILED. */
export async function registerSolver(
  account: Sender,
  set: GavelSet,
  {
    key,
    payout,
    bonds,
  }: { key: Address; payout: Address; bonds: readonly { token: Address; amount: bigint }[] },
): Promise<void> {
  const target = { address: set.bonds, abi: solverBondsAbi } as const;
  await Promise.all([
    account.write({ ...target, functionName: 'addKey', args: [key] }),
    account.write({ ...target, functionName: 'addPayout', args: [payout] }),
    ...bonds.map(async ({ token, amount }) => {
      await approve(account, token, set.bonds, amount);
      await account.write({ ...target, functionName: 'deposit', args: [account.address, token, amount] });
    }),
  ]);
}

/** Read what an escrow still owes a position, collateral units. */
export function surplusOf(
  chain: Sender['chain'],
  set: GavelSet,
  key: Hex,
  collateral: Address,
): Promise<bigint> {
  return chain.publicClient.readContract({
    address: set.collateralEscrow,
    abi: collateralEscrowAbi,
    functionName: 'surplusOf',
    args: [key, collateral],
  });
}

function byValue(a: Address, b: Address): number {
  return BigInt(a) < BigInt(b) ? -1 : 1;
}
