import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Abi,
  type Address,
  concat,
  createTestClient,
  decodeFunctionData,
  defineChain,
  getAddress,
  type Hex,
  http,
  keccak256,
  parseEther,
  publicActions,
  stringToHex,
  walletActions,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { bundle } from '../scripts/bundle.ts';
import { createArtifacts } from './artifacts.ts';
import { FACTORY } from './chain.ts';
import { parseConfig } from './config.ts';
import { PROMISE_HORIZON } from './defaults.ts';
import { EXIT } from './errors.ts';
import { main } from './main.ts';
import { plan } from './plan.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';
const OUTPUT = join(import.meta.dirname, '../../out');
const artifacts = createArtifacts(OUTPUT);
const deployer = mnemonicToAccount(MNEMONIC, { addressIndex: 0 });
const admin = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
const guardian = mnemonicToAccount(MNEMONIC, { addressIndex: 2 });
const KEY: Hex = `0x${Buffer.from(deployer.getHdKey().privateKey ?? []).toString('hex')}`;
const DELAY = 1_209_600;

interface LocalChain {
  readonly name: string;
  readonly chainId: number;
  readonly domain: number;
  readonly url: string;
  readonly client: ReturnType<typeof clientOf>;
  readonly mailbox: Address;
  readonly dollar: Address;
  readonly ether: Address;
  readonly lend: Address;
  /** Its end of a warp route that locks dollars. */
  readonly warpRoute: Address;
}

const processes: ChildProcess[] = [];
let folder: string;
let alpha: LocalChain;
let beta: LocalChain;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-deploy-'));
  [alpha, beta] = await Promise.all([start('alpha', 31_337, 1001, 6), start('beta', 31_338, 1002, 18)]);
});

afterAll(async () => {
  for (const running of processes) running.kill();
  await rm(folder, { recursive: true, force: true });
});

describe('a deployment on two chains', () => {
  test('is planned without sending anything', async () => {
    const before = await nonces();
    const { code, out } = await gavelDeploy('plan', configOf('first'));
    expect(code).toBe(EXIT.pending);
    expect(out).toMatch(/alpha \(chain 31337, domain 1001\): \d+ of \d+ to do/);
    expect(out).toMatch(/to do +create +CollateralEscrow +0x/);
    expect(out).toMatch(/to do +set +route USD from beta of tiny-alpha/);
    expect(await nonces()).toEqual(before);
  });

  test('is planned from the package’s bundle as from forge’s output', async () => {
    const config = configOf('bundled');
    const { adapter } = config.chains.alpha.markets['tiny-alpha'];
    const { lend: provider, ...args } = adapter.arguments;
    const market = {
      ...config.chains.alpha.markets['tiny-alpha'],
      adapter: { contract: 'AaveV3Adapter', arguments: { ...args, provider } },
    };
    const chains = { ...config.chains, alpha: { ...config.chains.alpha, markets: { one: market } } };
    const file = join(folder, 'artifacts.json');
    await writeFile(file, JSON.stringify(await bundle(OUTPUT)));
    const [bundled, built] = await Promise.all(
      [file, OUTPUT].map((source) => gavelDeploy('plan', { ...config, chains }, ['--artifacts', source])),
    );
    expect(bundled?.code).toBe(EXIT.pending);
    expect(bundled).toEqual(built);
  });

  test('goes on from where a failure left it', async () => {
    const all = await beta.client.getBalance({ address: deployer.address });
    await beta.client.setBalance({ address: deployer.address, value: parseEther('0.003') });
    const failed = await gavelDeploy('apply', configOf('first'));
    expect(failed.code).toBe(EXIT.failed);
    expect(failed.err).toContain('TX_FAILED');
    await beta.client.setBalance({ address: deployer.address, value: all });
    const { code, out } = await gavelDeploy('apply', configOf('first'));
    expect(out).toContain('beta: done: CollateralEscrow');
    expect(out).not.toContain('alpha: done');
    expect(code).toBe(EXIT.inSync);
  });

  test('does nothing twice', async () => {
    const before = await nonces();
    expect((await gavelDeploy('plan', configOf('first'))).code).toBe(EXIT.inSync);
    expect((await gavelDeploy('apply', configOf('first'))).code).toBe(EXIT.inSync);
    expect(await nonces()).toEqual(before);
  });

  test('is wired across chains, and the deployer keeps nothing', async () => {
    const [home, pay] = await contractsOf(configOf('first'));
    expect(await read(alpha, 'SolverBonds', home.SolverBonds, 'escrow')).toBe(home.CollateralEscrow);
    expect(await read(alpha, 'SolverBonds', home.SolverBonds, 'PROMISE_HORIZON')).toBe(
      BigInt(PROMISE_HORIZON),
    );
    expect(await read(alpha, 'MarketRegistry', home.MarketRegistry, 'MAX_PROMISE')).toBe(
      BigInt(PROMISE_HORIZON),
    );
    const market: Hex = `0x${Buffer.from('tiny-alpha').toString('hex').padEnd(64, '0')}`;
    const route = await read(alpha, 'MarketRegistry', home.MarketRegistry, 'route', [
      market,
      alpha.dollar,
      1002,
    ]);
    const [bridge, treasury] = [pay['bridge USD to alpha'], home['receiver USD from beta']];
    expect(route).toMatchObject({ bridge, treasury });
    const vault = home['BackstopVault USD'];
    expect(await read(alpha, 'BackstopVault', vault, 'reimbursementOf', [1002])).toBe(400_000n);
    expect(await read(beta, 'WarpRouteBridge', bridge, 'router')).toBe(getAddress(beta.warpRoute));
    expect(await read(alpha, 'RouteReceiver', treasury, 'vault')).toBe(home['BackstopVault USD']);
    expect(route).toMatchObject({
      enabled: true,
      payEscrow: pay.RepaymentEscrow,
      payDecimals: 18,
      feeBps: 5,
    });
    const debt = await read(alpha, 'MarketRegistry', home.MarketRegistry, 'debtTerms', [
      market,
      alpha.dollar,
    ]);
    expect(debt).toMatchObject({ keeperFee: 2_500_000n, capPrincipal: 100_000_000_000n });
    expect(await read(alpha, 'TinyLendAdapter', home['adapter tiny-alpha'], 'ESCROW')).toBe(
      home.CollateralEscrow,
    );
    expect(await read(alpha, 'Erc7683Resolver', home.Erc7683Resolver, 'chainIdOf', [1002])).toBe(31_338n);
    const role = async (id: bigint, account: Address) =>
      read(alpha, 'AccessManager', home.AccessManager, 'hasRole', [id, account]);
    expect(await role(0n, deployer.address)).toEqual([false, 0]);
    expect(await role(0n, admin.address)).toEqual([true, DELAY]);
    expect(await role(1n, admin.address)).toEqual([true, DELAY]);
    expect(await role(2n, guardian.address)).toEqual([true, 0]);
  });

  test('is changed by governance alone, with the calls the plan prints', async () => {
    const changed = configOf('first', { feeBps: 9 });
    const { code, out } = await gavelDeploy('apply', changed);
    expect(code).toBe(EXIT.pending);
    expect(out).toMatch(/for governance +set +route USD from beta/);
    const [, to, data] = /to (0x\w{40})\n +data (0x\w+)/.exec(out) ?? [];
    await alpha.client.sendTransaction({ account: admin, to: to as Address, data: data as Hex, chain: null });

    const [home] = await contractsOf(changed);
    const before = await read(alpha, 'AccessManager', home.AccessManager, 'expiration');
    expect(before).toBeGreaterThan(0);
    await alpha.client.increaseTime({ seconds: DELAY });
    await alpha.client.mine({ blocks: 1 });
    const json = JSON.parse((await gavelDeploy('plan', changed, ['--json'])).out);
    expect(json.inSync).toBe(false);
    const [open] = json.chains[0].open;
    expect(open).toMatchObject({ status: 'for governance', kind: 'set' });
    // the change itself, once scheduled and due, is sent to its target by the account that scheduled it
    const { abi } = await artifacts.load('AccessManager');
    const { args } = decodeFunctionData({ abi, data: open.data });
    const [target, call] = args as readonly [Address, Hex];
    await alpha.client.sendTransaction({ account: admin, to: target, data: call, chain: null });
    expect((await gavelDeploy('plan', changed)).code).toBe(EXIT.inSync);
  });

  test('schedules, waits and executes when the deployer itself governs', async () => {
    const own = { admin: deployer.address };
    expect((await gavelDeploy('apply', configOf('second', own))).code).toBe(EXIT.inSync);
    const changed = configOf('second', { ...own, feeBps: 7 });
    const scheduled = await gavelDeploy('apply', changed);
    expect(scheduled.code).toBe(EXIT.pending);
    expect(scheduled.out).toContain('alpha: scheduled: route USD from beta of tiny-alpha');
    const waiting = await gavelDeploy('apply', changed);
    expect(waiting.out).toMatch(/waiting until \d{4}-/);
    expect(waiting.code).toBe(EXIT.pending);
    await alpha.client.increaseTime({ seconds: DELAY });
    await alpha.client.mine({ blocks: 1 });
    expect((await gavelDeploy('plan', changed)).out).toMatch(/to execute +set +route/);
    expect((await gavelDeploy('apply', changed)).code).toBe(EXIT.inSync);
  });
});

test('the example of docs/how-to/integrate-a-protocol.md is deployed as it stands, once its blanks are filled in', async () => {
  const guide = await readFile(
    join(import.meta.dirname, '../../../docs/how-to/integrate-a-protocol.md'),
    'utf8',
  );
  const example = /```yaml\n(salt:.*?)```/s.exec(guide)?.[1] ?? '';
  const config = parse(example.replaceAll('"0x…"', `"${admin.address}"`));
  const { home, pay } = config.chains;
  const member = (addressIndex: number) => mnemonicToAccount(MNEMONIC, { addressIndex }).address;
  Object.assign(config, { deployer: deployer.address, guardian: guardian.address });
  for (const [chain, at] of [[home, alpha] as const, [pay, beta] as const]) {
    const { url: rpc, chainId, domain, mailbox } = at;
    Object.assign(chain, { rpc, chainId, domain, mailbox });
    Object.assign(chain.tokens, { USDC: at.dollar });
  }
  home.tokens.WETH = alpha.ether;
  const market = home.markets['tiny-home'];
  market.adapter.arguments.lend = alpha.lend;
  market.auctioneers = [4, 5, 6].map(member);
  market.debts.USDC.routes.pay.warpRoute = beta.warpRoute;
  const { code, out, err } = await gavelDeploy('apply', config);
  expect(code, err).toBe(EXIT.inSync);
  expect(out).toContain('pay: done: bridge USDC to home');
  expect(out).toMatch(/home \(chain 31337, domain 1001\): in sync/);
});

describe('what is refused before anything is sent', () => {
  test('a wrong configuration, every fault at once', async () => {
    const { code, err } = await gavelDeploy('plan', {
      ...configOf('x'),
      guardian: 'somebody',
      colour: 'green',
    });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('guardian: expected an address');
    expect(err).toContain('colour: unknown setting');
  });

  test('parts that do not fit together', async () => {
    const config = configOf('x');
    const wrong = JSON.parse(JSON.stringify(config));
    wrong.chains.alpha.markets['tiny-alpha'].threshold = 1;
    wrong.chains.alpha.markets['tiny-alpha'].collaterals = ['GOLD'];
    wrong.chains.beta.chainId = 31_337;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('more than half of the 3 auctioneers');
    expect(err).toContain('no token GOLD');
    expect(err).toContain('two chains share one chainId');
  });

  test('an RPC of another chain', async () => {
    const wrong = JSON.parse(JSON.stringify(configOf('x')));
    [wrong.chains.alpha.rpc, wrong.chains.beta.rpc] = [beta.url, alpha.url];
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('the RPC serves another chain');
  });

  test('a rule that the contracts do not know', async () => {
    const wrong = JSON.parse(JSON.stringify(configOf('x')));
    wrong.chains.alpha.markets['tiny-alpha'].terms.colour = 3;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('colour: not among adapter, treasury');
  });

  test('a delay no longer than a redemption', async () => {
    const { code, err } = await gavelDeploy('plan', { ...configOf('x'), delay: 604_800 });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('delay: expected more than 604800');
  });

  test('a redemption shorter than the longest life of an order', async () => {
    // 3 + 24 + 120 + 15 + 600 + 7200 + 2 * 1800, and a second more for a quote window that is no whole second
    const shortest = 11_562;
    const withRedemption = (redemptionDelay: number, quoteWindow = 3_000) => {
      const config = JSON.parse(JSON.stringify(configOf('x')));
      config.chains.alpha.vaults.USD = { redemptionDelay };
      config.chains.alpha.markets['tiny-alpha'].terms.quoteWindow = quoteWindow;
      return gavelDeploy('plan', config);
    };
    const { code, err } = await withRedemption(shortest - 1);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      `chains.alpha.vaults.USD.redemptionDelay: expected at least ${shortest}, the longest life of an order of tiny-alpha: raise it`,
    );
    expect((await withRedemption(shortest, 3_001)).err).toContain(`expected at least ${shortest + 1}`);
    expect((await withRedemption(shortest)).code).toBe(EXIT.pending);
  });

  test('bonds that could be withdrawn between a ranking and its landing', async () => {
    const withBond = (bondDelay: number, landingWindow = 24) => {
      const config = JSON.parse(JSON.stringify(configOf('x')));
      config.chains.alpha.bondDelay = bondDelay;
      config.chains.alpha.markets['tiny-alpha'].terms.landingWindow = landingWindow;
      return gavelDeploy('plan', config);
    };
    const { code, err } = await withBond(26);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(
      'chains.alpha.bondDelay: expected at least 27, the quote and landing windows of tiny-alpha together: raise it',
    );
    expect((await withBond(27)).code).toBe(EXIT.pending);
    const tooLong = await withBond(86_400, 3_598);
    expect(tooLong.code).toBe(EXIT.usage);
    expect(tooLong.err).toContain('take 3601 s, expected at most 3600: shorten quoteWindow or landingWindow');
    expect((await withBond(86_400, 3_597)).code).toBe(EXIT.pending);
  });

  test('a vault of another token than its debt’s', async () => {
    const wrong = JSON.parse(JSON.stringify(configOf('x')));
    wrong.chains.alpha.vaults.USD.asset = alpha.ether;
    const { code, err } = await gavelDeploy('plan', wrong);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('chains.alpha.vaults.USD.asset: follows from the rest');
  });

  test('a vault that lends to another escrow already: the registry would keep it for good', async () => {
    const config = configOf('taken');
    const [{ layout } = {}] = await plan(parseConfig(JSON.stringify(config), {}));
    const salt = keccak256(stringToHex('taken'));
    for (const step of layout?.steps ?? []) {
      if (step.kind !== 'create' || !['AccessManager', 'BackstopVault USD'].includes(step.what)) continue;
      const data = concat([salt, step.initCode]);
      await alpha.client.sendTransaction({ account: deployer, to: FACTORY, data, chain: null });
    }
    const vault = layout?.contracts['BackstopVault USD'] ?? '0x';
    const { abi } = await artifacts.load('BackstopVault');
    const args = [admin.address];
    const call = { address: vault, abi, functionName: 'setEscrow', args, chain: null } as const;
    await alpha.client.writeContract({ ...call, account: deployer });
    const { code, err } = await gavelDeploy('plan', config);
    expect(code).toBe(EXIT.failed);
    expect(err).toContain('a vault holds another token or lends to another escrow');
  });

  test('a command it does not know, and a key that is not the deployer’s', async () => {
    expect((await gavelDeploy('destroy', configOf('x'))).code).toBe(EXIT.usage);
    expect((await gavelDeploy('plan', configOf('x'), ['--colour'])).code).toBe(EXIT.usage);
    const other = await gavelDeploy('apply', configOf('x'), [], {
      GAVEL_DEPLOYER_KEY: `0x${'11'.repeat(32)}`,
    });
    expect(other.code).toBe(EXIT.usage);
    expect((await gavelDeploy('apply', configOf('x'), [], {})).code).toBe(EXIT.usage);
  });
});

// ---- the world ----

/** One market on alpha, payable from beta; a plain set on beta. */
function configOf(
  salt: string,
  { feeBps = 5, admin: governor = admin.address }: { feeBps?: number; admin?: Address } = {},
) {
  const chain = (of: LocalChain) => ({
    rpc: of.url,
    chainId: of.chainId,
    domain: of.domain,
    mailbox: of.mailbox,
    bondDelay: 86_400,
    tokens: { USD: of.dollar, WETH: of.ether },
    vaults: { USD: { redemptionDelay: 604_800 } },
  });
  return {
    salt,
    deployer: deployer.address as string,
    admin: governor as string,
    guardian: guardian.address as string,
    delay: DELAY,
    chains: {
      alpha: {
        ...chain(alpha),
        markets: {
          'tiny-alpha': {
            adapter: {
              contract: 'TinyLendAdapter',
              arguments: { lend: alpha.lend, badDebtRecipient: admin.address, maxPriceAge: 3_600 },
            },
            treasury: admin.address,
            collaterals: ['WETH'],
            auctioneers: [4, 5, 6].map(
              (addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }).address,
            ),
            threshold: 2,
            terms: { bonusBps: 500 },
            debts: {
              USD: {
                amounts: { keeperFee: 2.5, minRepay: 100, capPrincipal: 100_000, capRepaid: 500_000 },
                routes: { beta: { token: 'USD', warpRoute: beta.warpRoute, feeBps, reimbursement: 0.4 } },
              },
            },
          },
        },
      },
      beta: chain(beta),
    },
  };
}

async function gavelDeploy(
  command: string,
  config: unknown,
  more: readonly string[] = [],
  env: Readonly<Record<string, string>> = { GAVEL_DEPLOYER_KEY: KEY },
): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'deployment.yaml');
  await writeFile(file, JSON.stringify(config)); // JSON is YAML
  let [out, err] = ['', ''];
  const code = await main([command, '--config', file, ...more], env, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

type Contracts = Readonly<Record<string, Address>>;

async function contractsOf(config: unknown): Promise<[Contracts, Contracts]> {
  const { chains } = JSON.parse((await gavelDeploy('plan', config, ['--json'])).out);
  return chains.map((chain: { contracts: Contracts }) => chain.contracts);
}

async function nonces(): Promise<number[]> {
  return Promise.all(
    [alpha, beta].map(({ client }) => client.getTransactionCount({ address: deployer.address })),
  );
}

async function read(
  chain: LocalChain,
  name: string,
  address: Address | undefined,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const { abi } = await artifacts.load(name);
  return chain.client.readContract({ address: address ?? '0x', abi, functionName, args });
}

function clientOf(name: string, chainId: number, url: string) {
  const chain = defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  return createTestClient({ chain, mode: 'anvil', transport: http(url), pollingInterval: 50, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions);
}

async function start(name: string, chainId: number, domain: number, decimals: number): Promise<LocalChain> {
  const process = spawn(anvilPath(), ['--port', '0', '--chain-id', String(chainId), '--mnemonic', MNEMONIC]);
  processes.push(process);
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    process.stdout.on('data', (chunk) => {
      output += String(chunk);
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
    process.once('exit', () => reject(new TypeError(`anvil ended: ${output}`)));
  });
  const client = clientOf(name, chainId, url);
  const outsider = mnemonicToAccount(MNEMONIC, { addressIndex: 9 });
  const deploy = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Address> => {
    const hash = await client.deployContract({ account: outsider, abi, bytecode, args, chain: null });
    return (await client.waitForTransactionReceipt({ hash })).contractAddress ?? '0x';
  };
  const ours = async (contract: string, args: readonly unknown[]) => {
    const { abi, bytecode } = await artifacts.load(contract);
    return deploy(abi, bytecode as Hex, args);
  };
  const mailbox = await deploy(constructorOf('uint32'), await hyperlaneCode('Mailbox'), [domain]);
  const dollar = await ours('TestToken', ['Dollar', 'USD', decimals, admin.address]);
  const ether = await ours('TestToken', ['Ether', 'WETH', 18, admin.address]);
  const feed = await ours('PriceFeed', ['price', 8, 10n ** 8n, admin.address]);
  const lend = await ours('TinyLend', [ether, dollar, feed, feed]);
  const warpRoute = await deploy(
    constructorOf('address', 'uint256', 'uint256', 'address'),
    await hyperlaneCode('token/HypERC20Collateral'),
    [dollar, 1n, 1n, mailbox],
  );
  return { name, chainId, domain, url, client, mailbox, dollar, ether, lend, warpRoute };
}

function constructorOf(...types: readonly string[]): Abi {
  return [{ type: 'constructor', stateMutability: 'nonpayable', inputs: types.map((type) => ({ type })) }];
}

/** Hyperlane's own contracts, as it publishes them. */
async function hyperlaneCode(contract: string): Promise<Hex> {
  const factories = '../../../node_modules/@hyperlane-xyz/core/dist/typechain/factories/contracts';
  const source = await readFile(join(import.meta.dirname, factories, `${contract}__factory.js`), 'utf8');
  return (/const _bytecode = "(0x\w+)"/.exec(source)?.[1] ?? '0x') as Hex;
}

function anvilPath(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const here = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  return createRequire(here).resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
}
