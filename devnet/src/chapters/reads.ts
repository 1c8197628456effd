import { backstopVaultAbi, liquidationAdapterAbi, solverBondsAbi } from '@gavel/abi';
import { devAccount } from '../accounts.ts';
import { type HomeName, type Market, type Network, siteOf } from '../network.ts';
import type { ChainName, PersonPlan } from '../plan.ts';
import { type Check, check } from '../story/checks.ts';
import type { LiquidationRecord } from '../story/records.ts';
import { amount } from '../story/tell.ts';
import type { Token } from '../tokens.ts';

/** A solver's bond on a home chain, debt units. */
export interface Bond {
  readonly balance: bigint;
  readonly locked: bigint;
  /** Unix seconds; 0: never suspended. */
  readonly suspendedUntil: bigint;
}

/** Reads a solver's bond on a home chain. */
export async function bondOf(network: Network, home: HomeName, { account }: PersonPlan): Promise<Bond> {
  const { chain, gavel, dollar } = siteOf(network, home);
  const contract = { address: gavel.bonds, abi: solverBondsAbi } as const;
  const { address } = devAccount(account);
  const args = [address, dollar.address] as const;
  const { publicClient } = chain;
  const [balance, locked, suspendedUntil] = await Promise.all([
    publicClient.readContract({ ...contract, functionName: 'balanceOf', args }),
    publicClient.readContract({ ...contract, functionName: 'lockedOf', args }),
    publicClient.readContract({ ...contract, functionName: 'suspendedUntil', args: [address] }),
  ]);
  return { balance, locked, suspendedUntil };
}

/** Reads a figure of a market's vault, debt units. */
export function vaultFigure(
  network: Network,
  { home, vault }: Market,
  functionName: 'idle' | 'reserve' | 'recordedLosses' | 'receivables' | 'lots' | 'openClaims',
): Promise<bigint> {
  const { publicClient } = siteOf(network, home).chain;
  return publicClient.readContract({ address: vault, abi: backstopVaultAbi, functionName });
}

/**
 * Reads what an adapter says of a market's first position, at a block or now: debt and collateral units,
 * health in WAD.
 */
export async function assess(
  network: Network,
  { home, adapter, positions }: Market,
  { blockNumber, at = 0 }: { readonly blockNumber?: bigint; readonly at?: number } = {},
): Promise<{ readonly repay: bigint; readonly seizable: bigint; readonly health: bigint }> {
  const { publicClient } = siteOf(network, home).chain;
  const [, , repay, seizable, health] = await publicClient.readContract({
    address: adapter,
    abi: liquidationAdapterAbi,
    functionName: 'assess',
    args: [positions[at]?.position ?? '0x'],
    ...(blockNumber !== undefined && { blockNumber }),
  });
  return { repay, seizable, health };
}

/** Reads the time of a chain's newest block, Unix seconds. */
export async function timeOn(network: Network, chain: ChainName): Promise<bigint> {
  return (await siteOf(network, chain).chain.publicClient.getBlock()).timestamp;
}

/** Computes a part in basis points, rounded up. */
export function partUp(value: bigint, bps: number): bigint {
  return (value * BigInt(bps) + 9_999n) / 10_000n;
}

/** Compares two amounts of one token, to the unit. */
export function equal(
  name: string,
  token: Pick<Token, 'symbol' | 'decimals'>,
  got: bigint,
  due: bigint,
): Check {
  return check(
    name,
    got === due,
    got === due ? amount(got, token, 6) : `${got} ${token.symbol} units, expected ${due}`,
  );
}

/** The one liquidation that a chapter is about; undefined, and a failed check, if there are more or none. */
export function onlyOne(records: readonly LiquidationRecord[]): {
  readonly record: LiquidationRecord | undefined;
  readonly check: Check;
} {
  const [record] = records;
  return {
    record,
    check: check('exactly one liquidation landed', records.length === 1, `${records.length} landed`),
  };
}
