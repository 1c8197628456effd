import { addressKey, sameAddress } from '@gavel/protocol';
import { type Address, encodeFunctionData, erc20Abi, hexToBigInt } from 'viem';
import { isRefusal, rateLimitOf } from '../../chain/answers.ts';
import type { Chain } from '../../chain/client.ts';
import { allowanceOf, balanceOf } from '../../chain/erc20.ts';
import { ChainError } from '../../chain/errors.ts';
import { revertOf } from '../../chain/reverts.ts';
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
   * transaction. Throws ChainError ALLOWANCE_IN_USE.
   */
  ensure(chain: Chain, token: Address, amount: bigint): Promise<void>;
  /**
   * Allows the whole balance ahead of time: an approval in the middle of an auction may come too late for it.
   * Leaves an allowance that is in use to a later call.
   */
  prepare(chain: Chain, token: Address): Promise<void>;
};

/**
 * Creates the allowances of `account`. `promises` counts the local promises in a token, the one at hand
 * included. While others may land, the allowance must not be zero for a moment, which some tokens demand of
 * every change.
 */
export function createAllowances(options: {
  readonly account: Address;
  readonly senderOf: (chain: Chain) => Sender;
  readonly promises: (chain: Chain, token: Address) => number;
}): Allowances {
  const { account, senderOf, promises } = options;
  const mutex = createKeyedMutex();

  const raise = (chain: Chain, token: Address, amount?: bigint): Promise<'raised' | 'in use'> =>
    mutex(`${chain.name}:${addressKey(token)}`, async () => {
      const sender = senderOf(chain);
      if (!sameAddress(sender.address, account)) return 'raised';
      const spender = chain.contracts.collateralEscrow;
      const [allowance, balance] = await Promise.all([
        allowanceOf(chain.agreed, token, account, spender),
        balanceOf(chain.agreed, token, account),
      ]);
      if (allowance >= (amount ?? balance)) return 'raised';
      const approval = { token, spender, amount: balance };
      const mustBeZero = allowance !== 0n && !(await mayApprove(chain, sender, approval));
      if (mustBeZero && promises(chain, token) > (amount === undefined ? 0 : 1)) return 'in use';
      await setAllowance(sender, approval, mustBeZero);
      return 'raised';
    });

  return {
    async ensure(chain, token, amount) {
      if ((await raise(chain, token, amount)) === 'raised') return;
      throw new ChainError(
        'ALLOWANCE_IN_USE',
        'The token takes a higher allowance only after zero, and promises rest on the one there is',
        { meta: { chain: chain.name, token, amount }, retry: true },
      );
    },
    async prepare(chain, token) {
      await raise(chain, token);
    },
  };
}

type Approval = { readonly token: Address; readonly spender: Address; readonly amount: bigint };

/**
 * Lets `spender` take exactly `amount`, token units, of what the sender holds. A token that refuses to change
 * an allowance is asked for zero first. Rejects as sending does.
 */
export async function approveExactly(chain: Chain, sender: Sender, approval: Approval): Promise<void> {
  const { token, spender, amount } = approval;
  const allowance = await allowanceOf(chain.agreed, token, sender.address, spender);
  if (allowance === amount) return;
  const mustBeZero = allowance !== 0n && amount !== 0n && !(await mayApprove(chain, sender, approval));
  await setAllowance(sender, approval, mustBeZero);
}

async function setAllowance(
  sender: Sender,
  { token, spender, amount }: Approval,
  zeroFirst: boolean,
): Promise<void> {
  const call = { to: token, abi: erc20Abi, functionName: 'approve' } as const;
  if (zeroFirst) await sender.send({ ...call, args: [spender, 0n] });
  await sender.send({ ...call, args: [spender, amount] });
}

/**
 * Tells whether a token would take this approval over the allowance there is. USDT and others refuse by a
 * revert, by another failure, or by returning false; some return nothing when they agree. Rejects if the
 * chain cannot be asked.
 */
async function mayApprove(
  chain: Chain,
  { address: account }: Sender,
  { token, spender, amount }: Approval,
): Promise<boolean> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, amount] });
  try {
    const { data: answer = '0x' } = await chain.agreed.call({ account, to: token, data });
    return answer === '0x' || hexToBigInt(answer) === 1n;
  } catch (error) {
    if (revertOf(error) !== undefined || (isRefusal(error) && rateLimitOf(error) === undefined)) return false;
    throw error;
  }
}
