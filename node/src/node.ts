import type { Hex } from 'viem';
import { diskGauges } from './api/disk-gauges.ts';
import { createEventStream } from './api/events.ts';
import { nodeGauges } from './api/gauges.ts';
import { createReader } from './api/reader.ts';
import { type Api, type ApiOptions, startApi } from './api/server.ts';
import { tellAuctions } from './api/tell-auctions.ts';
import { createAuctions } from './auction/auctions.ts';
import { rankAsWitness } from './auction/certify.ts';
import { GAVEL_ERRORS } from './auction/gavel-errors.ts';
import { openKeyGuards } from './auction/key-guard.ts';
import { createRecorder } from './auction/recorder.ts';
import { serveMarkets } from './auction/served-markets.ts';
import { createBus } from './bus.ts';
import { createChainAccess } from './chain/access.ts';
import { connectChains, verifyChain } from './chain/client.ts';
import { endpointGauges } from './chain/gauges.ts';
import { createSender } from './chain/sender.ts';
import { createSteadyClock } from './clock/steady.ts';
import { createClockWatch } from './clock/watch.ts';
import { maxOffsetOf } from './config/clock.ts';
import type { Config } from './config/schema.ts';
import { readToken } from './config/secrets.ts';
import type { Core } from './core.ts';
import { type Gossip, startGossip } from './gossip/gossip.ts';
import { createPublish } from './gossip/publish.ts';
import { openBiddingSwitch } from './lifecycle/bidding-switch.ts';
import { drain } from './lifecycle/drain.ts';
import { followChain, validateGossip } from './lifecycle/listen.ts';
import { startPruning } from './lifecycle/prune.ts';
import { startRoles } from './lifecycle/roles.ts';
import { keepTime } from './lifecycle/timekeeper.ts';
import { createCounters, logCounters } from './observe/counters.ts';
import { createRegistry, registerGauges } from './observe/gauges.ts';
import type { Logger } from './observe/logger.ts';
import { childOf } from './observe/telemetry.ts';
import type { OrderEvent } from './order/events.ts';
import { createEngine } from './orders/engine.ts';
import { createFlags } from './orders/flags.ts';
import { createOrderLog } from './orders/order-log.ts';
import { createScheduler } from './runtime/scheduler.ts';
import type { Scope } from './runtime/scope.ts';
import type { QuoteRecord, VoteRecord } from './store/records.ts';
import { openStore } from './store/store.ts';

/** A running node. */
export type Node = {
  readonly peerId: string;
  /** Returns the multiaddrs that the node listens on. */
  addresses(): string[];
  /** Returns the ids of the connected peers. */
  peers(): string[];
  /** Where the HTTP interface is, if it is on. */
  readonly api: string | undefined;
  /**
   * Promise nothing new, and wait until what is in flight is done, or for as long as the configuration
   * allows.
   */
  drain(): Promise<void>;
};

/**
 * Builds a node from its configuration and starts it: everything is made and wired here, everything that must
 * be let go of is deferred to `scope`. Resolves when the node has joined the network and its roles run.
 * Throws the error of the first part that cannot start (ChainError, StoreError, GossipError, ConfigError,
 * ModuleError, SdkError); close the scope then.
 */
export async function startNode(
  config: Config,
  options: {
    readonly scope: Scope;
    readonly log: Logger;
    readonly dryRun?: boolean;
    /** The wall clock to go by, Unix milliseconds; this machine's by default. */
    readonly wall?: () => number;
    /** Milliseconds of a clock that cannot be set; this machine's by default. */
    readonly steady?: () => number;
  },
): Promise<Node> {
  const { scope, log, dryRun = false, wall = Date.now } = options;
  const { steady = createSteadyClock({ wall }) } = options;
  const { signal } = scope;
  const registry = createRegistry();
  const telemetry = { log, metrics: createCounters(registry) };
  const stream = createEventStream(() => BigInt(Math.floor(wall())));
  const clock = createClockWatch({
    wall,
    steady,
    maxOffsetMs: maxOffsetOf(config),
    chains: Object.keys(config.chains).length,
    telemetry: childOf(telemetry, { module: 'clock' }),
    tell: stream.tell,
  });
  const { now } = clock;
  logCounters({ ...telemetry, signal });
  const scheduler = createScheduler({ now, signal, log });

  // The store first, since it waits for nothing: a bad disk is reported at once.
  // On paper nothing is promised, so what is remembered of real promises is left alone.
  const dir = `${config.dataDir}/${dryRun ? 'paper-store' : 'store'}`;
  const store = await openStore<OrderEvent, VoteRecord, QuoteRecord>({
    dir,
    log,
    now,
    // What cannot be remembered must not be promised: nothing goes on without a disk.
    onFailure: (error) => scope.fail('store', error),
  });
  scope.defer(() => store.close(), 'store');

  const chains = connectChains(config, childOf(telemetry, { module: 'rpc' }), GAVEL_ERRORS);
  for (const chain of chains.values()) scope.defer(chain.close, `rpc of ${chain.name}`);
  await Promise.all([...chains.values()].map((chain) => verifyChain(chain, { signal, log })));
  const markets = serveMarkets(config, chains);
  const auctions = createAuctions();

  const keys = await openKeyGuards({
    file: `${config.dataDir}/${dryRun ? 'paper-keys' : 'keys'}.json`,
    now,
    telemetry,
    tell: stream.tell,
  });
  const bidding = await openBiddingSwitch({
    file: `${config.dataDir}/paused`,
    isKeyContested: () => !keys.of('solver').isOurs(),
    isClockOff: clock.isOff,
    log,
  });

  const bus = createBus();
  const quotesOf = (intent: Hex) => auctions.get(intent)?.quotes.size ?? 0;
  const orderLog = createOrderLog({ telemetry, quotesOf, tell: stream.tell });
  const recorder = createRecorder({
    competitions: store.competitions,
    rank: rankAsWitness,
    now,
    telemetry: childOf(telemetry, { module: 'recorder' }),
  });
  scope.defer(recorder.written, 'recorder');
  const engine = createEngine({
    orders: store.orders,
    onRecorded: (view, event) => {
      orderLog(view, event);
      bus.emit('recorded', event);
    },
    onChanged: (view) => bus.emit('order', view),
    telemetry,
    now,
  });
  await engine.load();
  const flags = createFlags({
    tell: (msg, fields) => {
      log.info(fields, msg);
      stream.tell(msg, fields);
    },
  });

  let gossip: Gossip | undefined;
  const publish = dryRun
    ? async () => false
    : createPublish({ send: async (topic, bytes) => gossip?.publish(topic, bytes), telemetry });
  const core: Core = {
    config,
    scope,
    telemetry,
    now,
    clock,
    scheduler,
    chains: createChainAccess(chains, (chain, key) =>
      createSender({ chain, key, telemetry, journal: store.transactions, signal }),
    ),
    markets,
    auctions,
    store,
    engine,
    flags,
    recorder,
    publish,
    keys,
    bidding,
    tell: stream.tell,
    dryRun,
  };
  tellAuctions(bus, stream);
  const { solver, watched } = await startRoles(core, bus);
  for (const view of engine.open()) bus.emit('order', view);

  gossip = await startGossip({
    network: config.network,
    p2p: config.p2p,
    knownPeers: `${config.dataDir}/peers.json`,
    validators: validateGossip(core, bus),
    telemetry: childOf(telemetry, { module: 'p2p' }),
    signal,
    clock,
  });
  scope.defer(gossip.stop, 'gossip');
  keepTime(core, gossip);
  for (const chain of chains.values()) followChain(chain, core, bus);

  startPruning(core);

  const reader = createReader({ core, gossip, solver, watched });
  registerGauges(
    registry,
    [...nodeGauges(reader), ...endpointGauges(chains), ...diskGauges(dir)],
    (gauge, error) => log.warn({ err: error, gauge }, 'gauge not read'),
  );
  const api = await serveApi(config, {
    reader,
    keys,
    bidding,
    stream,
    registry,
    log: log.child({ module: 'api' }),
  });
  if (api !== undefined) scope.defer(api.close, 'api');
  return {
    peerId: gossip.peerId,
    addresses: gossip.addresses,
    peers: gossip.peers,
    api: api?.url,
    drain: () => drain({ core, solver }),
  };
}

async function serveApi(
  config: Config,
  parts: Omit<ApiOptions, 'listen' | 'token'>,
): Promise<Api | undefined> {
  if (config.api === undefined) return undefined;
  const { listen, token } = config.api;
  return startApi({ ...parts, listen, token: token === undefined ? undefined : await readToken(token) });
}
