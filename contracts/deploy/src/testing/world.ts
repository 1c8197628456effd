/**
 * Two local chains with what a deployment is put onto: real mailboxes, warp routes, tokens and a lending
 * market.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Abi,
  type Address,
  createTestClient,
  defineChain,
  getAddress,
  type Hex,
  http,
  pad,
  parseAbi,
  publicActions,
  walletActions,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { createArtifacts } from '../artifacts.ts';
import { main } from '../main.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';

/** Forge's output. */
export const OUTPUT: string = join(import.meta.dirname, '../../../out');

/** Contracts from forge's output. */
export const artifacts = createArtifacts(OUTPUT);

const member = (addressIndex: number) => mnemonicToAccount(MNEMONIC, { addressIndex });
export const deployer = member(0);
export const admin = member(1);
export const guardian = member(2);
export const auctioneers: readonly Address[] = [4, 5, 6].map((index) => member(index).address);
const outsider = member(9);

/** The deployer's private key. */
export const KEY: Hex = `0x${Buffer.from(deployer.getHdKey().privateKey ?? []).toString('hex')}`;

/** Seconds between scheduling a change and executing it. */
export const DELAY = 1_209_600;

/** One local chain. */
export interface LocalChain {
  readonly name: string;
  readonly chainId: number;
  readonly domain: number;
  readonly url: string;
  readonly client: Client;
  readonly mailbox: Address;
  readonly securityModule: Address;
  readonly dollar: Address;
  readonly ether: Address;
  readonly lend: Address;
  /** Its end of a warp route that locks dollars; the ends of all chains of a world lead to each other. */
  readonly warpRoute: Address;
}

type Client = ReturnType<typeof clientOf>;

/** Two chains, and the command that deploys on them. */
export interface World {
  readonly folder: string;
  readonly alpha: LocalChain;
  readonly beta: LocalChain;
  /** Runs `gavel-deploy` with a configuration as its file. */
  run(command: string, config: unknown, more?: readonly string[], env?: Env): Promise<Ran>;
  /** What a plan says of both chains' contracts, by name. */
  contracts(config: unknown): Promise<[Contracts, Contracts]>;
  /** The deployer's nonces. */
  nonces(): Promise<number[]>;
  stop(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;
type Contracts = Readonly<Record<string, Address>>;

/** What a run of the command printed and returned. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Starts both chains. */
export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'gavel-deploy-'));
  const processes: ChildProcess[] = [];
  const [alpha, beta] = await Promise.all([
    start(processes, 'alpha', 31_337, 1001, 6),
    start(processes, 'beta', 31_338, 1002, 18),
  ]);
  await enroll(alpha, beta);
  await enroll(beta, alpha);
  const run: World['run'] = async (command, config, more = [], env = { GAVEL_DEPLOYER_KEY: KEY }) => {
    const file = join(folder, 'deployment.yaml');
    // JSON is YAML
    await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config));
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
  };
  return {
    folder,
    alpha,
    beta,
    run,
    contracts: async (config) => {
      const { out, err } = await run('plan', config, ['--json']);
      if (out === '') throw new TypeError(err);
      const { chains } = JSON.parse(out);
      return chains.map((chain: { contracts: Contracts }) => chain.contracts);
    },
    nonces: () =>
      Promise.all(
        [alpha, beta].map(({ client }) => client.getTransactionCount({ address: deployer.address })),
      ),
    stop: async () => {
      for (const running of processes) running.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A key that governs, as a file accepts it. */
export function key(address: string) {
  return { address, withoutCode: 'accepted' };
}

/** One market on alpha, payable from beta; a plain set on beta. */
export function configOf(
  { alpha, beta }: World,
  salt: string,
  { feeBps = 5, admin: governor = admin.address }: { feeBps?: number; admin?: Address } = {},
) {
  const chain = (of: LocalChain) => ({
    rpc: of.url,
    chainId: of.chainId,
    domain: of.domain,
    mailbox: of.mailbox,
    securityModule: "the mailbox's default",
    bondDelay: 86_400,
    tokens: { USD: of.dollar, WETH: of.ether },
    vaults: { USD: { redemptionDelay: 604_800 } },
  });
  return {
    salt,
    deployer: deployer.address as string,
    admin: key(governor),
    guardian: key(guardian.address),
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
            auctioneers,
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

/** Reads a view of one of our contracts. */
export async function read(
  chain: LocalChain,
  name: string,
  address: Address | undefined,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const { abi } = await artifacts.load(name);
  return chain.client.readContract({ address: address ?? '0x', abi, functionName, args });
}

/** Deploys one of our contracts, or one of the repository's examples, as an outsider. */
export async function deployOurs(
  client: Client,
  contract: string,
  args: readonly unknown[],
): Promise<Address> {
  const { abi, bytecode } = await artifacts.load(contract);
  return deploy(client, abi, bytecode as Hex, args);
}

/** Starts an anvil of a chain id, and returns its URL. */
export async function startAnvil(
  processes: ChildProcess[],
  chainId: number,
  ...more: readonly string[]
): Promise<string> {
  const args = ['--port', '0', '--chain-id', String(chainId), '--mnemonic', MNEMONIC, ...more];
  const process = spawn(anvilPath(), args);
  processes.push(process);
  return new Promise<string>((resolve, reject) => {
    let output = '';
    process.stdout.on('data', (chunk) => {
      output += String(chunk);
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
    process.once('exit', () => reject(new TypeError(`anvil ended: ${output}`)));
  });
}

/** Connects to a local chain. */
export function clientOf(name: string, chainId: number, url: string) {
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

/** Deploys code as an outsider. */
export async function deploy(
  client: Client,
  abi: Abi,
  bytecode: Hex,
  args: readonly unknown[],
): Promise<Address> {
  const hash = await client.deployContract({ account: outsider, abi, bytecode, args, chain: null });
  return getAddress((await client.waitForTransactionReceipt({ hash })).contractAddress ?? '0x');
}

/** Deploys Hyperlane's mailbox of a domain with a default security module, both Hyperlane's own contracts. */
export async function deployMailbox(client: Client, domain: number) {
  const mailbox = await deploy(client, constructorOf('uint32'), await hyperlaneCode('Mailbox'), [domain]);
  const securityModule = await deploy(client, [], await hyperlaneCode('test/TestIsm'), []);
  const hook = await deploy(client, [], await hyperlaneCode('test/TestPostDispatchHook'), []);
  await initializeMailbox(client, mailbox, securityModule, hook);
  return { mailbox, securityModule, hook };
}

/** Gives a mailbox its default security module and its hooks. */
export async function initializeMailbox(
  client: Client,
  mailbox: Address,
  securityModule: Address,
  hook: Address,
): Promise<void> {
  await write(client, mailbox, 'initialize', [outsider.address, securityModule, hook, hook]);
}

async function start(
  processes: ChildProcess[],
  name: string,
  chainId: number,
  domain: number,
  decimals: number,
): Promise<LocalChain> {
  const url = await startAnvil(processes, chainId);
  const client = clientOf(name, chainId, url);
  const { mailbox, securityModule } = await deployMailbox(client, domain);
  const dollar = await deployOurs(client, 'TestToken', ['Dollar', 'USD', decimals, admin.address]);
  const ether = await deployOurs(client, 'TestToken', ['Ether', 'WETH', 18, admin.address]);
  const feed = await deployOurs(client, 'PriceFeed', ['price', 8, 10n ** 8n, admin.address]);
  const lend = await deployOurs(client, 'TinyLend', [ether, dollar, feed, feed]);
  const warpRoute = await deployWarpRoute(client, dollar, mailbox);
  return { name, chainId, domain, url, client, mailbox, securityModule, dollar, ether, lend, warpRoute };
}

/** Deploys one end of a warp route that locks a token. */
export async function deployWarpRoute(client: Client, token: Address, mailbox: Address): Promise<Address> {
  const abi = constructorOf('address', 'uint256', 'uint256', 'address');
  const route = await deploy(client, abi, await hyperlaneCode('token/HypERC20Collateral'), [
    token,
    1n,
    1n,
    mailbox,
  ]);
  const nothing = '0x0000000000000000000000000000000000000000';
  await write(client, route, 'initialize', [nothing, nothing, outsider.address]);
  return route;
}

/** Lets one end of a warp route lead to another. */
export async function enroll(from: LocalChain, to: LocalChain, routes = [from.warpRoute, to.warpRoute]) {
  const [here = '0x', there = '0x'] = routes;
  await write(from.client, here, 'enrollRemoteRouter', [to.domain, pad(there)]);
}

async function write(client: Client, address: Address, functionName: string, args: readonly unknown[]) {
  const call = { account: outsider, chain: null, address, abi: HYPERLANE, functionName, args };
  await client.waitForTransactionReceipt({ hash: await client.writeContract(call) });
}

const HYPERLANE: Abi = parseAbi([
  'function initialize(address owner, address defaultIsm, address defaultHook, address requiredHook)',
  'function initialize(address hook, address securityModule, address owner)',
  'function enrollRemoteRouter(uint32 domain, bytes32 router)',
]);

function constructorOf(...types: readonly string[]): Abi {
  return [{ type: 'constructor', stateMutability: 'nonpayable', inputs: types.map((type) => ({ type })) }];
}

/** Hyperlane's own contracts, as it publishes them. */
async function hyperlaneCode(contract: string): Promise<Hex> {
  const factories = '../../../../node_modules/@hyperlane-xyz/core/dist/typechain/factories/contracts';
  const source = await readFile(join(import.meta.dirname, factories, `${contract}__factory.js`), 'utf8');
  return (/const _bytecode = "(0x\w+)"/.exec(source)?.[1] ?? '0x') as Hex;
}

function anvilPath(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const here = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json');
  return createRequire(here).resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
}
