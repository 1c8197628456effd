import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
} from 'viem';
import { DeployError } from './errors.ts';
import type { ChainConfig } from './types.ts';

/**
 * The deterministic deployment proxy, at the same address on every chain that has it. Input: salt, then
 * creation code.
 */
export const FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

/** One chain as the deployer sees it. */
export interface Chain {
  readonly config: ChainConfig;
  /** Tells whether there is code at an address. */
  hasCode(address: Address): Promise<boolean>;
  /** Calls a view; undefined if it reverts or nothing is there. Throws on any other failure. */
  read(call: ViewCall): Promise<unknown>;
  /** Calls code that is deployed nowhere. */
  callCode(code: Hex, data: Hex): Promise<Hex>;
  /** The newest block's time, Unix seconds. */
  now(): Promise<bigint>;
  /** Sends a transaction and waits until it is mined. Throws TX_FAILED. */
  send(account: Account, what: string, to: Address, data: Hex): Promise<Hex>;
}

/** A call that changes nothing. */
export interface ViewCall {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

/** Connects to a chain and checks that it is the configured one. Throws WRONG_CHAIN. */
export async function connect(config: ChainConfig): Promise<Chain> {
  const viemChain = defineChain({
    id: config.chainId,
    name: config.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [config.rpcUrl] } },
  });
  const transport = http(config.rpcUrl);
  const client = createPublicClient({ chain: viemChain, transport, pollingInterval: 250, cacheTime: 0 });

  const chain: Chain = {
    config,
    hasCode: async (address) => ((await client.getCode({ address })) ?? '0x') !== '0x',
    read: async (call) => {
      try {
        return await client.readContract(call);
      } catch (error) {
        if (isAnswer(error)) return undefined;
        throw error;
      }
    },
    callCode: async (code, data) => (await client.call({ code, data })).data ?? '0x',
    now: async () => (await client.getBlock()).timestamp,
    send: async (account, what, to, data) => {
      const wallet = createWalletClient({ chain: viemChain, transport, account });
      try {
        // A quarter more than estimated: what a call uses depends on the second it is mined in.
        const estimate = await client.estimateGas({ account, to, data });
        const hash = await wallet.sendTransaction({ to, data, gas: estimate + estimate / 4n });
        const receipt = await client.waitForTransactionReceipt({ hash });
        if (receipt.status === 'success') return hash;
        throw new DeployError('TX_FAILED', 'a transaction reverted', {
          meta: { chain: config.name, what, hash },
        });
      } catch (cause) {
        if (cause instanceof DeployError) throw cause;
        const why = cause instanceof BaseError ? cause.shortMessage : String(cause);
        throw new DeployError('TX_FAILED', 'a transaction was refused', {
          meta: { chain: config.name, what, why },
          cause,
        });
      }
    },
  };
  await check(chain, await reach(config, () => client.getChainId()));
  return chain;
}

async function reach<T>(config: ChainConfig, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new DeployError('WRONG_CHAIN', 'a chain does not answer', {
      meta: { chain: config.name },
      cause,
      retry: true,
    });
  }
}

async function check(chain: Chain, chainId: number): Promise<void> {
  const { name, mailbox, domain, chainId: expected } = chain.config;
  if (chainId !== expected) {
    throw new DeployError('WRONG_CHAIN', 'the RPC serves another chain', {
      meta: { chain: name, chainId, expected },
    });
  }
  if (!(await chain.hasCode(FACTORY))) {
    throw new DeployError('WRONG_CHAIN', 'the chain has no deterministic deployment proxy; deploy it first', {
      meta: { chain: name, factory: FACTORY },
    });
  }
  const localDomain = await chain.read({ address: mailbox, abi: MAILBOX, functionName: 'localDomain' });
  if (localDomain !== domain) {
    throw new DeployError('WRONG_CHAIN', 'the mailbox is not one, or serves another domain', {
      meta: { chain: name, mailbox, domain: String(localDomain), expected: domain },
    });
  }
}

/** A revert and an empty account are answers; anything else is a failure to ask. */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk(
      (cause) =>
        cause instanceof ContractFunctionRevertedError || cause instanceof ContractFunctionZeroDataError,
    ) !== null
  );
}

const MAILBOX = [
  {
    type: 'function',
    name: 'localDomain',
    stateMutability: 'view',
    inputs: [],
    outputs: [{ type: 'uint32' }],
  },
] as const satisfies Abi;
