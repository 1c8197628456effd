import { DEFAULT_TERMS, PROMISE_HORIZON } from './defaults.ts';
import type { ChainConfig, Config, MarketConfig, Scalar } from './types.ts';

type Note = (path: string, problem: string) => void;

/** Returns what is wrong with one part of a configuration in view of another, one fault each. */
export function relationFaults(config: Config): string[] {
  const faults: string[] = [];
  const fault: Note = (path, problem) => void faults.push(`${path}: ${problem}`);
  const byName = new Map(config.chains.map((chain) => [chain.name, chain]));
  for (const chain of config.chains) {
    const at = (rest: string) => `chains.${chain.name}.${rest}`;
    const known = (where: string, token: string) => {
      if (chain.tokens[token] === undefined) fault(at(where), `no token ${token} among the chain's tokens`);
    };
    for (const { token, args } of chain.vaults) {
      known(`vaults.${token}`, token);
      const redemption = Number(args.redemptionDelay ?? 0);
      // a lender that disagrees with a change must be able to leave before it
      if (config.delay <= redemption) {
        fault('delay', `expected more than ${redemption}, the redemption of ${token} on ${chain.name}`);
      }
      for (const derived of ['asset', 'authority']) {
        if (derived in args) fault(at(`vaults.${token}.${derived}`), 'follows from the rest, and is not set');
      }
    }
    checkDelays(chain, fault);
    for (const market of chain.markets)
      checkCouncil(market, `chains.${chain.name}.markets.${market.id}`, fault);
    for (const market of chain.markets) {
      for (const token of market.collaterals) known(`markets.${market.id}.collaterals`, token);
      for (const debt of market.debts) {
        const where = `markets.${market.id}.debts.${debt.token}`;
        known(where, debt.token);
        if (!chain.vaults.some(({ token }) => token === debt.token)) {
          fault(at(where), `no vault of ${debt.token} on this chain`);
        }
        for (const route of debt.routes) {
          const pay = byName.get(route.payChain);
          if (pay === undefined) fault(at(`${where}.routes`), `no chain ${route.payChain}`);
          else if (pay === chain) fault(at(`${where}.routes`), 'a local payment needs no route');
          else if (pay.tokens[route.token] === undefined) {
            fault(at(`${where}.routes.${route.payChain}`), `no token ${route.token} on ${pay.name}`);
          }
        }
      }
    }
  }
  for (const field of ['chainId', 'domain'] as const) {
    if (new Set(config.chains.map((chain) => chain[field])).size !== config.chains.length) {
      fault('chains', `two chains share one ${field}`);
    }
  }
  if (config.chains.length === 0) fault('chains', 'expected at least one');
  return faults;
}

/** Checks that a market's auctioneers can decide, and that its id fits. */
function checkCouncil({ id, auctioneers, threshold }: MarketConfig, path: string, fault: Note): void {
  const n = auctioneers.length;
  if (id.length > 32) fault(path, 'the id has at most 32 characters');
  if (2 * threshold <= n || threshold > n) {
    fault(`${path}.threshold`, `expected more than half of the ${n} auctioneers, and at most all of them`);
  }
  if (new Set(auctioneers).size !== n) fault(`${path}.auctioneers`, 'one is listed twice');
}

/** Checks that a chain's delays outlast what its markets promise. */
function checkDelays({ name, vaults, markets, bondDelay }: ChainConfig, fault: Note): void {
  const at = (rest: string) => `chains.${name}.${rest}`;
  for (const { id, debts, terms } of markets) {
    const [promise, life] = [promiseOf(terms), lifeOf(terms)];
    const windows = `the quote and landing windows of ${id} together`;
    // ranking counts on a bond that cannot leave within the horizon: by then the award must have landed
    if (promise > PROMISE_HORIZON) {
      const problem = `${windows} take ${promise} s, expected at most ${PROMISE_HORIZON}`;
      fault(at(`markets.${id}.terms`), `${problem}: shorten quoteWindow or landingWindow`);
    }
    // a withdrawal asked for after the observed block must not be paid before the award lands
    if (bondDelay < promise) {
      fault(at('bondDelay'), `expected at least ${promise}, ${windows}: raise it, or shorten those`);
    }
    for (const { token, args } of vaults) {
      // a lender that left sooner would leave the loss of an order that was open already to those who stay
      if (debts.some((debt) => debt.token === token) && Number(args.redemptionDelay ?? 0) < life) {
        const problem = `expected at least ${life}, the longest life of an order of ${id}`;
        fault(
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
