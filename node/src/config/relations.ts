import type { Fault } from './errors.ts';
import type { Config, LimitConfig } from './schema.ts';

/**
 * Checks what one section demands of another: roles have their section, markets name a chain, domains, chain
 * ids and market ids are unique. Takes the sections that are sound, so that every fault is reported at once.
 */
export function relationFaults(config: Partial<Config>): Fault[] {
  return [
    ...roleFaults(config),
    ...chainFaults(config),
    ...quorumFaults(config),
    ...costFaults(config),
    ...limitFaults(config),
    ...marketFaults(config),
    ...apiFaults(config),
  ];
}

function roleFaults({ roles = [], ...config }: Partial<Config>): Fault[] {
  return (['solver', 'auctioneer', 'keeper'] as const)
    .filter((role) => roles.includes(role) && !(role in config))
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

function costFaults({ chains, solver }: Partial<Config>): Fault[] {
  if (chains === undefined || solver === undefined) return [];
  return Object.keys(solver.costs)
    .filter((name) => !(name in chains))
    .map((name) => ({
      path: `solver.costs.${name}`,
      problem: `No chain ${name}; there are ${Object.keys(chains).join(', ')}`,
    }));
}

function limitFaults({ chains, solver }: Partial<Config>): Fault[] {
  if (solver === undefined) return [];
  const keyOf = ({ chain, token }: LimitConfig) => `${chain} ${token}`;
  return solver.limits.flatMap((limit, index) => {
    const faults: Fault[] = [];
    const path = `solver.limits[${index}]`;
    if (chains !== undefined && !(limit.chain in chains)) {
      const known = Object.keys(chains).join(', ');
      faults.push({ path: `${path}.chain`, problem: `No chain ${limit.chain}; there are ${known}` });
    }
    if (solver.limits.slice(0, index).some((other) => keyOf(other) === keyOf(limit))) {
      faults.push({ path, problem: `${keyOf(limit)} is limited already` });
    }
    return faults;
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

function marketFaults({ chains, markets = [], roles = [] }: Partial<Config>): Fault[] {
  const faults: Fault[] = [];
  markets.forEach((market, index) => {
    if (chains !== undefined && !(market.chain in chains)) {
      const known = Object.keys(chains).join(', ');
      faults.push({
        path: `markets[${index}].chain`,
        problem: `No chain ${market.chain}; there are ${known}`,
      });
    }
    if (market.viewHelper !== undefined && !market.protocol.startsWith('aave-')) {
      const problem = `Only Aave markets have a view helper, and ${market.id} is ${market.protocol}`;
      faults.push({ path: `markets[${index}].viewHelper`, problem });
    }
    if (markets.findIndex((other) => other.id === market.id) < index) {
      faults.push({ path: `markets[${index}].id`, problem: `${market.id} is listed already` });
    }
  });
  if (roles.includes('watcher') && markets.length === 0) {
    faults.push({ path: 'markets', problem: 'The role watcher needs at least one market to watch' });
  }
  return faults;
}
