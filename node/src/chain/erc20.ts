import { type Address, erc20Abi, type PublicClient } from 'viem';

/** Reads the balance of `holder`, token units, now or at a block. Rejects as a contract read does. */
export function balanceOf(
  client: PublicClient,
  token: Address,
  holder: Address,
  blockNumber?: bigint,
): Promise<bigint> {
  const call = { address: token, abi: erc20Abi, functionName: 'balanceOf', args: [holder] } as const;
  return client.readContract(blockNumber === undefined ? call : { ...call, blockNumber });
}

/** Reads what `spender` may take of what `owner` holds, token units. Rejects as a contract read does. */
export function allowanceOf(
  client: PublicClient,
  token: Address,
  owner: Address,
  spender: Address,
): Promise<bigint> {
  const args = [owner, spender] as const;
  return client.readContract({ address: token, abi: erc20Abi, functionName: 'allowance', args });
}
