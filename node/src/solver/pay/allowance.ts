import { marketRegistryAbi } from '@gavel/abi';
import { addressKey, type MarketId, sameAddress } from '@gavel/protocol';
import { type Address, erc20Abi, getAbiItem } from 'viem';
import type { Chain } from '../../chain/client.ts';
import { allowanceOf, balanceOf } from '../../chain/erc20.ts';
import type { Sender } from '../../chain/sender.ts';
import { createKeyedMutex } from '../../runtime/keyed-mutex.ts';

/**
 * Lets the home escrow take a solver's local payments. The allowance is bounded by what the account holds,
 * the money put there to bid with, and given only to the escrow in the configuration. For another
 * account than the key's own it is the owner's to give, and nothing is sent. Both reject if a chain cannot be
 * asked or the transaction fails.
 */
export type Allowances = {
  /**
   * Makes sure of at least `amount`, token units; raises to the whole balance, so that it seldom costs a
   * transaction.
   */
  ensure(chain: Chain, token: Address, amount: bigint): Promise<void>;
  /**
   * Allows the whole balance ahead of time: an approval in the middle of an auction may come too late for it.
   */
  prepare(chain: Chain, token: Address): Promise<void>;
};

/** Creates the allowances of `account`. */
export function createAllowances(options: {
  readonly account: Address;
  readonly senderOf: (chain: Chain) => Sender;
}): Allowances {
  const { account, senderOf } = options;
  const mutex = createKeyedMutex();

  const raise = (chain: Chain, address: Address, amount: (balance: bigint) => bigint): Promise<void> =>
    mutex(`${chain.name}:${addressKey(address)}`, async () => {
      const sender = senderOf(chain);
      if (!sameAddress(sender.address, account)) return;
      const { collateralEscrow } = chain.contracts;
      const [allowance, balance] = await Promise.all([
        allowanceOf(chain.agreed, address, account, collateralEscrow),
        balanceOf(chain.agreed, address, account),
      ]);
      if (allowance >= amount(balance)) return;
      const args = [collateralEscrow, balance] as const;
      await sender.send({ to: address, abi: erc20Abi, functionName: 'approve', args });
    });

  return {
    ensure: (chain, token, amount) => raise(chain, token, () => amount),
    prepare: (chain, token) => raise(chain, token, (balance) => balance),
  };
}

/** Lets `spender` take exactly `amount`, token units, of what the sender holds. Rejects as sending does. */
export async function approveExactly(
  chain: Chain,
  sender: Sender,
  { token, spender, amount }: { readonly token: Address; readonly spender: Address; readonly amount: bigint },
): Promise<void> {
  if ((await allowanceOf(chain.agreed, token, sender.address, spender)) === amount) return;
  await sender.send({ to: token, abi: erc20Abi, functionName: 'approve', args: [spender, amount] });
}

/**
 * Lists the debt tokens a market has ever served, from its registry's log. Rejects if the chain cannot be
 * asked.
 */
export async function debtTokensOf(chain: Chain, market: MarketId): Promise<Address[]> {
  const logs = await chain.client.getLogs({
    address: chain.contracts.registry,
    event: getAbiItem({ abi: marketRegistryAbi, name: 'DebtTermsSet' }),
    args: { market },
    fromBlock: chain.config.fromBlock,
    strict: true,
  });
  return [...new Set(logs.map(({ args }) => args.debt))];
}
