import { backstopVaultAbi, solverBondsAbi } from '@gavel/abi';
import type { Address } from 'viem';
import { devAccount } from './accounts.ts';
import type { Lending } from './lending/lending.ts';
import { ACCOUNTS_OF, BOND, type ChainName, type NetworkPlan, type PersonPlan, VAULT_FLOAT } from './plan.ts';
import { createSender, type Sender } from './sender.ts';
import type { Site } from './site.ts';
import { approve, mint } from './tokens.ts';

/**
 * Gives every account its money on the chain where it holds it, solvers their bonds, and vaults their float.
 *
 * Throws DEVNET_TX_FAILED.
 */
export async function fundEverybody(
  sites: ReadonlyMap<string, Site>,
  lending: readonly Lending[],
  { solvers, people }: NetworkPlan,
): Promise<void> {
  const owners = new Map<string, Sender>(lending.map(({ home, owner }) => [home, owner]));
  await Promise.all(
    [...sites].map(async ([name, { chain, gavel, dollar }]) => {
      const owner = owners.get(name) ?? createSender(chain, ACCOUNTS_OF.lending.privateKey);
      const unit = 10n ** BigInt(dollar.decimals);
      const isHome = owners.has(name);
      const moneyOf = ({ money }: PersonPlan) => (money[name as ChainName] ?? 0n) * unit;
      await Promise.all([
        ...solvers.map(async (solver) => {
          const account = createSender(chain, devAccount(solver.account).privateKey);
          const bond = isHome ? BOND * unit : 0n;
          const sum = moneyOf(solver) + bond;
          if (sum > 0n) await mint(owner, dollar.address, account.address, sum);
          if (isHome) await registerSolver(account, gavel.bonds, dollar.address, bond);
        }),
        ...people.map(async (person) => {
          const sum = moneyOf(person);
          if (sum > 0n) await mint(owner, dollar.address, devAccount(person.account).address, sum);
        }),
        gavel.vault && lend(chain, owner, gavel.vault, dollar.address, VAULT_FLOAT * unit),
      ]);
    }),
  );
}

/**
 * Puts a lender's tokens, in token units, into a vault. The sender must hold them. Throws DEVNET_TX_FAILED.
 */
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

async function lend(
  chain: Site['chain'],
  owner: Sender,
  vault: Address,
  asset: Address,
  amount: bigint,
): Promise<void> {
  const lender = createSender(chain, ACCOUNTS_OF.lender.privateKey);
  await mint(owner, asset, lender.address, amount);
  await fundVault(lender, vault, asset, amount);
}

/**
 * Registers an account as a solver that signs and is paid by itself, with a bond that it must hold, token
 * units.
 */
async function registerSolver(account: Sender, bonds: Address, token: Address, bond: bigint): Promise<void> {
  const target = { address: bonds, abi: solverBondsAbi } as const;
  await Promise.all([
    account.write({ ...target, functionName: 'addKey', args: [account.address] }),
    account.write({ ...target, functionName: 'addPayout', args: [account.address] }),
    approve(account, token, bonds, bond),
  ]);
  await account.write({ ...target, functionName: 'deposit', args: [account.address, token, bond] });
}
