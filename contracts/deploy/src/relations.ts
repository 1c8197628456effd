import { DEFAULT_TERMS, PROMISE_HORIZON } from './defaults.ts';
import type { Note } from './faults.ts';
import { marketRules } from './market-rules.ts';
import type { ChainConfig, Config, RouteConfig, Scalar } from './types.ts';

/** Notes what is wrong with one part of a configuration in view of another. */
export function relationFaults(config: Config, note: Note): void {
  if (config.chains.length === 0) note('chains', 'expected at least one');
  for (const field of ['chainId', 'domain'] as const) {
    if (new Set(config.chains.map((chain) => chain[field])).size !== config.chains.length) {
      note('chains', `two chains share one ${field}`);
    }
  }
  const inRoutes = new Map<string, string>();
  for (const chain of config.chains) {
    checkTokens(chain, note);
    checkVaults(config, chain, note);
    checkDelays(chain, note);
    for (const market of chain.markets) {
      const path = `chains.${chain.name}.markets.${market.id}`;
      marketRules(market, path, note);
      checkMarketTokens(chain, path, market.collaterals, 'collaterals', note);
      for (const debt of market.debts) {
        const at = `${path}.debts.${debt.token}`;
        if (chain.tokens[debt.token] === undefined) {
          note(at, `no token ${debt.token} among the chain's tokens`);
        } else if (!chain.vaults.some(({ token }) => token === debt.token)) {
          note(at, `no vault of ${debt.token} on this chain`);
        }
        for (const route of debt.routes) {
          checkRoute(config, chain, route, `${at}.routes.${route.payChain}`, note);
          if (!inRoutes.has(chain.name)) inRoutes.set(chain.name, `${debt.token} from ${route.payChain}`);
          if (!inRoutes.has(route.payChain)) inRoutes.set(route.payChain, `${debt.token} of ${chain.name}`);
        }
      }
    }
  }
  for (const { name, securityModule } of config.chains) {
    const route = inRoutes.get(name);
    if (route === undefined || securityModule !== undefined) continue;
    note(
      `chains.${name}.securityModule`,
      `expected the module that verifies messages of the route of ${route}, or the words: the mailbox's default`,
    );
  }
}

function checkMarketTokens(
  chain: ChainConfig,
  path: string,
  tokens: readonly string[],
  field: string,
  note: Note,
): void {
  for (const [index, token] of tokens.entries()) {
    if (chain.tokens[token] === undefined) {
      note(`${path}.${field}[${index}]`, `no token ${token} among the chain's tokens`);
    } else if (tokens.indexOf(token) !== index)
      note(`${path}.${field}[${index}]`, `${token} is listed twice`);
  }
}

/** Checks that each token has one name: settings are kept by address, so the second name would be lost. */
function checkTokens({ name, tokens }: ChainConfig, note: Note): void {
  const named = new Map<string, string>();
  for (const [token, address] of Object.entries(tokens)) {
    const other = named.get(address);
    if (other !== undefined) note(`chains.${name}.tokens.${token}`, `has the address of ${other}`);
    named.set(address, token);
  }
}

function checkVaults(config: Config, chain: ChainConfig, note: Note): void {
  for (const { token, args } of chain.vaults) {
    const at = `chains.${chain.name}.vaults.${token}`;
    if (chain.tokens[token] === undefined) note(at, `no token ${token} among the chain's tokens`);
    const redemption = Number(args.redemptionDelay ?? 0);
    // a lender that disagrees with a change must be able to leave before it
    if (config.delay <= redemption) {
      note('delay', `expected more than ${redemption}, the redemption of ${token} on ${chain.name}`);
    }
  }
}

function checkRoute(config: Config, home: ChainConfig, route: RouteConfig, path: string, note: Note): void {
  const pay = config.chains.find(({ name }) => name === route.payChain);
  if (pay === undefined) note(path, `no chain ${route.payChain}`);
  else if (pay === home) note(path, 'a local payment needs no route');
  else if (pay.tokens[route.token] === undefined) note(path, `no token ${route.token} on ${pay.name}`);
  if (route.warpRoute === undefined && route.fields.treasury === undefined) {
    note(path, 'expected a `warpRoute` that brings payments home, or a `treasury` on the pay chain');
  }
}

/** Checks that a chain's delays outlast what its markets promise. */
function checkDelays({ name, vaults, markets, bondDelay }: ChainConfig, note: Note): void {
  const at = (rest: string) => `chains.${name}.${rest}`;
  for (const { id, debts, terms } of markets) {
    const [promise, life] = [promiseOf(terms), lifeOf(terms)];
    const windows = `the quote and landing windows of ${id} together`;
    // ranking counts on a bond that cannot leave within the horizon: by then the award must have landed
    if (promise > PROMISE_HORIZON) {
      const problem = `${windows} take ${promise} s, expected at most ${PROMISE_HORIZON}`;
      note(at(`markets.${id}.terms`), `${problem}: shorten quoteWindow or landingWindow`);
    }
    // a withdrawal asked for after the observed block must not be paid before the award lands
    if (bondDelay < promise) {
      note(at('bondDelay'), `expected at least ${promise}, ${windows}: raise it, or shorten those`);
    }
    for (const { token, args } of vaults) {
      // a lender that left sooner would leave the loss of an order that was open already to those who stay
      if (debts.some((debt) => debt.token === token) && Number(args.redemptionDelay ?? 0) < life) {
        const problem = `expected at least ${life}, the longest life of an order of ${id}`;
        note(at(`vaults.${token}.redemptionDelay`), `${problem}: raise it, or shorten that market's windows`);
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
