import { type Address, BaseError, type Hex, RpcRequestError } from 'viem';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';
import { despiteLag } from './lagging.ts';

/** Gas of a transaction that does nothing. */
export const EMPTY_GAS = 21_000n;

/** The most gas that one transaction may have, by EIP-7825. */
const MOST_GAS = 16_777_216n;

/**
 * Simulates a call at the newest agreed `block` and returns the gas for it: `gas` if given, or a quarter more
 * than it took, since state moves between the estimate and the block, and never more than a transaction may
 * have. The block is named: a node behind a balancer that lacks the block refuses, where it would answer for
 * an older state, perhaps one without the contract. Throws GAS_CAP, or as viem's calls do.
 */
export async function simulate(
  chain: Chain,
  {
    gas: wanted,
    ...call
  }: {
    readonly account: Address;
    readonly to: Address;
    readonly data: Hex;
    readonly value: bigint;
    readonly gas: bigint | undefined;
  },
): Promise<{ readonly gas: bigint; readonly block: bigint }> {
  const { agreed, client } = chain;
  const tooMuch = (meta: { readonly most: bigint; readonly gas?: bigint }, cause?: unknown) =>
    new ChainError('GAS_CAP', 'The call needs more gas than one transaction may have', {
      meta: { chain: chain.name, to: call.to, ...meta },
      cause,
    });
  const { number: blockNumber, gasLimit } = await agreed.getBlock({ blockTag: 'latest' });
  const most = gasLimit < MOST_GAS ? gasLimit : MOST_GAS;
  const [, used] = await Promise.all([
    despiteLag(chain, () =>
      client.call({ ...call, blockNumber, ...(wanted === undefined ? {} : { gas: wanted }) }),
    ),
    wanted ??
      despiteLag(chain, () => client.estimateGas({ ...call, blockNumber })).catch((cause: unknown) => {
        const allowance = allowanceIn(cause);
        throw allowance !== undefined && allowance >= most ? tooMuch({ most }, cause) : cause;
      }),
  ]);
  if (used > most) throw tooMuch({ most, gas: used });
  const ample = wanted ?? (used * 5n) / 4n;
  return { gas: ample < most ? ample : most, block: blockNumber };
}

/** Reads up to how much gas a node tried in vain, from its words. */
function allowanceIn(error: unknown): bigint | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(answer instanceof RpcRequestError)) return undefined;
  const allowance = /gas required exceeds allowance \(?(\d{1,20})\)?/i.exec(answer.details)?.[1];
  return allowance === undefined ? undefined : BigInt(allowance);
}
