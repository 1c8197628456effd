import { type Address, erc20Abi } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { createTurns } from '../store/turns.ts';

/**
 * Let the home escrow take a solver's local payments: if its allowance is below `amount`, raise it to what the account
 * holds. So it is bounded by the money put there to bid with, and seldom costs a transaction. Only ever for the escrow in
 * the configuration. Rejects if the transaction fails.
 */
export type EnsureAllowance = (chain: Chain, token: Address, amount: bigint) => Promise<void>;

/** Create it for the key's own account; for another account the allowance is its owner's to give, and nothing is sent. */
export function createEnsureAllowance(options: {
  readonly account: Address;
  readonly senderOf: (chain: Chain) => Sender;
}): EnsureAllowance {
  const { account, senderOf } = options;
  const inTurn = createTurns();
  return (chain, address, amount) =>
    inTurn(`${chain.name}:${address.toLowerCase()}`, async () => {
      const { collateralEscrow } = chain.contracts;
      const token = { address, abi: erc20Abi } as const;
      const [allowance, balance] = await Promise.all([
        chain.client.readContract({ ...token, functionName: 'allowance', args: [account, collateralEscrow] }),
        chain.client.readContract({ ...token, functionName: 'balanceOf', args: [account] }),
      ]);
      if (allowance >= amount) return;
      const sender = senderOf(chain);
      if (sender.address.toLowerCase() !== account.toLowerCase()) return;
      const args = [collateralEscrow, larger(balance, amount)] as const;
      await sender.send({ to: address, abi: erc20Abi, functionName: 'approve', args });
    });
}

/** Return the larger of two amounts; `Math.max` takes no bigints. */
function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
