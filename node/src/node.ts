import type { Certificate, SignedQuote, Vote } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import { diskGauges } from './api/disk-gauges.ts';
import { createEventStream, type EventStream } from './api/events.ts';
import { nodeGauges } from './api/gauges.ts';
import { createReader } from './api/reader.ts';
import { type Api, type ApiOptions, startApi } from './api/server.ts';
import { type Auction, createAuctions } from './auction/auctions.ts';
import { rankAsWitness } from './auction/certify.ts';
import type { Observation } from './auction/derive.ts';
import { createExchange } from './auction/exchange.ts';
import { GAVEL_ERRORS } from './auction/gavel-errors.ts';
import { createHomeReads } from './auction/home-reads.ts';
import { createMarket, indexMarkets, type Market } from './auction/market.ts';
import { createRecorder } from './auction/recorder.ts';
import { startAuctioneer } from './auctioneer/auctioneer.ts';
import { type ChainClock, createChainClock } from './chain/chain-clock.ts';
import { type Chain, connectChains, verifyChain } from './chain/client.ts';
import { endpointGauges } from './chain/gauges.ts';
import { followHeads, type Head } from './chain/heads.ts';
import { createSender } from './chain/sender.ts';
import { createDescribeToken } from './chain/tokens.ts';
import { createSteadyClock } from './clock/steady.ts';
import { createClockWatch } from './clock/watch.ts';
import { maxOffsetOf } from './config/clock.ts';
import type { Config } from './config/schema.ts';
import { readKey, readToken } from './config/secrets.ts';
import type { Core, ServedMarket } from './core.ts';
import { type Gossip, startGossip } from './gossip/gossip.ts';
import { createPublish } from './gossip/publish.ts';
import type { TopicName, Validator } from './gossip/validation.ts';
import { startKeeper } from './keeper/keeper.ts';
import { openBiddingSwitch } from './lifecycle/bidding-switch.ts';
import { drain } from './lifecycle/drain.ts';
import { followOrders } from './lifecycle/follow.ts';
import { startPruning } from './lifecycle/prune.ts';
import { keepTime } from './lifecycle/timekeeper.ts';
import { createCounters, logCounters } from './observe/counters.ts';
import { createRegistry, registerGauges } from './observe/gauges.ts';
import type { Logger } from './observe/logger.ts';
import { childOf } from './observe/telemetry.ts';
import type { OrderEvent } from './order/events.ts';
import type { OrderView } from './order/fold.ts';
import { createEngine } from './orders/engine.ts';
import { createFlags } from './orders/flags.ts';
import { createOrderLog } from './orders/order-log.ts';
import { FlowError } from './runtime/errors.ts';
import { createScheduler } from './runtime/scheduler.ts';
import type { Scope } from './runtime/scope.ts';
import { type SolverRole, startSolver } from './solver/solver.ts';
import type { QuoteRecord, VoteRecord } from './store/records.ts';
import { openStore } from './store/store.ts';
import { startWatcher, type Watched } from './watcher/watcher.ts';

/**
 * Milliseconds a message waits for the intent it refers to, and an intent for the block it was observed at.
 */
const INTENT_WAIT_MS = 1_500;
const BLOCK_WAIT_MS = 1_500;

/** A running node. */
export type Node = {
  readonly peerId: string;
  addresses(): string[];
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
 * Throws the error of the first part that cannot start (ChainError, StoreError, P2pError, ConfigError,
 * FlowError, SdkError); close the scope then.
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
  const clocks = new Map([...chains.keys()].map((name) => [name, createChainClock()]));
  const markets = serveMarkets(config, chains);
  const auctions = createAuctions();

  const bidding = await openBiddingSwitch({ file: `${config.dataDir}/paused`, isClockOff: clock.isOff, log });

  // Roles are made after what they use; no event happens before they exist.
  const listeners: Listeners = {
    head: [],
    intent: [],
    quote: [],
    vote: [],
    certificate: [],
    landed: [],
    unhealthy: [],
    order: [],
    event: [],
  };
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
      tell(listeners.event, (listener) => listener(event));
    },
    onChanged: (view) => tell(listeners.order, (listener) => listener(view)),
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
    chains,
    clocks,
    markets,
    auctions,
    store,
    engine,
    flags,
    recorder,
    publish,
    describe: createDescribeToken(chains),
    chainOf: (domain) => chainOf(chains, domain),
    sendersOf: (key) => (chain) =>
      createSender({ chain, key, telemetry, journal: store.transactions, signal }),
    chainTime: (name) => clocks.get(name)?.head()?.timestamp,
    bidding,
    tell: stream.tell,
    dryRun,
  };
  tellAuctions(listeners, stream);
  const { solver, watched } = await startRoles(core, listeners);
  for (const view of engine.open()) tell(listeners.order, (listener) => listener(view));

  gossip = await startGossip({
    network: config.network,
    p2p: config.p2p,
    knownPeers: `${config.dataDir}/peers.json`,
    validators: validators(core, listeners),
    telemetry: childOf(telemetry, { module: 'p2p' }),
    signal,
    clock,
  });
  scope.defer(gossip.stop, 'gossip');
  keepTime(core, gossip);
  for (const chain of chains.values()) followChain(chain, core, listeners);

  startPruning(core);

  const reader = createReader({ core, gossip, solver, watched });
  registerGauges(
    registry,
    [...nodeGauges(reader), ...endpointGauges(chains), ...diskGauges(dir)],
    (gauge, error) => log.warn({ err: error, gauge }, 'gauge not read'),
  );
  const api = await serveApi(config, {
    reader,
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

type Listeners = {
  readonly head: ((chain: string, head: Head) => void)[];
  readonly intent: ((auction: Auction) => void)[];
  readonly quote: ((auction: Auction, digest: Hex, signed: SignedQuote) => void)[];
  readonly vote: ((auction: Auction, voter: Address, vote: Vote) => void)[];
  readonly certificate: ((auction: Auction, certificate: Certificate) => void)[];
  readonly landed: ((intent: `0x${string}`, quote: `0x${string}`) => void)[];
  readonly unhealthy: ((market: Market, observed: Observation) => void)[];
  readonly order: ((view: OrderView) => void)[];
  readonly event: ((event: OrderEvent) => void)[];
};

/** Tells of auctions in the words of the log. */
function tellAuctions(listeners: Listeners, { tell }: EventStream): void {
  listeners.intent.push(({ market, observed: { digest, intent } }) => {
    const { repay, seizable, quoteBy, openBy } = intent;
    tell('intent received', { intent: digest, market: market.name, repay, seizable, quoteBy, openBy });
  });
  listeners.certificate.push(({ market, observed }, { award, quotes }) => {
    const { solver, ask, payDomain } = quotes[0]?.quote ?? {};
    const fields = { attempt: award.attempt, ranked: quotes.length, solver, ask, payDomain };
    tell('certificate', { intent: observed.digest, market: market.name, ...fields });
  });
}

async function serveApi(
  config: Config,
  parts: Omit<ApiOptions, 'listen' | 'token'>,
): Promise<Api | undefined> {
  if (config.api === undefined) return undefined;
  const { listen, token } = config.api;
  return startApi({ ...parts, listen, token: token === undefined ? undefined : await readToken(token) });
}

/** What the interface shows of roles. */
type Started = { readonly solver: SolverRole | undefined; readonly watched: readonly Watched[] };

/** Starts the configured roles, and subscribe each to what it listens to. On paper only the solver's. */
async function startRoles(core: Core, listeners: Listeners): Promise<Started> {
  const { config, bidding, dryRun } = core;
  const { auctioneer, solver, keeper } = config;
  const roles = config.roles.filter((role) => !dryRun || role === 'solver');
  if (dryRun) core.telemetry.log.warn({ roles }, 'dry run: nothing is published, no transaction is sent');
  const isDraining = () => bidding.closed() === 'draining';
  const started: { solver: SolverRole | undefined; watched: readonly Watched[] } = {
    solver: undefined,
    watched: [],
  };
  if (roles.includes('watcher')) {
    const role = startWatcher(core, (market, observed) =>
      tell(listeners.unhealthy, (listener) => listener(market, observed)),
    );
    listeners.head.push((chain, head) => {
      if (!isDraining()) role.onHead(chain, head);
    });
    started.watched = role.watched;
  }
  if (roles.includes('auctioneer')) {
    const section = present('auctioneer', auctioneer);
    const role = startAuctioneer(core, await readKey(section.key));
    listeners.intent.push((auction) => {
      if (!isDraining()) role.onIntent(auction);
    });
    listeners.vote.push(role.onVote);
  }
  if (roles.includes('solver')) {
    const section = present('solver', solver);
    const role = await startSolver(core, await readKey(section.key), section);
    listeners.intent.push(role.onIntent);
    listeners.quote.push(role.onQuote);
    listeners.certificate.push(role.onCertificate);
    listeners.landed.push(role.onLanded);
    listeners.order.push(role.onOrder);
    listeners.head.push(role.onHead);
    started.solver = role;
  }
  if (roles.includes('keeper')) {
    const section = present('keeper', keeper);
    const role = startKeeper(core, await readKey(section.key), section);
    listeners.certificate.push(role.onCertificate);
    listeners.event.push(role.onEvent);
    listeners.order.push(role.onOrder);
    listeners.head.push(role.onHead);
    listeners.unhealthy.push(role.onUnhealthy);
    listeners.intent.push(({ market, observed }) => role.onUnhealthy(market, observed));
  }
  if (roles.includes('solver') || roles.includes('keeper'))
    followOrders(core, (intent, quote) => tell(listeners.landed, (listener) => listener(intent, quote)));
  return started;
}

/** Wires the three topics' validators to the auctions and to the roles. */
function validators(core: Core, listeners: Listeners): Record<TopicName, Validator> {
  const { auctions, now, config, markets, clocks, telemetry, scheduler, publish, recorder } = core;
  return createExchange({
    recorder,
    auctions,
    findMarket: indexMarkets(markets.map(({ market }) => market)),
    now,
    clockTolerance: BigInt(config.auction.clockToleranceMs),
    intentWaitMs: INTENT_WAIT_MS,
    block: async (market, number) => {
      await clocks.get(market.chain)?.reach(number, BLOCK_WAIT_MS);
      return market.reads.block(number);
    },
    scheduler,
    publish,
    onIntent: (auction) => tell(listeners.intent, (listener) => listener(auction)),
    onQuote: (auction, digest, signed) =>
      tell(listeners.quote, (listener) => listener(auction, digest, signed)),
    onVote: (auction, voter, vote) => tell(listeners.vote, (listener) => listener(auction, voter, vote)),
    onCertificate: (auction, certificate) =>
      tell(listeners.certificate, (listener) => listener(auction, certificate)),
    telemetry,
  });
}

function followChain(chain: Chain, core: Core, listeners: Listeners): void {
  const log = core.telemetry.log.child({ module: 'chain' });
  const clock: ChainClock | undefined = core.clocks.get(chain.name);
  core.scope.spawn(`heads of ${chain.name}`, async (signal) => {
    for await (const head of followHeads({ chain, signal, log })) {
      clock?.advance(head);
      if (core.config.clock.chains) core.clock.sawHead(chain, head);
      tell(listeners.head, (listener) => listener(chain.name, head));
    }
  });
}

function serveMarkets(config: Config, chains: ReadonlyMap<string, Chain>): ServedMarket[] {
  const reads = new Map([...chains.values()].map((chain) => [chain.name, createHomeReads(chain)]));
  return config.markets.flatMap((entry) => {
    const chain = chains.get(entry.chain);
    const read = reads.get(entry.chain);
    if (chain === undefined || read === undefined) return []; // the configuration's check has refused it already
    const home = { chainId: chain.chainId, escrow: chain.contracts.collateralEscrow };
    const market = createMarket({
      name: entry.id,
      chain: chain.name,
      domain: chain.domain,
      home,
      reads: read,
    });
    return [{ market, config: entry, chain }];
  });
}

function chainOf(chains: ReadonlyMap<string, Chain>, domain: number): Chain {
  for (const chain of chains.values()) if (chain.domain === domain) return chain;
  throw new FlowError('CHAIN_NOT_CONFIGURED', 'No configured chain has this domain: add it to chains', {
    meta: { domain },
  });
}

function present<T>(role: string, section: T | undefined): T {
  if (section !== undefined) return section;
  throw new FlowError('ROLE_NOT_CONFIGURED', 'A role is on without its section of the configuration', {
    meta: { role },
  });
}

function tell<L>(listeners: readonly L[], call: (listener: L) => void): void {
  for (const listener of listeners) call(listener);
}
