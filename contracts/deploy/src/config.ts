import { readFile } from 'node:fs/promises';
import type { Address } from 'viem';
import { parseDocument } from 'yaml';
import type { Argument, Scalar } from './argument.ts';
import { DEFAULT_TERMS, PROMISE_HORIZON } from './defaults.ts';
import { DeployError } from './errors.ts';
import { createReader, type Reader } from './reader.ts';

/** How a market's debt can be paid from another chain. */
export interface RouteConfig {
  /** Of the pay chain in the file. */
  readonly payChain: string;
  /** Of the token on the pay chain. */
  readonly token: string;
  /**
   * Hyperlane warp route on the pay chain that carries payments home. Makes a bridge there and a receiver
   * here; without it the payments go to the field `treasury` on the pay chain.
   */
  readonly warpRoute?: Address;
  /**
   * Most of each order's own fee that goes to the account that reported it, whole units of the debt token.
   */
  readonly reimbursement?: Scalar;
  /** Further fields of the registry's `Route`, by name: treasury, feeBps, handicapBps, … */
  readonly fields: Readonly<Record<string, Scalar>>;
}

/** What a debt token of a market may cost. Amounts are whole units of the token, decimal. */
export interface DebtConfig {
  readonly token: string;
  readonly amounts: Readonly<Record<string, Scalar>>;
  readonly routes: readonly RouteConfig[];
}

/** One lending market on one chain. */
export interface MarketConfig {
  /** ASCII, at most 32 characters. */
  readonly id: string;
  readonly adapter:
    | { readonly address: Address }
    | { readonly contract: string; readonly args: Readonly<Record<string, Argument>> };
  readonly treasury: Address;
  readonly collaterals: readonly string[];
  readonly auctioneers: readonly Address[];
  readonly threshold: number;
  /** Fields of the registry's `Terms` that differ from the defaults. */
  readonly terms: Readonly<Record<string, Scalar>>;
  readonly debts: readonly DebtConfig[];
}

/** One chain's part of the deployment. */
export interface ChainConfig {
  readonly name: string;
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Hyperlane's; need not be the chain id. */
  readonly domain: number;
  readonly mailbox: Address;
  /**
   * Seconds a new key, a new payout or a withdrawal of a bond waits; no shorter than any market's quote and
   * landing windows.
   */
  readonly bondDelay: number;
  /** Verifies messages to both escrows; the mailbox's default when absent. */
  readonly securityModule?: Address;
  readonly tokens: Readonly<Record<string, Address>>;
  /**
   * One vault per debt token, by the token's name; further constructor arguments by name: redemptionDelay, …
   */
  readonly vaults: readonly { readonly token: string; readonly args: Readonly<Record<string, Scalar>> }[];
  readonly markets: readonly MarketConfig[];
}

/** A whole deployment. */
export interface Config {
  /** Part of every address: another salt is another deployment. */
  readonly salt: string;
  /** Sends every transaction; part of every address. */
  readonly deployer: Address;
  /** Governs after the handover, with `delay` on everything. */
  readonly admin: Address;
  /** May pause, lower caps and cancel scheduled changes, at once. */
  readonly guardian: Address;
  /** Seconds between scheduling a change and executing it; longer than any vault's redemption. */
  readonly delay: number;
  readonly chains: readonly ChainConfig[];
}

/**
 * Reads a deployment's YAML file. `$NAME` as a chain's `rpc` is taken from the environment, so that files
 * carry no secret.
 *
 * Throws BAD_CONFIG with every fault found.
 */
export async function readConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DeployError('BAD_CONFIG', 'the configuration cannot be read', {
      meta: { faults: [`${file}: cannot be read`] },
      cause,
    });
  }
  return parseConfig(source, env);
}

/** Parses a deployment's YAML. Throws BAD_CONFIG with every fault found. */
export function parseConfig(source: string, env: Readonly<Record<string, string | undefined>>): Config {
  // addresses stay text: YAML would read 0x… as a number
  const document = parseDocument(source, {
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || tag.format !== 'HEX'),
  });
  const faults = document.errors.map((error) => error.message.split('\n')[0] ?? 'not YAML');
  if (faults.length > 0) throw refused(faults);

  const root = createReader(document.toJS(), '', faults);
  const config: Config = {
    salt: root.text('salt'),
    deployer: root.address('deployer'),
    admin: root.address('admin'),
    guardian: root.address('guardian'),
    delay: root.integer('delay'),
    chains: root.sections('chains').map(({ name, reader }) => readChain(name, reader, env)),
  };
  root.finish();
  if (config.chains.length === 0) root.fault('chains', 'expected at least one');
  checkRelations(config, root);
  if (faults.length > 0) throw refused(faults);
  return config;
}

function readChain(
  name: string,
  reader: Reader,
  env: Readonly<Record<string, string | undefined>>,
): ChainConfig {
  const rpc = reader.text('rpc');
  const rpcUrl = rpc.startsWith('$') ? env[rpc.slice(1)] : rpc;
  if (rpcUrl === undefined) reader.fault('rpc', `the environment has no ${rpc.slice(1)}`);
  const tokens = Object.fromEntries(
    reader.names('tokens').map((token) => [token, reader.section('tokens').address(token)]),
  );
  const chain: ChainConfig = {
    name,
    rpcUrl: rpcUrl ?? '',
    chainId: reader.integer('chainId'),
    domain: reader.integer('domain'),
    mailbox: reader.address('mailbox'),
    bondDelay: reader.integer('bondDelay'),
    ...(reader.has('securityModule') ? { securityModule: reader.address('securityModule') } : {}),
    tokens,
    vaults: reader.names('vaults').map((token) => ({
      token,
      args: reader.section('vaults').scalars(token),
    })),
    markets: reader.sections('markets').map((market) => readMarket(market.name, market.reader)),
  };
  reader.finish();
  return chain;
}

function readMarket(id: string, reader: Reader): MarketConfig {
  const adapter = reader.section('adapter');
  const market: MarketConfig = {
    id,
    adapter: adapter.has('address')
      ? { address: adapter.address('address') }
      : { contract: adapter.text('contract'), args: adapter.values('arguments') },
    treasury: reader.address('treasury'),
    collaterals: reader.texts('collaterals'),
    auctioneers: reader.addresses('auctioneers').sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
    threshold: reader.integer('threshold'),
    terms: reader.scalars('terms'),
    debts: reader.sections('debts').map((debt) => readDebt(debt.name, debt.reader)),
  };
  adapter.finish();
  reader.finish();
  const n = market.auctioneers.length;
  if (id.length > 32) reader.fault('id', 'at most 32 characters');
  if (2 * market.threshold <= n || market.threshold > n) {
    reader.fault('threshold', `expected more than half of the ${n} auctioneers, and at most all of them`);
  }
  if (new Set(market.auctioneers).size !== n) reader.fault('auctioneers', 'one is listed twice');
  return market;
}

function readDebt(token: string, reader: Reader): DebtConfig {
  const debt: DebtConfig = {
    token,
    amounts: reader.scalars('amounts'),
    routes: reader.names('routes').map((payChain) => readRoute(payChain, reader)),
  };
  reader.finish();
  return debt;
}

function readRoute(payChain: string, debt: Reader): RouteConfig {
  const section = debt.section('routes');
  const { token, warpRoute, reimbursement, ...fields } = section.scalars(payChain);
  if (typeof token !== 'string') debt.fault(`routes.${payChain}.token`, 'expected the name of a token there');
  return {
    payChain,
    token: String(token),
    fields,
    ...(reimbursement === undefined ? {} : { reimbursement }),
    ...(warpRoute === undefined ? {} : { warpRoute: section.section(payChain).address('warpRoute') }),
  };
}

/** Checks what one part of the file says about another. */
function checkRelations(config: Config, root: Reader): void {
  const byName = new Map(config.chains.map((chain) => [chain.name, chain]));
  for (const chain of config.chains) {
    const at = (rest: string) => `chains.${chain.name}.${rest}`;
    const known = (where: string, token: string) => {
      if (chain.tokens[token] === undefined)
        root.fault(at(where), `no token ${token} among the chain's tokens`);
    };
    for (const { token, args } of chain.vaults) {
      known(`vaults.${token}`, token);
      const redemption = Number(args.redemptionDelay ?? 0);
      // a lender that disagrees with a change must be able to leave before it
      if (config.delay <= redemption) {
        root.fault('delay', `expected more than ${redemption}, the redemption of ${token} on ${chain.name}`);
      }
      for (const derived of ['asset', 'authority']) {
        if (derived in args)
          root.fault(at(`vaults.${token}.${derived}`), 'follows from the rest, and is not set');
      }
    }
    checkDelays(chain, root);
    for (const market of chain.markets) {
      for (const token of market.collaterals) known(`markets.${market.id}.collaterals`, token);
      for (const debt of market.debts) {
        const where = `markets.${market.id}.debts.${debt.token}`;
        known(where, debt.token);
        if (!chain.vaults.some(({ token }) => token === debt.token)) {
          root.fault(at(where), `no vault of ${debt.token} on this chain`);
        }
        for (const route of debt.routes) {
          const pay = byName.get(route.payChain);
          if (pay === undefined) root.fault(at(`${where}.routes`), `no chain ${route.payChain}`);
          else if (pay === chain) root.fault(at(`${where}.routes`), 'a local payment needs no route');
          else if (pay.tokens[route.token] === undefined) {
            root.fault(at(`${where}.routes.${route.payChain}`), `no token ${route.token} on ${pay.name}`);
          }
        }
      }
    }
  }
  for (const field of ['chainId', 'domain'] as const) {
    if (new Set(config.chains.map((chain) => chain[field])).size !== config.chains.length) {
      root.fault('chains', `two chains share one ${field}`);
    }
  }
}

/** Checks that a chain's delays outlast what its markets promise. */
function checkDelays({ name, vaults, markets, bondDelay }: ChainConfig, root: Reader): void {
  const at = (rest: string) => `chains.${name}.${rest}`;
  for (const { id, debts, terms } of markets) {
    const [promise, life] = [promiseOf(terms), lifeOf(terms)];
    const windows = `the quote and landing windows of ${id} together`;
    // ranking counts on a bond that cannot leave within the horizon: by then the award must have landed
    if (promise > PROMISE_HORIZON) {
      const problem = `${windows} take ${promise} s, expected at most ${PROMISE_HORIZON}`;
      root.fault(at(`markets.${id}.terms`), `${problem}: shorten quoteWindow or landingWindow`);
    }
    // a withdrawal asked for after the observed block must not be paid before the award lands
    if (bondDelay < promise) {
      root.fault(at('bondDelay'), `expected at least ${promise}, ${windows}: raise it, or shorten those`);
    }
    for (const { token, args } of vaults) {
      // a lender that left sooner would leave the loss of an order that was open already to those who stay
      if (debts.some((debt) => debt.token === token) && Number(args.redemptionDelay ?? 0) < life) {
        const problem = `expected at least ${life}, the longest life of an order of ${id}`;
        root.fault(
          at(`vaults.${token}.redemptionDelay`),
          `${problem}: raise it, or shorten that market's windows`,
        );
      }
    }
  }
}

type Windows = Readonly<Record<string, Scalar>>;

/** Seconds from an intent's observed block until its award can no longer land, rounded up. */
function promiseOf(terms: Windows): number {
  return Math.ceil(windowOf(terms, 'quoteWindow') / 1_000) + windowOf(terms, 'landingWindow');
}

/**
 * Seconds from an intent's observed block until the lot of its order, never paid for, has reached its floor.
 */
function lifeOf(terms: Windows): number {
  const rest = ['exclusivity', 'clockSkew', 'fillWindow', 'proofWindow'].map((name) => windowOf(terms, name));
  return promiseOf(terms) + rest.reduce((sum, window) => sum + window, 2 * windowOf(terms, 'auctionLength'));
}

/**
 * A window as the market will have it, in the terms' own unit. What is no number is refused with the terms as
 * a whole.
 */
function windowOf(terms: Windows, name: string): number {
  return Number(terms[name] ?? DEFAULT_TERMS[name]);
}

function refused(faults: readonly string[]): DeployError {
  return new DeployError('BAD_CONFIG', 'the configuration is wrong', { meta: { faults } });
}
