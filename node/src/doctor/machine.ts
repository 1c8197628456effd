import { constants } from 'node:fs';
import { access, mkdir, stat, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { relative } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import type { Fault } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
import { needsProtocols, protocolFaults } from '../positions/protocols.ts';
import { loadStrategy, strategyFaults } from '../solver/strategy.ts';
import { examine, type Finding } from './finding.ts';

/** Bytes below which a disk is nearly full. */
const LITTLE_SPACE = 1 << 30;

/** Milliseconds a peer has to answer. */
const DIAL_MS = 4_000;

/** Checks what lies on this machine: data directory, identity, strategy, protocols. */
export async function examineMachine(config: Config): Promise<Finding[]> {
  const { dataDir, p2p, solver, roles, markets } = config;
  const directory = await examine(
    'machine',
    'data directory',
    `Let this user create and write ${dataDir}`,
    async () => {
      await mkdir(dataDir, { recursive: true });
      await access(dataDir, constants.R_OK | constants.W_OK);
      const { bavail, bsize } = await statfs(dataDir);
      const free = bavail * bsize;
      const found = `${dataDir}, ${(free / 2 ** 30).toFixed(1)} GiB free`;
      if (free > LITTLE_SPACE) return found;
      return { status: 'warn', found, next: 'Make room: a node that cannot write stops' };
    },
  );
  const isWithin = !relative(dataDir, p2p.identity).startsWith('..');
  const findings = [
    examine(
      'machine',
      'identity',
      'Let this user read the file, or delete it for a new identity',
      async () => {
        const mode = await modeOf(p2p.identity);
        if (mode === undefined) return 'made on first start';
        if ((mode & 0o077) === 0) return p2p.identity;
        const found = `${p2p.identity} can be read by others`;
        return { status: 'warn', found, next: `chmod 600 ${p2p.identity}` };
      },
      directory.status === 'fail' && isWithin ? directory : undefined,
    ),
  ];
  if (solver !== undefined && roles.includes('solver')) {
    findings.push(
      examineModules('strategy', strategyFaults, config, async () => {
        return (await loadStrategy(solver.strategy, solver.options)).name;
      }),
    );
  }
  if (markets.length > 0 && needsProtocols(config)) {
    const protocols = [...new Set(markets.map(({ protocol }) => protocol))];
    findings.push(examineModules('protocols', protocolFaults, config, async () => protocols.join(', ')));
  }
  return [directory, ...(await Promise.all(findings))];
}

/** Loads what may be modules, and tells the first fault. */
function examineModules(
  check: string,
  faultsOf: (config: Config) => Promise<Fault[]>,
  config: Config,
  found: () => Promise<string>,
): Promise<Finding> {
  return examine('machine', check, 'Correct the configuration', async () => {
    const [fault] = await faultsOf(config);
    if (fault === undefined) return found();
    return { status: 'fail', found: fault.problem, next: `Correct ${fault.path}` };
  });
}

/** Checks that every bootstrap peer takes connections. */
export async function examinePeers({ p2p }: Config): Promise<Finding[]> {
  if (p2p.bootstrap.length === 0) {
    const found = 'no bootstrap peers';
    const next = 'Add one to p2p.bootstrap, unless others dial this node';
    return [{ subject: 'network', check: 'peers', status: 'warn', found, next }];
  }
  return Promise.all(
    p2p.bootstrap.map((address) => {
      const next = 'Is the peer up, its address right, and its port open to us? The node goes on trying';
      return examine('network', `peer ${shorten(address)}`, next, () => dial(address));
    }),
  );
}

/** Checks whether a node runs behind the configured interface. */
export async function examineApi({ api }: Config): Promise<Finding[]> {
  if (api === undefined) {
    const next = 'Add "api: {}" to see orders, quotes and metrics';
    return [{ subject: 'machine', check: 'api', status: 'warn', found: 'off', next }];
  }
  return [
    await examine('machine', 'api', 'Is the node running? gavel start', async () => {
      const port = Number(api.listen.slice(api.listen.lastIndexOf(':') + 1));
      const answers = await reachable('127.0.0.1', port);
      return answers ? `${api.listen} answers` : `${api.listen} is free: no node is running`;
    }),
  ];
}

async function dial(address: string): Promise<string> {
  const parts = multiaddr(address).getComponents();
  const partOf = (...names: string[]) => parts.find(({ name }) => names.includes(name))?.value;
  const [host, port] = [partOf('ip4', 'ip6', 'dns', 'dns4', 'dns6'), partOf('tcp')];
  if (host === undefined || port === undefined) throw new TypeError('The address has no host and TCP port');
  const started = performance.now();
  if (!(await reachable(host, Number(port)))) throw new TypeError('No connection');
  return `answers after ${Math.round(performance.now() - started)} ms`;
}

function reachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DIAL_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function shorten(address: string): string {
  return address.replace(/(\/p2p\/.{6}).+(.{4})$/, '$1…$2');
}
