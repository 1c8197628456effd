import { startAuctioneer } from '../auctioneer/auctioneer.ts';
import type { Bus } from '../bus.ts';
import { ConfigError } from '../config/errors.ts';
import { readKey } from '../config/secrets.ts';
import type { Core } from '../core.ts';
import { startKeeper } from '../keeper/keeper.ts';
import { type SolverRole, startSolver } from '../solver/solver.ts';
import { startWatcher, type Watched } from '../watcher/watcher.ts';
import { followOrders } from './follow.ts';

/** The parts of roles that the HTTP interface shows. */
export type StartedRoles = {
  readonly solver: SolverRole | undefined;
  readonly watched: readonly Watched[];
};

/**
 * Starts the configured roles and subscribes each to the events that it acts on. A dry run starts the solver
 * alone. Throws ConfigError ROLE_NOT_CONFIGURED, and what a role's start throws.
 */
export async function startRoles(core: Core, bus: Bus): Promise<StartedRoles> {
  const { config, dryRun } = core;
  const roles = config.roles.filter((role) => !dryRun || role === 'solver');
  if (dryRun) core.telemetry.log.warn({ roles }, 'dry run: nothing is published, no transaction is sent');
  const isDraining = () => core.bidding.closed() === 'draining';

  const watched = roles.includes('watcher') ? await subscribeWatcher(core, bus, isDraining) : [];
  if (roles.includes('auctioneer')) {
    const { key } = sectionOf('auctioneer', config.auctioneer);
    const role = startAuctioneer(core, await readKey(key));
    bus.on('intent', (auction) => {
      if (!isDraining()) role.onIntent(auction);
    });
    bus.on('vote', role.onVote);
    bus.on('disavowal', role.onDisavowal);
  }
  const solver = roles.includes('solver') ? await subscribeSolver(core, bus) : undefined;
  if (roles.includes('keeper')) {
    const section = sectionOf('keeper', config.keeper);
    const role = startKeeper(core, await readKey(section.key), section);
    bus.on('certificate', role.onCertificate);
    bus.on('recorded', role.onEvent);
    bus.on('order', role.onOrder);
    bus.on('head', role.onHead);
    bus.on('unhealthy', role.onUnhealthy);
    bus.on('intent', ({ market, observed }) => role.onUnhealthy(market, observed));
  }
  if (roles.includes('solver') || roles.includes('keeper')) {
    followOrders(
      core,
      (intent, quote) => bus.emit('landed', intent, quote),
      (chain, toBlock) => bus.emit('read', chain, toBlock),
    );
  }
  return { solver, watched };
}

async function subscribeWatcher(
  core: Core,
  bus: Bus,
  isDraining: () => boolean,
): Promise<readonly Watched[]> {
  const role = await startWatcher(core, (market, observed) => bus.emit('unhealthy', market, observed));
  bus.on('head', (chain, head) => {
    if (!isDraining()) role.onHead(chain, head);
  });
  return role.watched;
}

async function subscribeSolver(core: Core, bus: Bus): Promise<SolverRole> {
  const section = sectionOf('solver', core.config.solver);
  const role = await startSolver(core, await readKey(section.key), section);
  bus.on('intent', role.onIntent);
  bus.on('quote', role.onQuote);
  bus.on('disavowal', role.onDisavowal);
  bus.on('certificate', role.onCertificate);
  bus.on('landed', role.onLanded);
  bus.on('read', role.onRead);
  bus.on('order', role.onOrder);
  bus.on('head', role.onHead);
  return role;
}

function sectionOf<T>(role: string, section: T | undefined): T {
  if (section !== undefined) return section;
  throw new ConfigError('ROLE_NOT_CONFIGURED', 'A role is on without its section of the configuration', {
    meta: { role },
  });
}
