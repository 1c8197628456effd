import { type Address, parseAbi } from 'viem';
import { gavelArtifact } from './artifacts.ts';
import type { Chain } from './chain.ts';
import type { Sender } from './sender.ts';

/** The calls of a test token that a network needs. */
export const tokenAbi = parseAbi([
  'function name() view returns (string)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function mint(address account, uint256 amount)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
]);

/** A deployed test token. */
export interface Token {
  readonly chain: string;
  readonly address: Address;
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** Deploys a test token that the sender can mint. Throws DEVNET_TX_FAILED. */
export async function deployToken(
  owner: Sender,
  { name, symbol, decimals }: Pick<Token, 'name' | 'symbol' | 'decimals'>,
): Promise<Token> {
  const artifact = await gavelArtifact('TestToken');
  const address = await owner.deploy(artifact, [name, symbol, decimals, owner.address]);
  return { chain: owner.chain.name, address, name, symbol, decimals };
}

/** Creates tokens, in token units, for an account. Only the token's owner can. Throws DEVNET_TX_FAILED. */
export async function mint(owner: Sender, token: Address, account: Address, amount: bigint): Promise<void> {
  await owner.write({ address: token, abi: tokenAbi, functionName: 'mint', args: [account, amount] });
}

/** Lets a contract spend exactly this much of the sender's tokens. Throws DEVNET_TX_FAILED. */
export async function approve(
  holder: Sender,
  token: Address,
  spender: Address,
  amount: bigint,
): Promise<void> {
  await holder.write({ address: token, abi: tokenAbi, functionName: 'approve', args: [spender, amount] });
}

/** Reads an account's balance in token units. */
export function balanceOf(chain: Chain, token: Address, account: Address): Promise<bigint> {
  return chain.publicClient.readContract({
    address: token,
    abi: tokenAbi,
    functionName: 'balanceOf',
    args: [account],
  });
}
