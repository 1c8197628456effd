import {
  type Abi,
  type Address,
  concat,
  getCreate2Address,
  type Hex,
  keccak256,
  parseAbi,
  stringToHex,
} from 'viem';
import {
  type Artifact,
  type Artifacts,
  encodeArguments,
  libraryFile,
  link,
  type Sources,
} from './artifacts.ts';
import { type Chain, FACTORY } from './chain.ts';
import { DeployError } from './errors.ts';
import type { Faults } from './faults.ts';
import type { Creation } from './step.ts';
import type { ChainConfig, Config, RouteConfig } from './types.ts';

/** A chain's contracts: addresses first, so that chains can name each other's before any exists. */
export interface Placed {
  readonly chain: Chain;
  readonly contracts: Record<string, Address>;
  readonly creations: Creation[];
  readonly artifacts: Record<string, Artifact>;
  /** Of the chain's tokens, by name; a token that is none is missing. */
  readonly decimals: Readonly<Record<string, number>>;
}

/** What every CREATE2 address of a deployment commits to. */
export function saltOf(config: Config): Hex {
  return keccak256(stringToHex(config.salt));
}

/** Places every contract of a chain. Sends nothing. Records values that do not fit a contract. */
export async function place(
  chain: Chain,
  config: Config,
  artifacts: Artifacts,
  faults: Faults,
): Promise<Placed> {
  const { name, domain, mailbox, bondDelay, vaults, markets } = chain.config;
  const placed: Placed = {
    chain,
    contracts: {},
    creations: [],
    artifacts: {},
    decimals: await decimalsOf(chain, faults),
  };
  const salt = saltOf(config);

  const add = async (label: string, contract: string, sources: Sources, file?: string): Promise<Address> => {
    const artifact = await artifacts.load(contract, file);
    const libraries: Record<string, Address> = {};
    for (const library of artifact.libraries) {
      libraries[library.name] = await add(
        library.name,
        library.name,
        { given: {} },
        file === undefined ? undefined : libraryFile(file, library.name),
      );
    }
    const constructorArguments = encodeArguments(artifact, sources);
    const initCode = concat([link(artifact, libraries), constructorArguments]);
    const address = getCreate2Address({ from: FACTORY, salt, bytecode: initCode });
    const known = placed.contracts[label];
    if (known === address) return known;
    // two contracts of one name would be taken for one
    if (known !== undefined) {
      throw new DeployError('BAD_ARTIFACT', 'two contracts of a chain have one name', { meta: { label } });
    }
    placed.contracts[label] = address;
    placed.artifacts[contract] ??= artifact;
    placed.creations.push({
      kind: 'create',
      what: label,
      address,
      initCode,
      artifact,
      libraries,
      constructorArguments,
    });
    return address;
  };

  const authority = await add('AccessManager', 'AccessManager', {
    derived: { initialAdmin: config.deployer },
    given: {},
  });
  const registry = await add('MarketRegistry', 'MarketRegistry', { derived: { authority }, given: {} });
  const bonds = await add('SolverBonds', 'SolverBonds', {
    derived: { authority, delay: bondDelay },
    given: {},
  });
  const shared = { authority, mailbox, registry, bonds };
  const escrow = await add('CollateralEscrow', 'CollateralEscrow', { derived: shared, given: {} });
  await add('RepaymentEscrow', 'RepaymentEscrow', { derived: shared, given: {} });
  await add('Erc7683Resolver', 'Erc7683Resolver', { derived: { authority, escrow }, given: {} });
  for (const { token, args } of vaults) {
    await faults.guard(`chains.${name}.vaults.${token}`, () =>
      add(vaultLabel(token), 'BackstopVault', {
        derived: { ...shared, escrow, asset: tokenOf(chain.config, token) },
        given: args,
        defaults: { name: `Gavel Backstop ${token}`, symbol: `gb${token}` },
      }),
    );
  }
  for (const { home, market, token, route } of warpRoutes(config)) {
    const path = `chains.${home.name}.markets.${market}.debts.${token}.routes.${route.payChain}`;
    if (route.payChain === name) {
      await faults.guard(path, () =>
        add(bridgeLabel(config, home.name, route), 'WarpRouteBridge', {
          derived: { router: route.warpRoute },
          given: {},
        }),
      );
    }
    const payDomain = config.chains.find((other) => other.name === route.payChain)?.domain;
    if (home.domain === domain && payDomain !== undefined) {
      await faults.guard(path, () =>
        add(receiverLabel(token, route), 'RouteReceiver', {
          derived: { vault: at(placed, vaultLabel(token)), payDomain },
          given: {},
        }),
      );
    }
  }
  for (const { id, adapter } of markets) {
    if ('address' in adapter) placed.contracts[adapterLabel(id)] = adapter.address;
    else {
      const path = `chains.${name}.markets.${id}.adapter`;
      const given = Object.keys(adapter.args).length === 0 ? path : `${path}.arguments`;
      await faults.guard(given, () =>
        add(
          adapterLabel(id),
          adapter.contract,
          { derived: { escrow }, given: adapter.args },
          adapter.artifact,
        ),
      );
    }
  }
  return placed;
}

async function decimalsOf(chain: Chain, faults: Faults): Promise<Record<string, number>> {
  const { name, tokens } = chain.config;
  const known: Record<string, number> = {};
  for (const [token, address] of Object.entries(tokens)) {
    const decimals = await chain.read({ address, abi: ERC20, functionName: 'decimals' });
    if (typeof decimals === 'number' && decimals <= 36) known[token] = decimals;
    else {
      const found =
        decimals === undefined ? 'there is no token at this address' : `it has ${String(decimals)}`;
      faults.note(`chains.${name}.tokens.${token}`, `expected a token of at most 36 decimals: ${found}`);
    }
  }
  return known;
}

interface WarpRoute {
  readonly home: ChainConfig;
  readonly market: string;
  readonly token: string;
  readonly route: RouteConfig;
}

/** Lists the routes of a deployment that bring payments home by a warp route. */
export function warpRoutes(config: Config): WarpRoute[] {
  return config.chains.flatMap((home) =>
    home.markets.flatMap(({ id, debts }) =>
      debts.flatMap(({ token, routes }) =>
        routes
          .filter((route) => route.warpRoute !== undefined)
          .map((route) => ({ home, market: id, token, route })),
      ),
    ),
  );
}

/**
 * Names the bridge that carries a route’s payments, on its pay chain. Where several warp routes carry one
 * token to one chain, the names of all but the first end with the warp route's address.
 */
export function bridgeLabel(config: Config, home: string, route: RouteConfig): string {
  const label = `bridge ${route.token} to ${home}`;
  const first = warpRoutes(config).find(
    (other) =>
      other.home.name === home &&
      other.route.payChain === route.payChain &&
      other.route.token === route.token,
  );
  return first?.route.warpRoute === route.warpRoute ? label : `${label} over ${route.warpRoute}`;
}

/** Names the receiver that a route’s bridge delivers to, on its home chain. */
export function receiverLabel(token: string, route: RouteConfig): string {
  return `receiver ${token} from ${route.payChain}`;
}

/** Names the vault of a debt token. */
export function vaultLabel(token: string): string {
  return `BackstopVault ${token}`;
}

/** Names a market's adapter. */
export function adapterLabel(market: string): string {
  return `adapter ${market}`;
}

/** Looks up a placed contract. Throws NOT_PLACED. */
export function at(placed: Placed, label: string): Address {
  const address = placed.contracts[label];
  if (address !== undefined) return address;
  throw new DeployError('NOT_PLACED', 'a contract is named that the chain does not get', {
    meta: { chain: placed.chain.config.name, label },
  });
}

/** Looks up a placed contract’s artifact. Throws NOT_PLACED. */
export function artifactOf(placed: Placed, name: string): Artifact {
  const artifact = placed.artifacts[name];
  if (artifact !== undefined) return artifact;
  throw new DeployError('NOT_PLACED', 'a contract was not placed', { meta: { contract: name } });
}

/** Looks up a token of a chain. Throws NOT_PLACED. */
export function tokenOf(config: ChainConfig, token: string): Address {
  const address = config.tokens[token];
  if (address !== undefined) return address;
  throw new DeployError('NOT_PLACED', 'a token is named that the chain does not have', {
    meta: { chain: config.name, token },
  });
}

/** Looks up a token's decimals. Throws NOT_PLACED. */
export function decimalsAt(placed: Placed, token: string): number {
  const decimals = placed.decimals[token];
  if (decimals !== undefined) return decimals;
  throw new DeployError('NOT_PLACED', 'the decimals of a token are not known', {
    meta: { chain: placed.chain.config.name, token },
  });
}

const ERC20: Abi = parseAbi(['function decimals() view returns (uint8)']);
