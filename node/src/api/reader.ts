import { sameAddress, toMs } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import type { KeyRole } from '../auction/key-guard.ts';
import type { ClockReading } from '../clock/watch.ts';
import type { Core } from '../core.ts';
import type { Gossip } from '../gossip/gossip.ts';
import { TOPIC_NAMES } from '../gossip/validation.ts';
import type { Closed } from '../lifecycle/bidding-switch.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import type { Flag } from '../orders/flags.ts';
import type { SolverRole } from '../solver/solver.ts';
import type { Competitions } from '../store/competitions.ts';
import { VERSION } from '../version.ts';
import type { Watched } from '../watcher/watcher.ts';

/** Whether the node bids, and if not, why. */
export type Bidding = 'on' | Closed | 'dry run' | 'no solver';

/** What a node shows of itself; nothing in it changes anything. */
export type NodeReader = {
  readonly version: string;
  readonly network: string;
  readonly peerId: string;
  readonly roles: readonly string[];
  /** Unix milliseconds. */
  readonly startedAt: bigint;
  /** Milliseconds. */
  now(): bigint;
  bidding(): Bidding;
  /** The roles whose key another node uses. */
  contestedKeys(): readonly KeyRole[];
  /** How this machine's clock stands. */
  clock(): ClockReading;
  /** The newest block of each chain; its age by this machine's clock, in milliseconds. */
  heads(): readonly {
    readonly chain: string;
    readonly block: bigint | undefined;
    /** The chain's own time, Unix seconds. */
    readonly time: bigint | undefined;
    readonly ageMs: bigint | undefined;
  }[];
  /** Every endpoint of every chain. `forMs`: milliseconds until it is tried again. */
  rpc(): readonly {
    readonly chain: string;
    readonly rpc: string;
    readonly reasons: readonly string[];
    readonly forMs: number | undefined;
    readonly batchSize: number | undefined;
    readonly head: bigint | undefined;
  }[];
  peers(): readonly { readonly peerId: string; readonly topics: readonly string[] }[];
  /** Whether any peer is expected to be connected. */
  readonly hasBootstrap: boolean;
  orders(): readonly OrderView[];
  /** Finds an order by its intent or its order id. */
  order(id: Hex): OrderView | undefined;
  /** Whether an order was won by this node's solver. */
  isOwn(view: OrderView): boolean;
  flags(): readonly Flag[];
  events(intent: Hex): Promise<readonly OrderEvent[]>;
  auctions(): readonly Auction[];
  auction(intent: Hex): Auction | undefined;
  /** What was witnessed of auctions, over restarts too. */
  readonly competitions: Pick<Competitions, 'list' | 'read'>;
  readonly watched: readonly Watched[];
  readonly solver: Pick<SolverRole, 'quotes' | 'quotesFor' | 'holdings'> | undefined;
};

/** Creates the reader of a running node. */
export function createReader(parts: {
  readonly core: Core;
  readonly gossip: Gossip;
  readonly solver: SolverRole | undefined;
  readonly watched: readonly Watched[];
}): NodeReader {
  const { core, gossip, solver, watched } = parts;
  const { config, now, engine, auctions, store, bidding } = core;
  return {
    version: VERSION,
    network: config.network,
    peerId: gossip.peerId,
    roles: config.roles,
    startedAt: now(),
    now,
    bidding: () =>
      solver === undefined ? 'no solver' : (bidding.closed() ?? (core.dryRun ? 'dry run' : 'on')),
    contestedKeys: () => core.keys.contested().filter((role) => config.roles.includes(role)),
    clock: core.clock.reading,
    heads: () =>
      [...core.chains.clocks].map(([chain, clock]) => {
        const head = clock.head();
        const ageMs = head === undefined ? undefined : now() - toMs(head.timestamp);
        return { chain, block: head?.number, time: head?.timestamp, ageMs };
      }),
    rpc: () =>
      [...core.chains.byName.values()].flatMap(({ name, endpoints }) =>
        endpoints.map((endpoint) => ({
          chain: name,
          rpc: endpoint.label,
          reasons: endpoint.quarantined(),
          forMs: endpoint.remainingMs(),
          batchSize: endpoint.batchSize(),
          head: endpoint.head,
        })),
      ),
    peers() {
      const listening = TOPIC_NAMES.map((topic) => ({ topic, peers: new Set(gossip.subscribers(topic)) }));
      return gossip.peers().map((peerId) => ({
        peerId,
        topics: listening.filter(({ peers }) => peers.has(peerId)).map(({ topic }) => topic),
      }));
    },
    hasBootstrap: config.p2p.bootstrap.some((address) => !address.endsWith(`/p2p/${gossip.peerId}`)),
    orders: engine.all,
    order: (id) => engine.get(id) ?? engine.byOrderId(id),
    isOwn: ({ order, liquidated }) => {
      const solver = order?.solver ?? liquidated?.solver;
      const account = config.solver?.account;
      return solver !== undefined && account !== undefined && sameAddress(solver, account);
    },
    flags: core.flags.all,
    events: (intent) => store.orders.read(intent),
    auctions: auctions.all,
    auction: auctions.get,
    competitions: store.competitions,
    watched,
    solver,
  };
}
