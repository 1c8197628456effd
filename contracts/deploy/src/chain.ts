import { setTimeout as pause } from 'node:timers/promises';
import {
  type Abi,
  type Address,
  BaseError,
  createPublicClient,
  decodeFunctionResult,
  defineChain,
  ExecutionRevertedError,
  encodeFunctionData,
  type Hex,
  http,
  type PublicClient,
  parseAbi,
  RawContractError,
  size,
  slice,
  type Chain as ViemChain,
} from 'viem';
import { DeployError } from './errors.ts';
import type { Faults } from './faults.ts';
import type { ChainConfig } from './types.ts';

/**
 * The deterministic deployment proxy, at the same address on every chain that has it. Input: salt, then
 * creation code.
 */
export const FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

/** What an EIP-7702 account has in place of code: this, and the address of the code it borrows. */
const DELEGATION = '0xef0100';

/** Milliseconds before each repetition of a request that failed. An endpoint's own wishes do not count. */
const PAUSES = [250, 1_000, 2_000];

/** One chain as the deployer sees it. */
export interface Chain {
  readonly config: ChainConfig;
  /** Asks the chain's endpoint, again if it fails; a revert is an answer. Throws WRONG_CHAIN. */
  ask<T>(work: (client: PublicClient) => Promise<T>): Promise<T>;
  /** Tells whether there is code at an address. */
  hasCode(address: Address): Promise<boolean>;
  /** Tells whether an address is a contract: an account that borrows code by EIP-7702 is a key's. */
  isContract(address: Address): Promise<boolean>;
  /**
   * Calls a view; undefined if it reverts, nothing is there, or the answer is of another type. Throws
   * WRONG_CHAIN on any other failure.
   */
  read(call: ViewCall): Promise<unknown>;
  /** Calls code that is deployed nowhere. */
  callCode(code: Hex, data: Hex): Promise<Hex>;
  /** The newest block's time, Unix seconds. */
  now(): Promise<bigint>;
  /** Hands a signed transaction to the endpoint, once. Throws what the endpoint answers. */
  submit(signed: Hex): Promise<void>;
}

/** A call that changes nothing. */
export interface ViewCall {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

/** Connects to a chain, and checks that it is the configured one; undefined, with a fault, if it is not. */
export async function connect(config: ChainConfig, faults: Faults): Promise<Chain | undefined> {
  const chain = createChain(config);
  const path = `chains.${config.name}`;
  try {
    const chainId = await chain.ask((client) => client.getChainId());
    if (chainId !== config.chainId) {
      faults.note(`${path}.rpc`, `the RPC serves another chain: ${chainId}, expected ${config.chainId}`);
      return undefined;
    }
    await check(chain, faults);
    return chain;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    faults.unreachable(`${path}.rpc`, `${error.shortMessage}: ${String(error.meta.why)}`);
    return undefined;
  }
}

function createChain(config: ChainConfig): Chain {
  const client = createPublicClient({
    chain: viemChain(config),
    transport: http(config.rpcUrl, { retryCount: 0, timeout: 30_000 }),
    cacheTime: 0,
  });
  const ask: Chain['ask'] = async (work) => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await work(client);
      } catch (error) {
        if (isAnswer(error)) throw error;
        const delay = PAUSES[failures];
        if (delay !== undefined) await pause(delay);
        else {
          throw new DeployError('WRONG_CHAIN', 'a chain does not answer', {
            meta: { chain: config.name, why: reasonOf(error) },
            retry: true,
          });
        }
      }
    }
  };
  const codeAt = async (address: Address): Promise<Hex> =>
    (await ask((asked) => asked.getCode({ address }))) ?? '0x';
  return {
    config,
    ask,
    hasCode: async (address) => (await codeAt(address)) !== '0x',
    isContract: async (address) => {
      const code = await codeAt(address);
      return code !== '0x' && !(size(code) === 23 && slice(code, 0, 3) === DELEGATION);
    },
    read: async ({ address, abi, functionName, args = [] }) => {
      const data = encodeFunctionData({ abi, functionName, args });
      const answer = await asked(ask, address, data);
      if (answer === undefined) return undefined;
      try {
        return decodeFunctionResult({ abi, functionName, data: answer });
      } catch {
        return undefined; // another contract's answer
      }
    },
    callCode: async (code, data) => (await ask((asked) => asked.call({ code, data }))).data ?? '0x',
    now: async () => (await ask((asked) => asked.getBlock())).timestamp,
    submit: async (serializedTransaction) => {
      await client.sendRawTransaction({ serializedTransaction });
    },
  };
}

/** The answer of a contract to a call; undefined if it reverts or nothing is there. */
async function asked(ask: Chain['ask'], to: Address, data: Hex): Promise<Hex | undefined> {
  try {
    return (await ask((client) => client.call({ to, data }))).data;
  } catch (error) {
    if (isAnswer(error)) return undefined;
    throw error;
  }
}

/** A chain as viem wants it described. */
export function viemChain({ chainId, name, rpcUrl }: ChainConfig): ViemChain {
  return defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}

/** Says in a few words why a request failed, without the endpoint's URL, which may hold a secret. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.name : 'unknown';
  // an endpoint's own words are in the details; the short message tells no more than that it refused
  return (error.details || error.shortMessage).replaceAll(/\w+:\/\/\S+/g, '(URL)').slice(0, 300);
}

async function check(chain: Chain, faults: Faults): Promise<void> {
  const { name, mailbox, domain } = chain.config;
  if (!(await chain.hasCode(FACTORY))) {
    faults.note(`chains.${name}`, `no deterministic deployment proxy at ${FACTORY}: deploy it there first`);
  }
  const localDomain = await chain.read({ address: mailbox, abi: MAILBOX, functionName: 'localDomain' });
  if (localDomain === domain) return;
  const found =
    localDomain === undefined ? 'there is no mailbox at this address' : `it serves domain ${localDomain}`;
  faults.note(`chains.${name}.mailbox`, `expected the mailbox of domain ${domain}: ${found}`);
}

/** A revert is an answer; anything else is a failure to ask. */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk((cause) => cause instanceof ExecutionRevertedError || cause instanceof RawContractError) !==
      null
  );
}

const MAILBOX = parseAbi(['function localDomain() view returns (uint32)']);
