import type { Fault } from './errors.ts';
import type { Config, LimitConfig } from './schema.ts';

/**
 * Checks what one section demands of another: roles have their section, markets name a chain, domains, chain
 * ids and market ids are unique. Takes the sections that are sound, so that every fault is reported at once.
 * Sections that have a fault already get no second one; `isGiven` tells whether a section was written at all.
 */
export function relationFaults(config: Partial<Config>, isGiven: (section: string) => boolean): Fault[] {
  return [
    ...roleFaults(config, isGiven),
    ...chainFaults(config),
    ...quorumFaults(config),
    ...tokenFaults(config),
    ...chainNameFaults(config),
    ...marketFaults(config),
    ...apiFaults(config),
  ];
}

function roleFaults({ roles = [] }: Partial<Config>, isGiven: (section: string) => boolean): Fault[] {
  return (['solver', 'auctioneer', 'keeper'] as const)
    .filter((role) => roles.includes(role) && !isGiven(role))
    .map((role) => ({ path: role, problem: `The role ${role} needs this section, with at least a key` }));
}

function chainFaults({ chains = {} }: Partial<Config>): Fault[] {
  const entries = Object.entries(chains);
  return (['domain', 'chainId'] as const).flatMap((field) =>
    entries.flatMap(([name, chain], index) => {
      const twin = entries.slice(0, index).find(([, other]) => other[field] === chain[field]);
      if (twin === undefined) return [];
      return [{ path: `chains.${name}.${field}`, problem: `${chain[field]} is also that of ${twin[0]}` }];
    }),
  );
}

function quorumFaults({ chains = {} }: Partial<Config>): Fault[] {
  return Object.entries(chains)
    .filter(([, { quorum = 1, rpc }]) => quorum > rpc.length)
    .map(([name, { quorum, rpc }]) => ({
      path: `chains.${name}.quorum`,
      problem: `${quorum} endpoints cannot agree where ${rpc.length} ${rpc.length === 1 ? 'is' : 'are'} configured: add URLs to rpc`,
    }));
}

/** Finds names of chains that are not configured: one fault for each name, however often it is written. */
function chainNameFaults({ chains, markets = [], solver }: Partial<Config>): Fault[] {
  if (chains === undefined) return [];
  const named = [
    ...markets.map(({ chain }, index) => ({ chain, path: `markets[${index}].chain` })),
    ...(solver?.costs ?? []).map(({ chain }, index) => ({ chain, path: `solver.costs[${index}].chain` })),
    ...(solver?.confirmations ?? []).flatMap(({ chain }, index) =>
      chain === undefined ? [] : [{ chain, path: `solver.confirmations[${index}].chain` }],
    ),
    ...(solver?.limits ?? []).map(({ chain }, index) => ({ chain, path: `solver.limits[${index}].chain` })),
  ].filter(({ chain }) => !(chain in chains));
  const known = Object.keys(chains).join(', ');
  return [...Map.groupBy(named, ({ chain }) => chain)].map(([chain, places]) => ({
    path: places.map(({ path }) => path).join(', '),
    problem: `No chain ${chain}; there are ${known}`,
  }));
}

function tokenFaults({ solver }: Partial<Config>): Fault[] {
  if (solver === undefined) return [];
  const keyOf = ({ chain, token }: Pick<LimitConfig, 'chain' | 'token'>) => `${chain} ${token}`;
  return (['limits', 'costs'] as const).flatMap((list) => {
    const entries: readonly Pick<LimitConfig, 'chain' | 'token'>[] = solver[list];
    return entries.flatMap((entry, index) => {
      const isTwin = entries.slice(0, index).some((other) => keyOf(other) === keyOf(entry));
      return isTwin
        ? [{ path: `solver.${list}[${index}]`, problem: `${keyOf(entry)} has an entry already` }]
        : [];
    });
  });
}

function apiFaults({ api }: Partial<Config>): Fault[] {
  if (api === undefined || api.token !== undefined || isLoopback(api.listen)) return [];
  return [
    {
      path: 'api.listen',
      problem: `${api.listen} is open to others: that needs api.token, or listen on 127.0.0.1`,
    },
  ];
}

/** Tells whether `host:port` can be reached from this machine alone. */
export function isLoopback(listen: string): boolean {
  const host = listen.slice(0, listen.lastIndexOf(':'));
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);
}

function marketFaults({ markets, roles = [] }: Partial<Config>): Fault[] {
  if (markets === undefined) return [];
  const faults: Fault[] = [];
  markets.forEach((market, index) => {
    if (markets.findIndex((other) => other.id === market.id) < index) {
      faults.push({ path: `markets[${index}].id`, problem: `${market.id} is listed already` });
    }
  });
  if (roles.includes('watcher') && markets.length === 0) {
    faults.push({ path: 'markets', problem: 'The role watcher needs at least one market to watch' });
  }
  return faults;
}
