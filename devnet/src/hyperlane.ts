import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GavelError } from '@gavel/protocol';
import { execaNode } from 'execa';
import { type Address, type Hex, parseAbi } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import type { Chain } from './chain.ts';
import type { HyperlaneCore } from './hyperlane-core.ts';
import type { DeployReply, DeployRequest } from './hyperlane-deploy.ts';
import { CHILD, type RunningProcess, startProcess } from './processes.ts';
import type { RelayerConfig } from './relay/config.ts';
import type { OnRelayerEvent } from './relay/events.ts';

/** The Mailbox calls that checks need. */
export const mailboxAbi = parseAbi([
  'event Dispatch(address indexed sender, uint32 indexed destination, bytes32 indexed recipient, bytes message)',
  'event ProcessId(bytes32 indexed messageId)',
  'function localDomain() view returns (uint32)',
  'function delivered(bytes32 messageId) view returns (bool)',
  'function quoteDispatch(uint32 destination, bytes32 recipient, bytes body) view returns (uint256 fee)',
  'function dispatch(uint32 destination, bytes32 recipient, bytes body) payable returns (bytes32 messageId)',
]);

/** How Hyperlane is set up, the same on every chain. */
export interface HyperlaneOptions {
  readonly chains: readonly Chain[];
  /** Pays for the deployment and owns it; must send nothing else meanwhile. */
  readonly deployerKey: Hex;
  readonly validators: readonly Address[];
  /** How many validators must sign a message. */
  readonly threshold: number;
  /** Fee of every message, in wei. */
  readonly messageFee: bigint;
  /** May collect the fees. */
  readonly feeBeneficiary: Address;
}

/** Hyperlane's deployer, loaded beside everything else: its SDK takes seconds to import. */
export interface HyperlaneDeployer {
  /**
   * Deploys the core to all the chains, which must mine a block per transaction. Throws
   * DEVNET_HYPERLANE_FAILED.
   */
  deploy(options: HyperlaneOptions): Promise<ReadonlyMap<string, HyperlaneCore>>;
}

/**
 * Begins to load the deployer, in a process that ends with its one deployment, with the stack, or with this
 * process. Its log goes to `logDir`.
 */
export function prepareHyperlane({
  stack,
  logDir,
}: {
  readonly stack: AsyncDisposableStack;
  readonly logDir: string;
}): HyperlaneDeployer {
  mkdirSync(logDir, { recursive: true });
  const logFile = join(logDir, 'hyperlane-deploy.log');
  const child = execaNode(fileURLToPath(new URL('./hyperlane-deploy.ts', import.meta.url)), {
    ...CHILD,
    ipc: true,
    stdout: { file: logFile, append: true },
    stderr: { file: logFile, append: true },
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await child;
  };
  stack.defer(stop);
  return {
    deploy: async (options) => {
      const fail = (why: unknown) =>
        new GavelError('DEVNET_HYPERLANE_FAILED', 'Hyperlane could not be deployed; read its log', {
          meta: { why, log: logFile },
        });
      const answered = child.getOneMessage().catch(() => ({ failure: 'its process ended' }));
      const [reply] = await Promise.all([
        answered as Promise<DeployReply>,
        child.sendMessage({ ...deployRequest(options) }),
      ]);
      if ('failure' in reply) throw fail(reply.failure);
      await stop();
      return new Map(Object.entries(reply.cores));
    },
  };
}

function deployRequest(options: HyperlaneOptions): DeployRequest {
  return {
    chains: options.chains.map(({ name, chainId, domain, rpcUrl }) => ({ name, chainId, domain, rpcUrl })),
    deployerKey: options.deployerKey,
    owner: privateKeyToAddress(options.deployerKey),
    // the factory sorts them as text, and the module wants them ascending by value: lower case makes both
    // agree
    validators: options.validators.map((validator) => validator.toLowerCase() as Address),
    threshold: options.threshold,
    messageFee: options.messageFee.toString(),
    feeBeneficiary: options.feeBeneficiary,
  };
}

/** A relayer running as a process of its own. */
export interface RunningRelayer {
  readonly process: RunningProcess;
  readonly config: RelayerConfig;
}

/**
 * Starts the relay loop as a process of its own, and waits until it looks at every chain.
 *
 * Its events go to the log and to `onEvent` (whose amounts are decimal strings here: they crossed as JSON).
 * It ends with the stack or with this process. Throws DEVNET_PROCESS_FAILED.
 */
export async function startRelayer(options: {
  readonly config: RelayerConfig;
  readonly stack: AsyncDisposableStack;
  /** Folder for its log and its configuration, which holds keys. */
  readonly logDir: string;
  readonly onEvent?: (event: RelayerLine) => void;
}): Promise<RunningRelayer> {
  const { config, stack, logDir, onEvent } = options;
  const file = join(logDir, 'relayer.json');
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  const running = await startProcess({
    name: 'relayer',
    command: process.execPath,
    args: [fileURLToPath(new URL('./relayer.ts', import.meta.url)), '--config', file],
    ready: /"event":"ready"/,
    logFile: join(logDir, 'relayer.log'),
    stack,
    ipc: true,
    ...(onEvent && { onLine: (line) => line.startsWith('{"event"') && onEvent(JSON.parse(line)) }),
  });
  return { process: running, config };
}

/** A relayer's event as it arrives from its process: every bigint a decimal string. */
export type RelayerLine = Serialized<Parameters<OnRelayerEvent>[0]>;

type Serialized<T> = T extends bigint
  ? string
  : T extends object
    ? { readonly [key in keyof T]: Serialized<T[key]> }
    : T;

/**
 * Makes a relayer's configuration from what was deployed. Throws DEVNET_HYPERLANE_FAILED for a chain without
 * core.
 */
export function relayerConfig(options: {
  readonly chains: readonly Chain[];
  readonly cores: ReadonlyMap<string, HyperlaneCore>;
  /** Pays for deliveries on every chain; must send nothing else. */
  readonly relayerKey: Hex;
  readonly validatorKeys: readonly Hex[];
  readonly threshold: number;
  readonly pollMs?: number;
}): RelayerConfig {
  return {
    chains: options.chains.map(({ name, domain, rpcUrl }) => {
      const core = options.cores.get(name);
      if (core === undefined) {
        throw new GavelError('DEVNET_HYPERLANE_FAILED', 'a chain has no Hyperlane core; deploy it first', {
          meta: { chain: name },
        });
      }
      const { mailbox, merkleTreeHook, fromBlock } = core;
      return {
        name,
        domain,
        rpcUrl,
        mailbox,
        merkleTreeHook,
        privateKey: options.relayerKey,
        fromBlock: Number(fromBlock),
      };
    }),
    validators: options.validatorKeys,
    threshold: options.threshold,
    pollMs: options.pollMs ?? 200,
  };
}
