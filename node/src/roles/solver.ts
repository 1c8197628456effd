import { solverBondsAbi } from '@gavel/contracts';
import type { Hex } from 'viem';
import type { Auction } from '../auction/book.ts';
import type { Config } from '../config/schema.ts';
import { createAllowances, debtTokensOf } from '../flow/allowance.ts';
import type { Engine } from '../flow/engine.ts';
import { fillStage } from '../flow/fill.ts';
import { createInventory, type Inventory } from '../flow/inventory.ts';
import { gatherProspect } from '../flow/opportunity.ts';
import { createSolver, type QuoteRecord } from '../flow/quote.ts';
import { createRunner } from '../flow/runner.ts';
import { loadStrategy } from '../flow/strategy.ts';
import type { OrderView } from '../order/fold.ts';
import { aaveValueInDebt } from '../positions/aave-v3.ts';
import { morphoValueInDebt } from '../positions/morpho-blue.ts';
import type { ValueInDebt } from '../positions/source.ts';
import type { Quotes } from '../store/quotes.ts';
import type { Core, ServedMarket } from './core.ts';

/** Bid in auctions by the configured strategy, and pay for what was won on other chains. */
export async function startSolver(
  core: Core,
  key: Hex,
  config: NonNullable<Config['solver']>,
): Promise<{
  onIntent(auction: Auction): void;
  onLanded(intent: Hex, quote: Hex): void;
  onOrder(view: OrderView): void;
}> {
  const { chains, chainOf, now, scheduler, store, engine, publish, describe, counters } = core;
  const { account, payout, confirmations, costs } = config;
  const log = core.log.child({ module: 'solver', solver: account });
  const strategy = await loadStrategy(config.strategy, config.options);
  log.info({ strategy: strategy.name }, 'strategy loaded');
  const inventory = createInventory(now);
  const senderOf = core.sendersOf(key);
  const allowances = createAllowances({ account, senderOf });
  const values = new Map(core.markets.map((served) => [served.market, valueInDebt(served)]));

  const gather = async (auction: Auction) => {
    const value = values.get(auction.market);
    const home = chains.get(auction.market.chain);
    if (value === undefined || home === undefined) return undefined;
    const payer = senderOf(home).address;
    const wallet = { account, payer, inventory, costs };
    return gatherProspect(auction, { chains, describe, valueInDebt: value, ...wallet });
  };
  const solver = createSolver({
    key,
    account,
    payout,
    strategy,
    quotes: store.quotes,
    inventory,
    scheduler,
    publish,
    now,
    gather,
    epoch: ({ market, observed }) => {
      const home = chainOf(market.domain);
      const args = [account] as const;
      const call = {
        address: home.contracts.bonds,
        abi: solverBondsAbi,
        functionName: 'epochs',
        args,
      } as const;
      return home.client.readContract({ ...call, blockNumber: observed.intent.observedBlock });
    },
    // The quote at hand is among the promises already.
    allow: ({ market, observed: { intent } }) =>
      allowances.ensure(chainOf(market.domain), intent.debt, inventory.promised(market.domain, intent.debt)),
    log,
    counters,
  });
  const fill = fillStage({
    account,
    confirmations,
    quoteOf: (digest) => store.quotes.get(digest),
    chainOf,
    senderOf,
    headOf: (chain) => core.clocks.get(chain)?.head(),
    record: (intent, events) => engine.record(intent, events),
    now,
    log,
    counters,
  });
  const runner = createRunner({ engine, stages: [fill], scheduler, now, log, counters });

  const isOurs = (view: OrderView) => view.order?.solver.toLowerCase() === account.toLowerCase();
  await promiseAgain({ inventory, quotes: store.quotes, engine, now });
  for (const { market, chain } of core.markets) {
    try {
      for (const token of await debtTokensOf(chain, market.id)) await allowances.prepare(chain, token);
    } catch (error) {
      log.warn({ err: error, market: market.name }, 'allowance not prepared, local quotes may come late');
    }
  }

  return {
    onIntent: (auction) => scheduler.at(now(), 'quote', () => solver.onIntent(auction)),
    onLanded: (intent, quote) =>
      scheduler.at(now(), 'release promise', async () => {
        const record = await store.quotes.get(quote);
        const isRemoteWin =
          record?.intent === intent && record.signed.quote.payDomain !== record.reservation.homeDomain;
        if (isRemoteWin) inventory.won(intent);
        else inventory.release(intent);
        if (record?.intent === intent && !isRemoteWin) {
          await allowances.prepare(chainOf(record.reservation.homeDomain), record.reservation.debt);
        }
      }),
    onOrder(view) {
      if (!isOurs(view)) return;
      if (view.payment !== undefined) inventory.release(view.intent);
      runner.consider(view);
    },
  };
}

/** Rebuild the promises that were made before a restart: quotes that may still land, and won orders not paid yet. */
async function promiseAgain(deps: {
  readonly inventory: Inventory;
  readonly quotes: Pick<Quotes<QuoteRecord>, 'all'>;
  readonly engine: Pick<Engine, 'get'>;
  readonly now: () => bigint;
}): Promise<void> {
  const { inventory, quotes, engine, now } = deps;
  for await (const { digest, quote } of quotes.all()) {
    const view = engine.get(quote.intent);
    const isUnpaidWin = view?.state === 'opened' && view.order?.quote.toLowerCase() === digest.toLowerCase();
    // A landing seen already has decided; without one the promise stands until `openBy`, which the inventory watches.
    const isPending =
      view?.opened === undefined &&
      view?.liquidated === undefined &&
      quote.reservation.openBy >= now() / 1_000n;
    if (isUnpaidWin || isPending) inventory.reserve(quote.reservation);
    if (isUnpaidWin) inventory.won(quote.intent);
  }
}

function valueInDebt({ config, chain }: ServedMarket): ValueInDebt {
  const create = config.protocol === 'aave-v3' ? aaveValueInDebt : morphoValueInDebt;
  return create(chain.client, config.source);
}
