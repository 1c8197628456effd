import { setTimeout as pause } from 'node:timers/promises';
import { GavelError } from '@gavel/protocol';
import type { Network } from '../network.ts';
import { type NodeLine, type NodePlan, type RunningNode, startNode, startNodes } from '../nodes.ts';

/** The network's node processes, which can be killed and started again. */
export type Fleet = {
  /** Names of the nodes that run now. */
  alive(): string[];
  rolesOf(name: string): readonly string[];
  /** Returns the addresses of all nodes, dead or alive: a node keeps its port. */
  addresses(): string[];
  /** Ends a node by SIGKILL; resolves once its process is gone. */
  kill(name: string): Promise<void>;
  /**
   * Starts a killed node again, over its own data; resolves once it is ready. Throws DEVNET_PROCESS_FAILED.
   */
  restart(name: string): Promise<void>;
};

/** Times a start is tried: the port of a process that was just killed may not be free at once. */
const STARTS = 3;

/** Starts the nodes, each with a port it keeps, and lets every one know all the others. */
export async function startFleet(options: {
  readonly network: Network;
  readonly plans: readonly NodePlan[];
  readonly stack: AsyncDisposableStack;
  readonly onLine: (line: NodeLine) => void;
}): Promise<Fleet> {
  const nodes = new Map<string, RunningNode>();
  for (const node of await startNodes(options)) nodes.set(node.plan.name, node);
  const listens = new Map([...nodes].map(([name, { addresses }]) => [name, addresses]));
  const dead = new Set<string>();

  const nodeOf = (name: string): RunningNode => {
    const node = nodes.get(name);
    if (node !== undefined) return node;
    throw new GavelError('DEVNET_NO_SUCH_NODE', 'the fleet has no such node', { meta: { name } });
  };
  const addresses = () => [...listens.values()].flat();
  const start = async (name: string): Promise<RunningNode> => {
    const own = listens.get(name) ?? [];
    const common = {
      network: options.network,
      plan: nodeOf(name).plan,
      bootstrap: addresses().filter((address) => !own.includes(address)),
      listen: own.map((address) => address.slice(0, address.indexOf('/p2p/'))),
      stack: options.stack,
      onLine: options.onLine,
    };
    for (let tries = 1; ; tries += 1) {
      try {
        return await startNode(common);
      } catch (cause) {
        if (tries === STARTS) throw cause;
        await pause(1_000);
      }
    }
  };

  return {
    alive: () => [...nodes.keys()].filter((name) => !dead.has(name)),
    rolesOf: (name) => nodeOf(name).plan.roles,
    addresses,
    async kill(name) {
      const { process: child } = nodeOf(name);
      dead.add(name);
      process.kill(child.pid, 'SIGKILL');
      await child.exited;
    },
    async restart(name) {
      nodes.set(name, await start(name));
      dead.delete(name);
    },
  };
}
