import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encryptKey } from '@gavel/protocol/keystore';
import type { Hex } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quorumOf } from '../chain/client.ts';
import { ConfigError, type Fault } from './errors.ts';
import { type Flags, loadConfig } from './load.ts';
import { redactConfig } from './redact.ts';
import type { Env } from './secrets.ts';
import { readKey } from './secrets.ts';

const KEY: Hex = `0x${'01'.repeat(32)}`;
const ADDRESS = '0x00000000000000000000000000000000000000aa';
const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';

const good = `
network: devnet
dataDir: data
roles: [watcher, solver]
p2p: { listen: [/ip4/127.0.0.1/tcp/0], bootstrap: [/ip4/127.0.0.1/tcp/9740/p2p/${PEER}] }
chains:
  alpha: &chain
    chainId: 31337
    domain: 1001
    rpc: [https://rpc.example.org/v3/SECRETKEY]
    fromBlock: 12
    contracts:
      collateralEscrow: ${ADDRESS}
      repaymentEscrow: ${ADDRESS}
      bonds: ${ADDRESS}
      registry: ${ADDRESS}
      mailbox: ${ADDRESS}
markets:
  - { id: aave-alpha, chain: alpha, protocol: aave-v3, source: ${ADDRESS} }
solver:
  key: { env: GAVEL_SOLVER_KEY }
  account: ${ADDRESS}
  payout: ${ADDRESS}
  strategy: strategies/spread.ts
  options: { marginBps: 30 }
`;

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-config-'));
});

afterEach(() => rm(dir, { recursive: true }));

let warnings: Fault[];

async function load(yaml: string, env: Env = { GAVEL_SOLVER_KEY: KEY }, flags: Flags = {}) {
  const file = join(dir, 'node.yaml');
  await writeFile(file, yaml);
  warnings = [];
  return loadConfig({ file, env, flags, warn: (warning) => warnings.push(warning) });
}

async function faultsOf(yaml: string, env?: Env, flags?: Flags): Promise<readonly Fault[]> {
  const error: unknown = await load(yaml, env, flags).catch((cause) => cause);
  if (!(error instanceof ConfigError)) throw error;
  expect(error.code).toBe('INVALID');
  return error.faults;
}

test('a sound file is read, with defaults, absolute paths, and nothing to change', async () => {
  const config = await load(good);
  expect(config).toMatchObject({
    network: 'devnet',
    dataDir: join(dir, 'data'),
    roles: ['watcher', 'solver'],
    log: { level: 'info', format: 'json' },
    p2p: { identity: join(dir, 'data', 'identity.key'), maxPeers: 50 },
    chains: {
      alpha: { domain: 1001, fromBlock: 12n, pollMs: 1_000, contracts: { mailbox: expect.any(String) } },
    },
    solver: {
      strategy: join(dir, 'strategies/spread.ts'),
      options: { marginBps: 30 },
      confirmations: [{ confirmations: 1 }],
    },
    auction: { tallyWaitMs: 400 },
  });
  expect(config.chains.alpha?.contracts.mailbox.toLowerCase()).toBe(ADDRESS);
  expect(() => Object.assign(config.p2p, { maxPeers: 1 })).toThrow(TypeError);
});

test('the environment overrides the file, flags override both', async () => {
  const env = {
    GAVEL_SOLVER_KEY: KEY,
    GAVEL_CONFIG: 'ignored here',
    GAVEL_LOG__LEVEL: 'warn',
    GAVEL_DATA_DIR: '/var/lib/gavel',
    GAVEL_P2P__MAX_PEERS: '7',
    GAVEL_CHAINS__ALPHA__RPC: '["http://a.example", "http://b.example"]',
    GAVEL_CHAINS__ALPHA__CONTRACTS__MAILBOX: '0x00000000000000000000000000000000000000bb',
  };
  const config = await load(good, env, { logLevel: 'debug' });
  expect(config.log.level).toBe('debug');
  expect(config.dataDir).toBe('/var/lib/gavel');
  expect(config.p2p).toMatchObject({ maxPeers: 7, identity: '/var/lib/gavel/identity.key' });
  expect(config.chains.alpha?.rpc).toEqual(['http://a.example', 'http://b.example']);
  expect(config.chains.alpha?.contracts.mailbox.toLowerCase()).toBe(
    '0x00000000000000000000000000000000000000bb',
  );
  const flagged = await load(good, env, { dataDir: 'here' });
  expect(flagged.dataDir).toBe(resolve('here'));
});

test('variables of other programs set nothing, those of our commands neither', async () => {
  const kubernetes = {
    GAVEL_SERVICE_HOST: '10.96.4.1',
    GAVEL_SERVICE_PORT: '9090',
    GAVEL_SERVICE_PORT_METRICS: '9090',
    GAVEL_PORT: 'tcp://10.96.4.1:9090',
    GAVEL_PORT_9090_TCP: 'tcp://10.96.4.1:9090',
    GAVEL_PORT_9090_TCP_ADDR: '10.96.4.1',
    GAVEL_PORT_9090_TCP_PORT: '9090',
    GAVEL_PORT_9090_TCP_PROTO: 'tcp',
    GAVEL_API_PORT_9750_TCP: 'tcp://10.96.4.2:9750',
    GAVEL_SOLVER_SERVICE_HOST: '10.96.4.3',
  };
  const commands = { GAVEL_CONFIG: 'a', GAVEL_API_URL: 'http://b', GAVEL_API_TOKEN: 'c' };
  const sound = await load(good);
  expect(await load(good, { GAVEL_SOLVER_KEY: KEY, ...kubernetes, ...commands })).toEqual(sound);
  expect(warnings).toEqual([]);
});

test('a variable that resembles one of ours is warned of, and sets nothing', async () => {
  const sound = await load(good);
  const slips = {
    GAVEL_API_TOKN: 'GAVEL_API_TOKEN',
    GAVEL_CHAINS_ALPHA_RPC: 'GAVEL_CHAINS__ALPHA__RPC',
    GAVEL_CHIANS__ALPHA__RPC: 'GAVEL_CHAINS__ALPHA__RPC',
    GAVEL_COLOUR__X: 'NETWORK, DATA_DIR',
    GAVEL_CONFG: 'GAVEL_CONFIG',
    GAVEL_DATADIR: 'GAVEL_DATA_DIR',
    GAVEL_LOG_LEVEL: 'GAVEL_LOG__LEVEL',
    GAVEL_ROLE: 'GAVEL_ROLES',
  };
  const env = Object.fromEntries(Object.keys(slips).map((name) => [name, 'debug']));
  expect(await load(good, { GAVEL_SOLVER_KEY: KEY, ...env })).toEqual(sound);
  expect(warnings).toEqual(
    Object.entries(slips).map(([path, meant]) => ({ path, problem: expect.stringContaining(meant) })),
  );
  // A setting of ours that is wrong is still a fault.
  expect(await faultsOf(good, { GAVEL_SOLVER_KEY: KEY, GAVEL_LOG__LEVL: 'debug' })).toMatchObject([
    { path: 'log.levl' },
  ]);
});

test.each<[string, string, Env, string]>([
  [
    'a section that is broken is not called missing',
    good.replace(`payout: ${ADDRESS}`, 'payout: 0x12'),
    {},
    'solver.payout',
  ],
  [
    'nor are markets that are broken',
    good.replace('protocol: aave-v3', 'protocol: compound'),
    {},
    'markets[0].protocol',
  ],
  [
    'an empty address is not also malformed',
    good.replace(`payout: ${ADDRESS}`, "payout: ''"),
    {},
    'solver.payout',
  ],
  [
    'a price that is no number is not also zero',
    good.replace('fromBlock: 12', 'fees: { maxFeeGwei: cheap }'),
    {},
    'chains.alpha.fees.maxFeeGwei',
  ],
  [
    'a chain that is misspelled in one place is one fault',
    good
      .replace('  options:', `  limits: [{ chain: alhpa, token: ${ADDRESS}, perHour: "1" }]\n  options:`)
      .replace('chain: alpha', 'chain: alhpa'),
    {},
    'markets[0].chain, solver.limits[0].chain',
  ],
  [
    'a key that roles share is one fault',
    `${good}keeper: { key: { env: NOWHERE } }\n`
      .replace('GAVEL_SOLVER_KEY', 'NOWHERE')
      .replace('[watcher, solver]', '[watcher, solver, keeper]'),
    {},
    'solver.key, keeper.key',
  ],
  [
    'a variable that is no YAML does not leave its setting missing',
    good.replace('network: devnet', ''),
    { GAVEL_NETWORK: '[' },
    'GAVEL_NETWORK',
  ],
  ['nor its section', `${good.split('solver:\n')[0]}`, { GAVEL_SOLVER: '{' }, 'GAVEL_SOLVER'],
])('one cause is one fault: %s', async (_, yaml, env, path) => {
  expect((await faultsOf(yaml, { GAVEL_SOLVER_KEY: KEY, ...env })).map((fault) => fault.path)).toEqual([
    path,
  ]);
});

test('an address with capitals has its checksum, and none is zero, wherever it is', async () => {
  const sound = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
  const places = (address: string) =>
    `${good.replaceAll(ADDRESS, address).replace('  options:', `  limits: [{ chain: alpha, token: ${address}, perHour: "1" }]\n  options:`)}
keeper: { key: { env: GAVEL_SOLVER_KEY }, collect: { to: ${address} } }
`;
  for (const same of [sound, sound.toLowerCase(), `0x${sound.slice(2).toUpperCase()}`]) {
    expect((await load(places(same))).solver?.payout).toBe(sound);
  }
  const mistyped = sound.replace('5aAe', '5aAf');
  for (const [address, word] of [
    [mistyped, 'checksum'],
    [`0x${'0'.repeat(40)}`, 'zero'],
  ] as const) {
    const faults = await faultsOf(places(address));
    expect(faults).toHaveLength(10);
    for (const { problem } of faults) expect(problem).toContain(word);
  }
});

test('confirmations are one number, or tiers by value', async () => {
  const tiers = (written: string) => `${good}  confirmations: ${written}\n`;
  const read = async (written: string) => (await load(tiers(written))).solver?.confirmations;
  expect(await read('4')).toEqual([{ confirmations: 4 }]);
  const two = [{ upTo: '1000', confirmations: 1 }, { confirmations: 12 }];
  expect(await read('[{ upTo: "1000", confirmations: 1 }, { confirmations: 12 }]')).toEqual(two);
  for (const wrong of [
    '[{ upTo: "1000", confirmations: 1 }]', // nothing said of more
    '[{ confirmations: 1 }, { confirmations: 12 }]',
    '[{ upTo: "1000", confirmations: 1 }, { upTo: "10", confirmations: 2 }, { confirmations: 12 }]',
    '[]',
    '-1',
  ]) {
    expect((await faultsOf(tiers(wrong))).map(({ path }) => path)).toContain('solver.confirmations');
  }
});

test('a package of strategies stays a package', async () => {
  const config = await load(good.replace('strategies/spread.ts', '"@acme/strategies/spread"'));
  expect(config.solver?.strategy).toBe('@acme/strategies/spread');
});

test('every fault is reported at once, wherever it is', async () => {
  const faults = await faultsOf(
    `
network: Dev Net
roles: [watcher, keeper, baker]
colour: red
p2p: { listen: [127.0.0.1:9740], maxPeers: many, bootstrap: [/ip4/127.0.0.1/tcp/1] }
chains:
  alpha:
    chainId: 31337
    domain: 1001
    rpc: []
    contracts: { collateralEscrow: 0x12, repaymentEscrow: ${ADDRESS}, bonds: ${ADDRESS}, registry: ${ADDRESS} }
markets:
  - { id: one, chain: beta, protocol: compound, source: ${ADDRESS} }
solver: { key: "${KEY}", account: ${ADDRESS}, payout: ${ADDRESS}, strategy: x.ts }
`,
    { GAVEL_LOG__LEVEL: 'loud' },
  );
  const paths = faults.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'network',
      'dataDir',
      'roles[2]',
      'colour',
      'p2p.listen[0]',
      'p2p.maxPeers',
      'p2p.bootstrap[0]',
      'chains.alpha.rpc',
      'chains.alpha.contracts.collateralEscrow',
      'chains.alpha.contracts.mailbox',
      'markets[0].protocol',
      'solver.key',
      'log.level',
    ]),
  );
  expect(JSON.stringify(faults)).not.toContain(KEY);
});

test('one endpoint may be written as such, and several agree by majority unless told otherwise', async () => {
  const one = await load(
    good.replace('[https://rpc.example.org/v3/SECRETKEY]', 'wss://rpc.example.org/SECRETKEY'),
  );
  const { alpha } = one.chains;
  expect(alpha?.rpc).toEqual(['wss://rpc.example.org/SECRETKEY']);
  expect(alpha?.fees.maxFeeGwei).toBe(500_000_000_000n);
  const urls = (count: number) => Array.from({ length: count }, (_, index) => `https://${index}.example.org`);
  expect([1, 2, 3, 4, 5].map((count) => quorumOf({ rpc: urls(count), quorum: undefined }))).toEqual([
    1, 2, 2, 3, 3,
  ]);
  expect(quorumOf({ rpc: urls(3), quorum: 3 })).toBe(3);
});

test('faults of endpoints are said in words, without the secrets in their URLs', async () => {
  const faults = await faultsOf(
    good
      .replace('[https://rpc.example.org/v3/SECRETKEY]', '[ftp://rpc.example.org/SECRETKEY]')
      .replace('fromBlock: 12', 'privateRpc: SECRETKEY\n    fees: { maxFeeGwei: "0" }\n    quorum: 0'),
  );
  expect(faults.map(({ path }) => path).toSorted()).toEqual([
    'chains.alpha.fees.maxFeeGwei',
    'chains.alpha.privateRpc',
    'chains.alpha.quorum',
    'chains.alpha.rpc[0]',
  ]);
  expect(JSON.stringify(faults)).not.toContain('SECRETKEY');
  const twins = await faultsOf(
    good.replace('[https://rpc', '[https://rpc.example.org/v3/SECRETKEY, https://rpc'),
  );
  expect(twins).toEqual([
    { path: 'chains.alpha.rpc', problem: expect.stringContaining('agrees with itself') },
  ]);
  const many = await faultsOf(good.replace('fromBlock: 12', 'quorum: 2'));
  expect(many).toEqual([
    { path: 'chains.alpha.quorum', problem: expect.stringContaining('add URLs to rpc') },
  ]);
});

test('sections must agree', async () => {
  const twin = good
    .replace('markets:', '  beta: { <<: *chain }\nmarkets:')
    .replace('chain: alpha', 'chain: gamma');
  const merged = `%YAML 1.1\n---${twin}`;
  const roles = merged.replace('[watcher, solver]', '[watcher, solver, keeper, auctioneer]');
  const faults = await faultsOf(roles);
  expect(faults.map(({ path }) => path).toSorted()).toEqual([
    'auctioneer',
    'chains.beta.chainId',
    'chains.beta.domain',
    'keeper',
    'markets[0].chain',
  ]);
});

test('a missing or malformed secret is a fault that never quotes it', async () => {
  expect(await faultsOf(good, {})).toEqual([
    { path: 'solver.key', problem: expect.stringContaining('GAVEL_SOLVER_KEY') },
  ]);
  const faults = await faultsOf(good, { GAVEL_SOLVER_KEY: 'hunter2' });
  expect(faults).toHaveLength(1);
  expect(JSON.stringify(faults)).not.toContain('hunter2');
  expect(await faultsOf(good.replace('{ env: GAVEL_SOLVER_KEY }', '{ file: nowhere }'), {})).toEqual([
    { path: 'solver.key', problem: expect.stringContaining(join(dir, 'nowhere')) },
  ]);
});

test('a key is read from a file beside the configuration', async () => {
  await writeFile(join(dir, 'key'), `${KEY.slice(2)}\n`);
  const config = await load(good.replace('{ env: GAVEL_SOLVER_KEY }', '{ file: key }'), {});
  expect(config.solver).toBeDefined();
  if (config.solver !== undefined) expect(await readKey(config.solver.key)).toBe(KEY);
});

test('broken YAML is reported with its lines', async () => {
  const faults = await faultsOf('network: a\nnetwork: b\nroles: [watcher\n');
  expect(faults.length).toBeGreaterThanOrEqual(2);
  for (const { path } of faults) expect(path).toMatch(/^line \d+$/);
  expect(await faultsOf('- a list')).toHaveLength(1);
  expect((await faultsOf('')).map(({ path }) => path)).toContain('network');
});

test('a file with a byte order mark is read', async () => {
  expect(await load(`\uFEFF${good}`)).toEqual(await load(good));
});

test('a file that cannot be read is reported', async () => {
  await expect(loadConfig({ file: join(dir, 'absent.yaml') })).rejects.toMatchObject({ code: 'UNREADABLE' });
});

test('what is printed holds no secret', async () => {
  const printed = JSON.stringify(redactConfig(await load(good)));
  expect(printed).toContain('"maxFeeGwei":"500"');
  expect(printed).not.toContain('SECRETKEY');
  expect(printed).not.toContain(KEY);
  expect(printed).toContain('https://rpc.example.org');
  expect(printed).toContain('GAVEL_SOLVER_KEY');
});

test('endpoints of one host are printed apart, and hide what follows the host', async () => {
  const urls = (...list: string[]) =>
    good.replace('[https://rpc.example.org/v3/SECRETKEY]', JSON.stringify(list));
  const printed = async (...list: string[]) => redactConfig(await load(urls(...list))).chains;
  const hidden = ['https://a.example/…', 'https://a.example/…2', 'http://[::1]:8545/…', 'wss://b.example'];
  expect(
    await printed(
      'https://a.example/v3/KEY',
      'https://u:p@a.example',
      'http://[::1]:8545/x',
      'wss://b.example/',
    ),
  ).toMatchObject({ alpha: { rpc: hidden } });
  expect(await printed(...hidden)).toMatchObject({ alpha: { rpc: hidden } });
});

test('spending limits name a chain, a token once, and an amount', async () => {
  const limits = (text: string) => good.replace('  options:', `  limits: ${text}\n  options:`);
  const sound = `[{ chain: alpha, token: ${ADDRESS}, perHour: "100.5" }]`;
  expect((await load(limits(sound))).solver?.limits).toMatchObject([{ chain: 'alpha', perHour: '100.5' }]);
  const twice = `[{ chain: alpha, token: ${ADDRESS}, perHour: "1" }, { chain: alpha, token: ${ADDRESS}, perPayment: "1" }, { chain: mars, token: ${ADDRESS}, perHour: "1" }]`;
  expect((await faultsOf(limits(twice))).map(({ path }) => path)).toEqual([
    'solver.limits[1]',
    'solver.limits[2].chain',
  ]);
  expect(await faultsOf(limits(`[{ chain: alpha, token: ${ADDRESS} }]`))).toContainEqual({
    path: 'solver.limits[0]',
    problem: 'Expected perPayment, perHour or both',
  });
  const each = (perPayment: string, perHour: string) =>
    limits(`[{ chain: alpha, token: ${ADDRESS}, perPayment: "${perPayment}", perHour: "${perHour}" }]`);
  expect((await load(each('9.5', '9.50'))).solver?.limits).toHaveLength(1);
  expect(await faultsOf(each('10', '9.5'))).toMatchObject([{ path: 'solver.limits[0].perHour' }]);
});

test('an interface that others reach needs a token, and a token must be hard to guess', async () => {
  expect((await load(good)).api).toBeUndefined();
  expect((await load(`${good}api: {}\n`)).api).toEqual({ listen: '127.0.0.1:9750' });
  expect(await faultsOf(`${good}api: { listen: "0.0.0.0:9750" }\n`)).toMatchObject([{ path: 'api.listen' }]);
  expect(await faultsOf(`${good}api: { listen: "9750" }\n`)).toMatchObject([{ path: 'api.listen' }]);
  const guarded = `${good}api: { listen: "0.0.0.0:9750", token: { env: TOKEN } }\n`;
  const env = { GAVEL_SOLVER_KEY: KEY };
  expect(await faultsOf(guarded, { ...env, TOKEN: 'hunter2' })).toMatchObject([{ path: 'api.token' }]);
  expect((await load(guarded, { ...env, TOKEN: 'correct-horse-battery' })).api?.token).toEqual({
    env: 'TOKEN',
  });
});

test('a key is read from a keystore beside the configuration', async () => {
  await writeFile(join(dir, 'hot.json'), await encryptKey(KEY, 'a long password', { n: 2 }));
  await writeFile(join(dir, 'password'), 'a long password\n');
  const yaml = (password: string) =>
    good.replace('{ env: GAVEL_SOLVER_KEY }', `{ keystore: hot.json, ${password} }`);
  const { solver } = await load(yaml('passwordFile: password'), {});
  expect(solver && (await readKey(solver.key))).toBe(KEY);
  await writeFile(join(dir, 'password'), '\uFEFFa long password\r\n');
  expect(solver && (await readKey(solver.key))).toBe(KEY);
  expect(await faultsOf(yaml('passwordEnv: GAVEL_PASSWORD'), { GAVEL_PASSWORD: 'wrong' })).toEqual([
    { path: 'solver.key', problem: 'The password does not open the keystore' },
  ]);
});

test('costs and confirmations are for a chain and a token', async () => {
  const solverOf = (lines: string) => good.replace(/^solver:\n/m, `solver:\n${lines}`);
  const config = await load(
    solverOf(
      `  costs: [{ chain: alpha, token: "${ADDRESS}", perPayment: '0.05' }]\n` +
        `  confirmations: [{ chain: alpha, token: "${ADDRESS}", upTo: '0.3', confirmations: 1 }, { upTo: '1000', confirmations: 2 }, { confirmations: 9 }]\n`,
    ),
  );
  expect(config.solver?.costs).toMatchObject([{ chain: 'alpha', perPayment: '0.05' }]);
  expect(config.solver?.confirmations).toHaveLength(3);
  const problemsOf = async (lines: string) =>
    (await faultsOf(solverOf(lines))).map(({ path, problem }) => `${path}: ${problem}`);
  expect(await problemsOf(`  costs: { alpha: '0.05' }\n`)).toEqual([
    expect.stringContaining('solver.costs: Expected a list such as'),
  ]);
  const entry = `{ chain: alpha, token: "${ADDRESS}", perPayment: '1' }`;
  expect(await problemsOf(`  costs: [${entry}, ${entry}]\n`)).toEqual([
    expect.stringContaining('has an entry already'),
  ]);
  expect(await problemsOf(`  costs: [{ chain: omega, token: "${ADDRESS}", perPayment: '1' }]\n`)).toEqual([
    'solver.costs[0].chain: No chain omega; there are alpha',
  ]);
  expect(
    await problemsOf(
      `  confirmations: [{ chain: alpha, upTo: '3', confirmations: 1 }, { confirmations: 9 }]\n`,
    ),
  ).toHaveLength(1);
});
