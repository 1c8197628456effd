import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GavelError } from '@gavel/protocol';
import {
  type Account,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  type HttpTransport,
  http,
  type PublicClient,
  type TestClient,
  type Chain as ViemChain,
  type WalletClient,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { ACCOUNTS, MNEMONIC } from './accounts.ts';
import { type RunningProcess, startProcess } from './processes.ts';

/** How often clients ask a local chain for news, in milliseconds. */
const POLL_MS = 50;

/** What to start. */
export interface ChainOptions {
  readonly name: string;
  readonly chainId: number;
  /** Hyperlane domain; not the chain id. */
  readonly domain: number;
  /** Seconds between blocks once interval mining is on. */
  readonly blockTime: number;
  /** Seconds by which its clock runs behind this machine's until `catchUp`; none when absent. */
  readonly behind?: number;
  /** Loopback port; a free one when absent. */
  readonly port?: number;
  readonly stack: AsyncDisposableStack;
  /** Folder for the chain's log. */
  readonly logDir: string;
}

/** A running local chain. */
export interface Chain {
  readonly name: string;
  readonly chainId: number;
  readonly domain: number;
  /** Seconds. */
  readonly blockTime: number;
  readonly rpcUrl: string;
  readonly wsUrl: string;
  readonly viemChain: ViemChain;
  readonly publicClient: PublicClient<HttpTransport, ViemChain>;
  readonly testClient: TestClient<'anvil', HttpTransport, ViemChain>;
  readonly process: RunningProcess;
  /** Makes a client that signs with a key and sends through this chain. */
  walletFor(privateKey: Hex): WalletClient<HttpTransport, ViemChain, Account>;
  /** Mines a block every `seconds` (the chain's block time when absent) instead of one per transaction. */
  setIntervalMining(seconds?: number): Promise<void>;
  /** Mines a block per transaction again. */
  setAutomine(): Promise<void>;
  /**
   * Mines a block of this machine's time, and keeps to that: what had to wait out the difference has waited.
   */
  catchUp(): Promise<void>;
}

/**
 * Starts a local chain on a loopback port, mining a block per transaction at first.
 *
 * It ends with the stack or with this process. Throws DEVNET_PROCESS_FAILED if it does not come up, and
 * DEVNET_NO_ANVIL if this platform has no binary.
 */
export async function startChain(options: ChainOptions): Promise<Chain> {
  const running = await startProcess({
    name: `chain ${options.name}`,
    command: anvilPath(),
    args: anvilArguments(options),
    ready: /Listening on 127\.0\.0\.1:(\d+)/,
    logFile: join(options.logDir, `chain-${options.name}.log`),
    stack: options.stack,
  });
  const rpcUrl = `http://127.0.0.1:${running.ready[1]}`;
  const viemChain = defineChain({
    id: options.chainId,
    name: options.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const client = { chain: viemChain, transport: http(rpcUrl), pollingInterval: POLL_MS, cacheTime: 0 };
  const testClient = createTestClient({ ...client, mode: 'anvil' });
  return {
    name: options.name,
    chainId: options.chainId,
    domain: options.domain,
    blockTime: options.blockTime,
    rpcUrl,
    wsUrl: rpcUrl.replace('http', 'ws'),
    viemChain,
    publicClient: createPublicClient(client),
    testClient,
    process: running,
    walletFor: (privateKey) => createWalletClient({ ...client, account: privateKeyToAccount(privateKey) }),
    setIntervalMining: async (seconds = options.blockTime) => {
      await testClient.setAutomine(false);
      await testClient.setIntervalMining({ interval: seconds });
    },
    setAutomine: async () => {
      await testClient.setIntervalMining({ interval: 0 });
      await testClient.setAutomine(true);
    },
    catchUp: async () => {
      await testClient.setNextBlockTimestamp({ timestamp: BigInt(seconds()) });
      await testClient.mine({ blocks: 1 });
    },
  };
}

function anvilArguments({ chainId, behind = 0, port }: ChainOptions): string[] {
  const flags = {
    host: '127.0.0.1',
    port: port ?? 0,
    'chain-id': chainId,
    timestamp: seconds() - behind,
    accounts: ACCOUNTS,
    balance: 1_000_000,
    mnemonic: MNEMONIC,
    order: 'fifo',
    'gas-limit': 60_000_000,
    // two blocks behind the head are final: local chains never reorganise
    'slots-in-an-epoch': 1,
  };
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
}

/** This machine's time, Unix seconds. */
function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}

/**
 * Finds the platform's binary itself, so that one process starts and ends rather than a wrapper and its
 * child.
 */
function anvilPath(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const platform = `@foundry-rs/anvil-${process.platform}-${arch}`;
  const binary = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  const here = createRequire(import.meta.url);
  try {
    return createRequire(here.resolve('@foundry-rs/anvil/package.json')).resolve(`${platform}/bin/${binary}`);
  } catch (cause) {
    throw new GavelError('DEVNET_NO_ANVIL', 'no local chain for this platform is installed; run npm ci', {
      cause,
      meta: { package: platform },
    });
  }
}
