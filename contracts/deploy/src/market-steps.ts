import { type Abi, type Address, stringToHex } from 'viem';
import { structOf } from './artifacts.ts';
import { DEFAULT_ROUTE, DEFAULT_TERMS } from './defaults.ts';
import { DeployError } from './errors.ts';
import type { Faults, Note } from './faults.ts';
import {
  adapterLabel,
  artifactOf,
  at,
  bridgeLabel,
  decimalsAt,
  type Placed,
  receiverLabel,
  tokenOf,
  vaultLabel,
} from './placement.ts';
import { type Setting, same, sameAnswer, setting } from './step.ts';
import type { Config, DebtConfig, MarketConfig, RouteConfig } from './types.ts';
import { wholeUnits } from './values.ts';

/** What a market's settings are made from. */
interface Ground {
  readonly placed: Placed;
  readonly others: readonly Placed[];
  readonly config: Config;
  readonly registry: { readonly address: Address; readonly abi: Abi };
  readonly faults: Faults;
}

/** Lists what the registry should say of one market. Records values that do not fit. */
export async function marketSettings(ground: Ground, market: MarketConfig): Promise<Setting[]> {
  const { placed, registry, faults } = ground;
  const path = `chains.${placed.chain.config.name}.markets.${market.id}`;
  const id = await faults.guard(path, () => stringToHex(market.id.slice(0, 32), { size: 32 }));
  const settings: Setting[] = [];
  const add = async (where: string, make: () => Setting) => {
    const made = await faults.guard(where, make);
    if (made !== undefined) settings.push(made);
  };
  const set = (
    what: string,
    view: string,
    key: readonly unknown[],
    setter: string,
    value: readonly unknown[],
  ) =>
    setting({
      what: `${what} of ${market.id}`,
      ...registry,
      view,
      key: [id, ...key],
      setter,
      args: [id, ...key, ...value],
      matches: (answer) => sameAnswer(answer, value),
    });

  const artifact = artifactOf(placed, 'MarketRegistry');
  await add(`${path}.terms`, () => {
    const terms = structOf(artifact, 'setTerms', 'newTerms', {
      derived: { adapter: placeOf(placed, adapterLabel(market.id)), treasury: market.treasury },
      given: market.terms,
      defaults: DEFAULT_TERMS,
    });
    at(placed, adapterLabel(market.id));
    return setting({
      what: `terms of ${market.id}`,
      ...registry,
      view: 'terms',
      key: [id],
      setter: 'setTerms',
      args: [id, terms],
      // the view answers with the version too, which is not ours to say
      matches: (answer) => Array.isArray(answer) && same(answer[0], terms),
    });
  });
  await add(path, () =>
    set(
      `auctioneers ${market.threshold} of ${market.auctioneers.length}`,
      'auctioneers',
      [],
      'setAuctioneers',
      [market.auctioneers, market.threshold],
    ),
  );
  for (const token of market.collaterals) {
    await add(path, () => {
      const address = tokenOf(placed.chain.config, token);
      return set(`collateral ${token}`, 'isCollateral', [address], 'setCollateral', [true]);
    });
  }
  for (const debt of market.debts) {
    const here = `${path}.debts.${debt.token}`;
    await add(`${here}.amounts`, () => {
      const values = debtTerms(placed, debt);
      const key = [tokenOf(placed.chain.config, debt.token)];
      return set(`caps of ${debt.token}`, 'debtTerms', key, 'setDebtTerms', [values]);
    });
    for (const route of debt.routes) {
      const there = `${here}.routes.${route.payChain}`;
      await add(there, () => {
        const { domain, value } = routeOf(ground, debt, route);
        const key = [tokenOf(placed.chain.config, debt.token), domain];
        return set(`route ${debt.token} from ${route.payChain}`, 'route', key, 'setRoute', [value]);
      });
      if (route.reimbursement !== undefined) {
        await add(`${there}.reimbursement`, () => reimbursement(ground, debt, route));
      }
    }
  }
  return settings;
}

/** Stands in for an adapter that has no place, while the rest of the terms is checked. */
const NOWHERE = '0x000000000000000000000000000000000000dEaD';

function payChainOf({ others }: Ground, { payChain }: RouteConfig): Placed {
  const pay = others.find((other) => other.chain.config.name === payChain);
  if (pay !== undefined) return pay;
  throw new DeployError('NOT_PLACED', 'a pay chain has no contracts', { meta: { payChain } });
}

/**
 * A contract's address, or {@link NOWHERE} while what it follows from is faulty: other values are checked all
 * the same.
 */
function placeOf(placed: Placed | undefined, label: string): Address {
  return placed?.contracts[label] ?? NOWHERE;
}

function routeOf(ground: Ground, debt: DebtConfig, route: RouteConfig) {
  const { placed, others, config } = ground;
  const paid = others.find((other) => other.chain.config.name === route.payChain);
  const bridge = bridgeLabel(config, placed.chain.config.name, route);
  const receiver = receiverLabel(debt.token, route);
  const isBridged = route.warpRoute !== undefined;
  const value = structOf(artifactOf(placed, 'MarketRegistry'), 'setRoute', 'newRoute', {
    derived: {
      ...(isBridged ? { bridge: placeOf(paid, bridge), treasury: placeOf(placed, receiver) } : {}),
      payEscrow: placeOf(paid, 'RepaymentEscrow'),
      payToken: paid?.chain.config.tokens[route.token] ?? NOWHERE,
      payDecimals: paid?.decimals[route.token] ?? 0,
    },
    given: route.fields,
    defaults: DEFAULT_ROUTE,
  });
  const pay = payChainOf(ground, route);
  decimalsAt(pay, route.token);
  if (isBridged) {
    at(pay, bridge);
    at(placed, receiver);
  }
  return { domain: pay.chain.config.domain, value };
}

function reimbursement(ground: Ground, { token }: DebtConfig, route: RouteConfig): Setting {
  const { placed } = ground;
  const { domain } = payChainOf(ground, route).chain.config;
  const perOrder = noting((note) => wholeUnits(route.reimbursement, decimalsAt(placed, token), '', note));
  return setting({
    what: `reimbursement of ${token} orders from ${route.payChain}`,
    address: at(placed, vaultLabel(token)),
    abi: artifactOf(placed, 'BackstopVault').abi,
    view: 'reimbursementOf',
    key: [domain],
    setter: 'setReimbursement',
    args: [domain, perOrder],
    matches: (answer) => answer === perOrder,
  });
}

function debtTerms(placed: Placed, { token, amounts }: DebtConfig): Record<string, unknown> {
  const decimals = decimalsAt(placed, token);
  return noting((note) => {
    const units = Object.fromEntries(
      Object.entries(amounts).map(([name, whole]) => [
        name,
        UNITLESS.has(name) ? whole : (wholeUnits(whole, decimals, `.${name}`, note) ?? 0n),
      ]),
    );
    const vault = vaultLabel(token);
    const derived = { vault: placeOf(placed, vault) };
    const terms = structOf(artifactOf(placed, 'MarketRegistry'), 'setDebtTerms', 'newTerms', {
      derived,
      given: units,
    });
    at(placed, vault);
    return terms;
  });
}

/** Values among a debt's terms that are no amounts. A file must not set them. */
const UNITLESS = new Set(['vault']);

/** Returns what `work` returns. Throws BAD_CONFIG with all that it noted and refused. */
function noting<T>(work: (note: Note) => T): T {
  const faults: string[] = [];
  let made: T | undefined;
  try {
    made = work((path, problem) => void faults.push(path === '' ? problem : `${path}: ${problem}`));
  } catch (error) {
    if (!(error instanceof DeployError) || !Array.isArray(error.meta.faults)) throw error;
    faults.push(...error.meta.faults.map(String));
  }
  if (faults.length === 0 && made !== undefined) return made;
  throw new DeployError('BAD_CONFIG', 'values do not fit', { meta: { faults } });
}
