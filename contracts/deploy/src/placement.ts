import { type Abi, type Address, concat, getCreate2Address, keccak256, stringToHex } from 'viem';
import { type Artifact, type Artifacts, encodeArguments, link } from './artifacts.ts';
import { type Chain, FACTORY } from './chain.ts';
import { DeployError } from './errors.ts';
import type { Creation } from './step.ts';
import type { ChainConfig, Config, RouteConfig } from './types.ts';

/** A chain's contracts: addresses first, so that chains can name each other's before any exists. */
export interface Placed {
  readonly chain: Chain;
  readonly contracts: Record<string, Address>;
  readonly creations: Creation[];
  readonly artifacts: Record<string, Artifact>;
}

/** Place every contract of a chain. Sends nothing. Throws BAD_ARTIFACT. */
export async function place(chain: Chain, config: Config, artifacts: Artifacts): Promise<Placed> {
  const placed: Placed = { chain, contracts: {}, creations: [], artifacts: {} };
  const salt = keccak256(stringToHex(config.salt));

  const add = async (
    label: string,
    name: string,
    values: Readonly<Record<string, unknown>>,
  ): Promise<Address> => {
    const known = placed.contracts[label];
    if (known !== undefined) return known;
    const artifact = await artifacts.load(name);
    const libraries: Record<string, Address> = {};
    for (const library of artifact.libraries)
      libraries[library.name] = await add(library.name, library.name, {});
    const initCode = concat([link(artifact, libraries), encodeArguments(artifact, values)]);
    const address = getCreate2Address({ from: FACTORY, salt, bytecode: initCode });
    placed.contracts[label] = address;
    placed.artifacts[name] = artifact;
    placed.creations.push({ kind: 'create', what: label, address, initCode });
    return address;
  };

  const { mailbox, bondDelay } = chain.config;
  const authority = await add('AccessManager', 'AccessManager', { initialAdmin: config.deployer });
  const registry = await add('MarketRegistry', 'MarketRegistry', { authority });
  const bonds = await add('SolverBonds', 'SolverBonds', { authority, delay: bondDelay });
  const shared = { authority, mailbox, registry, bonds };
  const escrow = await add('CollateralEscrow', 'CollateralEscrow', shared);
  await add('RepaymentEscrow', 'RepaymentEscrow', shared);
  await add('Erc7683Resolver', 'Erc7683Resolver', { authority, escrow });
  for (const { token, args } of chain.config.vaults) {
    const asset = tokenOf(chain.config, token);
    await add(`BackstopVault ${token}`, 'BackstopVault', {
      ...shared,
      escrow,
      asset,
      name: `Gavel Backstop ${token}`,
      symbol: `gb${token}`,
      ...args,
    });
  }
  for (const { home, token, route } of warpRoutes(config)) {
    const { name, domain } = chain.config;
    if (route.payChain === name) {
      await add(bridgeLabel(home.name, route), 'WarpRouteBridge', { router: route.warpRoute });
    }
    const payDomain = config.chains.find((other) => other.name === route.payChain)?.domain;
    if (home.domain === domain) {
      const vault = placed.contracts[`BackstopVault ${token}`];
      await add(receiverLabel(token, route), 'RouteReceiver', { vault, payDomain });
    }
  }
  for (const { id, adapter } of chain.config.markets) {
    if ('address' in adapter) placed.contracts[`adapter ${id}`] = adapter.address;
    else await add(`adapter ${id}`, adapter.contract, { escrow, ...adapter.args });
  }
  return placed;
}

function warpRoutes(config: Config): { home: ChainConfig; token: string; route: RouteConfig }[] {
  return config.chains.flatMap((home) =>
    home.markets.flatMap(({ debts }) =>
      debts.flatMap(({ token, routes }) =>
        routes.filter((route) => route.warpRoute !== undefined).map((route) => ({ home, token, route })),
      ),
    ),
  );
}

/** Names the bridge that carries a route’s payments, on its pay chain. */
export function bridgeLabel(home: string, route: RouteConfig): string {
  return `bridge ${route.token} to ${home}`;
}

/** Names the receiver that a route’s bridge delivers to, on its home chain. */
export function receiverLabel(token: string, route: RouteConfig): string {
  return `receiver ${token} from ${route.payChain}`;
}

/** Looks up a placed contract. Throws BAD_CONFIG. */
export function at(placed: Placed, label: string): Address {
  const address = placed.contracts[label];
  if (address !== undefined) return address;
  throw new DeployError('BAD_CONFIG', 'a contract is named that the chain does not get', {
    meta: { faults: [`${placed.chain.config.name}: no ${label}`] },
  });
}

/** Looks up a placed contract’s artifact. Throws BAD_ARTIFACT. */
export function artifactOf(placed: Placed, name: string): Artifact {
  const artifact = placed.artifacts[name];
  if (artifact !== undefined) return artifact;
  throw new DeployError('BAD_ARTIFACT', 'a contract was not placed', { meta: { contract: name } });
}

/** Looks up a token of a chain. Throws BAD_CONFIG. */
export function tokenOf(config: ChainConfig, token: string): Address {
  const address = config.tokens[token];
  if (address !== undefined) return address;
  throw new DeployError('BAD_CONFIG', 'a token is named that the chain does not have', {
    meta: { faults: [`${config.name}: no token ${token}`] },
  });
}

/** Reads a token’s decimals. Throws WRONG_CHAIN if there is none. */
export async function decimalsOf(chain: Chain, token: Address): Promise<number> {
  const decimals = await chain.read({ address: token, abi: ERC20, functionName: 'decimals' });
  if (typeof decimals === 'number') return decimals;
  throw new DeployError('WRONG_CHAIN', 'there is no token at this address', {
    meta: { chain: chain.config.name, token },
  });
}

const ERC20 = [
  { type: 'function', name: 'decimals', stateMutability: 'view', inputs: [], outputs: [{ type: 'uint8' }] },
] as const satisfies Abi;
