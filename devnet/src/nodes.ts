import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { GavelError } from '@gavel/protocol';
import { stringify } from 'yaml';
import { type DevAccount, devAccount } from './accounts.ts';
import type { Network } from './network.ts';
import { ACCOUNTS_OF, AUCTION_WAITS, MAIN_PLAN, type NetworkPlan, PAYMENT_COSTS } from './plan.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { sdkExample } from './sdk-example.ts';

/** What a node process is for. */
export interface NodePlan {
  readonly name: string;
  readonly roles: readonly ('watcher' | 'solver' | 'auctioneer' | 'keeper')[];
  /** Secrets by environment variable name. */
  readonly keys: Readonly<Record<string, DevAccount>>;
  /** Sections of its configuration beyond the common ones. */
  readonly sections: Readonly<Record<string, unknown>>;
}

/** A node process that is up. */
export interface RunningNode {
  readonly plan: NodePlan;
  readonly process: RunningProcess;
  /** Where others dial it. */
  readonly addresses: readonly string[];
  readonly configFile: string;
}

/** One JSON line of a node's log. */
export interface NodeLine {
  readonly node: string;
  readonly msg: string;
  readonly time: number;
  readonly [field: string]: unknown;
}

const resolve = createRequire(import.meta.url).resolve;
const READY = /^\{.*"msg":"ready".*\}$/;

/** Plans a network's nodes: two watchers that also keep, three auctioneers, and the solvers. */
export function nodePlans({
  solvers,
  keeper: settings,
}: Pick<NetworkPlan, 'solvers' | 'keeper'> = MAIN_PLAN): NodePlan[] {
  return [
    ...ACCOUNTS_OF.keepers.map((keeper, at) => ({
      name: `watcher-${at + 1}`,
      roles: ['watcher', 'keeper'] as const,
      keys: { GAVEL_KEEPER_KEY: keeper },
      sections: {
        keeper: {
          key: { env: 'GAVEL_KEEPER_KEY' },
          report: { maxFills: 16, maxAgeMs: 5_000 },
          verdicts: { maxFills: 16, maxAgeMs: 3_000 },
          ...settings,
        },
      },
    })),
    ...ACCOUNTS_OF.auctioneers.map((auctioneer, at) => ({
      name: `auctioneer-${at + 1}`,
      roles: ['auctioneer'] as const,
      keys: { GAVEL_AUCTIONEER_KEY: auctioneer },
      sections: { auctioneer: { key: { env: 'GAVEL_AUCTIONEER_KEY' } } },
    })),
    ...solvers.map(({ name, account, strategy, options, confirmations = 1 }) => ({
      name,
      roles: ['solver'] as const,
      keys: { GAVEL_SOLVER_KEY: devAccount(account) },
      sections: {
        solver: {
          key: { env: 'GAVEL_SOLVER_KEY' },
          account: devAccount(account).address,
          payout: devAccount(account).address,
          strategy: sdkExample(strategy),
          options,
          confirmations,
        },
      },
    })),
  ];
}

/**
 * Starts a process for each plan; the first is the bootstrap peer of all. Each keeps its configuration, data
 * and log in a folder of its own. Throws DEVNET_PROCESS_FAILED.
 */
export async function startNodes(options: {
  readonly network: Network;
  readonly plans: readonly NodePlan[];
  readonly stack: AsyncDisposableStack;
  readonly onLine: (line: NodeLine) => void;
}): Promise<RunningNode[]> {
  const { plans, ...rest } = options;
  const [first, ...others] = plans;
  if (first === undefined) return [];
  const bootstrap = await startNode({ ...rest, plan: first, bootstrap: [] });
  const nodes = await Promise.all(
    others.map((plan) => startNode({ ...rest, plan, bootstrap: bootstrap.addresses })),
  );
  return [bootstrap, ...nodes];
}

/** Starts one node process. Throws DEVNET_PROCESS_FAILED. */
export async function startNode(options: {
  readonly network: Network;
  readonly plan: NodePlan;
  readonly bootstrap: readonly string[];
  /** Where to listen; any free port when absent. */
  readonly listen?: readonly string[];
  readonly stack: AsyncDisposableStack;
  readonly onLine: (line: NodeLine) => void;
}): Promise<RunningNode> {
  const { network, plan, bootstrap, listen = ['/ip4/127.0.0.1/tcp/0'], stack, onLine } = options;
  const home = join(network.dir, 'nodes', plan.name);
  await mkdir(home, { recursive: true });
  const configFile = join(home, 'gavel.yaml');
  await writeFile(configFile, stringify(configOf(network, plan, { listen, bootstrap }, home)));
  const running = await startProcess({
    name: plan.name,
    command: process.execPath,
    args: [gavelCommand(), 'start', '--config', configFile],
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(Object.entries(plan.keys).map(([name, { privateKey }]) => [name, privateKey])),
    },
    ready: READY,
    logFile: join(network.dir, 'logs', `${plan.name}.log`),
    stack,
    onLine: (line) => {
      const parsed = parseLine(line);
      if (parsed) onLine({ ...parsed, node: plan.name });
    },
  });
  const { addresses } = JSON.parse(running.ready[0]) as { addresses: string[] };
  return { plan, process: running, addresses, configFile };
}

function configOf(
  network: Network,
  plan: NodePlan,
  p2p: { listen: readonly string[]; bootstrap: readonly string[] },
  home: string,
): unknown {
  const { solver } = plan.sections;
  return {
    network: 'devnet',
    dataDir: join(home, 'data'),
    roles: plan.roles,
    log: { level: 'info', format: 'json' },
    p2p,
    auction: AUCTION_WAITS,
    // Nothing here is worth a wait: Ctrl-C asks for the end.
    shutdown: { drainMs: 500 },
    // Some stories move the time of all chains: their blocks are no witnesses of the time then.
    clock: { chains: false },
    chains: Object.fromEntries(
      [...network.sites].map(([name, { chain, core, gavel }]) => [
        name,
        {
          chainId: chain.chainId,
          domain: chain.domain,
          rpc: [chain.rpcUrl],
          pollMs: 250,
          confirmations: 0,
          fromBlock: Number(gavel.fromBlock),
          contracts: {
            collateralEscrow: gavel.collateralEscrow,
            repaymentEscrow: gavel.repaymentEscrow,
            bonds: gavel.bonds,
            registry: gavel.registry,
            mailbox: core.mailbox,
          },
        },
      ]),
    ),
    markets: network.markets.map(({ id, home: chain, protocol, source, fromBlock }) => ({
      id,
      chain,
      protocol,
      source,
      fromBlock: Number(fromBlock),
    })),
    ...plan.sections,
    ...(typeof solver === 'object' ? { solver: { ...solver, costs: costsOf(network) } } : {}),
  };
}

/** What payments cost a solver: the network's dollar on each chain has a price in gas. */
function costsOf(network: Network): unknown {
  return [...network.sites].map(([chain, { dollar }]) => ({
    chain,
    token: dollar.address,
    perPayment: PAYMENT_COSTS[chain as keyof typeof PAYMENT_COSTS],
  }));
}

function parseLine(line: string): { msg: string; time: number } | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { msg, time } = parsed as { msg?: unknown; time?: unknown };
    if (typeof msg !== 'string') return undefined;
    return { ...parsed, msg, time: typeof time === 'number' ? time : Date.parse(String(time)) };
  } catch (cause) {
    throw new GavelError('DEVNET_BAD_LINE', 'a node printed a line that is no JSON', {
      cause,
      meta: { line },
    });
  }
}

/** The node's command line program. */
function gavelCommand(): string {
  return join(dirname(resolve('@gavel/node/package.json')), 'src', 'cli', 'main.ts');
}
