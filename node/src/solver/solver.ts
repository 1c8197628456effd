import { solverBondsAbi } from '@gavel/abi';
import {
  addressOfKey,
  type Certificate,
  type IntentDigest,
  type QuoteDigest,
  type SignedQuote,
  sameAddress,
} from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Auction } from '../auction/auctions.ts';
import { debtTokensOf } from '../auction/debt-tokens.ts';
import { laterOf } from '../auction/lost-records.ts';
import { indexMarkets } from '../auction/market.ts';
import { marketOf } from '../auction/served-markets.ts';
import type { Chain } from '../chain/client.ts';
import type { Head } from '../chain/heads.ts';
import type { Config } from '../config/schema.ts';
import type { Core } from '../core.ts';
import { childOf } from '../observe/telemetry.ts';
import type { OrderEvent } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';
import { createFlaggedFollower } from '../orders/flagged.ts';
import { createPrecedence, withPrecedence } from '../orders/races.ts';
import { createRunner } from '../orders/runner.ts';
import { loadProtocol } from '../positions/protocols.ts';
import { createValuation } from '../positions/valuation.ts';
import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import { releaseStage } from '../settlement/release.ts';
import { reportStage } from '../settlement/report.ts';
import { verdictStage } from '../settlement/verdict.ts';
import { createHoldings, type Holding } from './holdings.ts';
import { createInventory, type Inventory } from './inventory.ts';
import { buyStage } from './offers/buy.ts';
import { createDesk } from './offers/desk.ts';
import { lateFillStage } from './offers/late-fill.ts';
import { createTaking } from './offers/take.ts';
import { gatherProspect } from './opportunity.ts';
import { createPaper } from './paper.ts';
import { approveExactly, createAllowances } from './pay/allowance.ts';
import { fillStage } from './pay/fill.ts';
import { createLostQuotes, createSignerOf } from './pay/lost-quote.ts';
import { ownPaymentStages } from './pay/own-payments.ts';
import { createSolver } from './quote.ts';
import { countPayments, createTakeMemory, MOST_LISTED, promiseAgain, type SentQuote } from './restore.ts';
import { createSpending, readLimits } from './spending.ts';
import { loadStrategy } from './strategy.ts';
import { createVoidAuctions } from './void-auctions.ts';

/** A running solver, and what the HTTP interface shows of it. */
export type SolverRole = {
  onIntent(auction: Auction): void;
  onCertificate(auction: Auction, certificate: Certificate): void;
  onLanded(intent: IntentDigest, quote: QuoteDigest): void;
  onOrder(view: OrderView): void;
  /** The home escrow's logs of a chain have been read up to a block. */
  onRead(chain: string, toBlock: bigint): void;
  onHead(chain: string, head: Head): void;
  onQuote(auction: Auction, digest: Hex, signed: SignedQuote): void;
  onDisavowal(auction: Auction, signer: Address, subject: Hex): void;
  /** Its latest quotes, newest first. */
  quotes(): readonly SentQuote[];
  quotesFor(intent: IntentDigest): AsyncIterable<SentQuote>;
  /** The money and bonds of the account on every chain. */
  holdings(): Promise<Holding[]>;
  /** Promises that may still have to be kept. */
  promises(): ReturnType<Inventory['live']>;
};

/**
 * Bids in auctions by the configured strategy, and pays for the orders that it won on other chains. Asks the
 * same strategy about lots on sale, flagged positions, and unpaid orders of others, and pays for what the
 * strategy accepts. A dry run publishes, approves and pays nothing: it logs what it would have won.
 */
export async function startSolver(
  core: Core,
  key: Hex,
  config: NonNullable<Config['solver']>,
): Promise<SolverRole> {
  const { now, scheduler, store, engine, bidding } = core;
  const { byName: chains, clocks, chainOf, chainTime, describe } = core.chains;
  const { account, payout, confirmations, costs } = config;
  const telemetry = childOf(core.telemetry, {
    module: 'solver',
    solver: account,
    ...(core.dryRun ? { paper: true } : {}),
  });
  const { log, metrics } = telemetry;
  const strategy = await loadStrategy(config.strategy, config.options);
  log.info({ strategy: strategy.name }, 'strategy loaded');
  const paper = core.dryRun ? createPaper(telemetry) : undefined;
  const quotes = paper?.quotes ?? store.quotes;
  const inventory = createInventory();
  const voids = createVoidAuctions({
    promises: inventory.live,
    onVoid({ intent, domain, token, amount }) {
      inventory.release(intent);
      const reason = core.auctions.get(intent)?.certificate === undefined ? 'no certificate' : 'not landed';
      metrics.count('auction_void', { reason });
      const fields = { intent, reason, payDomain: domain, token, amount };
      log.info(fields, 'auction void');
      core.tell('auction void', fields);
    },
  });
  const limits = await readLimits(config.limits, { chains, describe });
  const spending = createSpending({ limits, promises: inventory.live, now });
  const recent: SentQuote[] = [];
  const senderOf = core.chains.sendersOf(key);
  // Created at once, to clear away what an earlier run left unmined.
  if (!core.dryRun) for (const chain of chains.values()) senderOf(chain);
  const allowances = createAllowances({
    account,
    senderOf,
    promises: ({ domain }, token) =>
      inventory
        .live()
        .filter((promise) => promise.homeDomain === domain && promise.domain === domain)
        .filter((promise) => sameAddress(promise.token, token)).length,
  });
  const values = new Map(
    await Promise.all(
      core.markets.map(async ({ market, config: entry, chain }) => {
        const protocol = await loadProtocol(entry);
        return [market, createValuation(protocol, chain.agreed, entry.source)] as const;
      }),
    ),
  );

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
    quotes,
    inventory,
    scheduler,
    publish: paper === undefined ? core.publish : async () => true,
    now,
    closed: bidding.closed,
    cap: spending.cap,
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
      return home.agreed.readContract({ ...call, blockNumber: observed.intent.observedBlock });
    },
    // The quote at hand is among the promises already.
    guard: core.keys.of('solver'),
    lostAt: paper === undefined ? store.lostAt : undefined,
    allow: async ({ market, observed: { intent } }) => {
      if (paper !== undefined) return;
      const promised = inventory.promised(market.domain, intent.debt);
      await allowances.ensure(chainOf(market.domain), intent.debt, promised);
    },
    onSent: (digest, quote, fields) => {
      recent.unshift({ digest, quote });
      recent.length = Math.min(recent.length, MOST_LISTED);
      core.tell('quote sent', fields);
    },
    telemetry,
  });
  const mutex = createKeyedMutex();
  const findMarket = indexMarkets(core.markets.map(({ market }) => market));
  const payment = {
    confirmations,
    decimals: async (chain: Chain, token: Address) => (await describe(chain, token)).decimals,
    chainOf,
    headOf: (chain: string) => clocks.get(chain)?.head(),
    record: (intent: IntentDigest, events: readonly OrderEvent[]) => engine.record(intent, events),
    mutex,
    now,
    telemetry,
  };
  const fill = fillStage({
    ...payment,
    account,
    quoteOf: (digest) => quotes.get(digest),
    findLost: createLostQuotes({
      ...payment,
      lostAt: () => laterOf(store.lostAt, core.keys.of('solver').claimedAt()),
      account,
      signer: addressOfKey(key),
      quotes,
      findMarket,
      onFound({ intent, reservation }) {
        inventory.reserve(reservation);
        inventory.won(intent);
      },
    }),
    signerOf: createSignerOf({
      ...payment,
      account,
      signer: addressOfKey(key),
      findMarket,
      onTwin: async (quote) => {
        await core.keys.of('solver').saw(quote, async () => false);
      },
    }),
    senderOf,
    limit: spending.refusal,
  });
  const isOwnAccount = sameAddress(account, addressOfKey(key));
  const desk = createDesk({
    ...payment,
    strategy,
    inventory,
    senderOf,
    describe,
    priceOf: (market) => values.get(market),
    costs,
    closed: bidding.closed,
    cap: spending.cap,
    limit: spending.refusal,
    async allow({ kind, pay: { chain, token, amount } }) {
      const { collateralEscrow, repaymentEscrow } = chain.contracts;
      if (kind === 'fill')
        return approveExactly(chain, senderOf(chain), { token, spender: repaymentEscrow, amount });
      // The allowance for local quotes is of the same account to the same escrow, and must not shrink.
      if (isOwnAccount) return allowances.ensure(chain, token, inventory.promised(chain.domain, token));
      return approveExactly(chain, senderOf(chain), { token, spender: collateralEscrow, amount });
    },
    paper: paper !== undefined,
  });
  const offers = {
    ...payment,
    desk,
    findMarket,
    chainTime,
    payout,
  };
  const lots = [
    ...(config.offers.sales ? [buyStage(offers)] : []),
    ...(config.offers.fills ? [lateFillStage(offers)] : []),
  ];
  const taken = createTakeMemory({ taker: addressOfKey(key), spending, now });
  const takes = createFlaggedFollower({
    flags: core.flags,
    marketOf: marketOf(core.markets),
    chainOf,
    serve: createTaking({ desk, payout, recall: taken.recall, onTaken: taken.add }),
    telemetry,
  });
  const patienceMs = BigInt(config.proveAfterMs);
  const own = ownPaymentStages(
    {
      report: reportStage({ chainOf, senderOf, chainTime, againAfterMs: patienceMs, now, metrics }),
      verdict: verdictStage({ chainOf, senderOf, againAfterMs: patienceMs, now, metrics }),
      release: releaseStage({ chainOf, senderOf }),
    },
    { isPayer: (payer) => sameAddress(payer, addressOfKey(key)), patienceMs, now },
  ).map((stage) =>
    withPrecedence(stage, { metrics, precedence: createPrecedence({ now, patience: () => 0n }) }),
  );
  const stages = paper === undefined ? [fill, ...own, ...lots] : lots;
  const runner = createRunner({ engine, stages, scheduler, now, telemetry });

  const isOurs = (view: OrderView) => view.order !== undefined && sameAddress(view.order.solver, account);
  const count = countPayments({ spending, payer: addressOfKey(key) });
  recent.push(...(await promiseAgain({ inventory, quotes, engine, now, count })));
  for (const { market, chain } of paper === undefined ? core.markets : []) {
    try {
      for (const token of await debtTokensOf(chain, market.id)) await allowances.prepare(chain, token);
    } catch (error) {
      log.warn({ err: error, market: market.name }, 'allowance not prepared, local quotes may come late');
    }
  }

  return {
    onIntent: (auction) => scheduler.run('quote', () => solver.onIntent(auction)),
    onCertificate(auction, certificate) {
      if (paper === undefined) return;
      scheduler.run('paper award', () => paper.onCertificate(auction, certificate));
      inventory.release(auction.observed.digest);
    },
    onRead: (chain, toBlock) => {
      const domain = chains.get(chain)?.domain;
      if (domain !== undefined) voids.onRead(domain, toBlock);
    },
    onLanded(intent, quote) {
      voids.onLanded(intent);
      scheduler.run('release promise', async () => {
        const record = await quotes.get(quote);
        const isRemoteWin =
          record?.intent === intent && record.signed.quote.payDomain !== record.reservation.homeDomain;
        if (record?.intent === intent && !isRemoteWin) spending.spent({ ...record.reservation, at: now() });
        if (isRemoteWin) inventory.won(intent);
        else inventory.release(intent);
        if (record?.intent === intent && !isRemoteWin) {
          await allowances.prepare(chainOf(record.reservation.homeDomain), record.reservation.debt);
        }
      });
    },
    onQuote: (auction, digest, signed) =>
      scheduler.run('guard key', () => solver.onQuote(auction, digest, signed)),
    onDisavowal: (auction, signer, subject) =>
      scheduler.run('guard key', () => solver.onDisavowal(auction, signer, subject)),
    onOrder(view) {
      // A landing that vanished leaves a promise, not a win.
      if (view.opened === undefined && view.liquidated === undefined) inventory.unlanded(view.intent);
      count(view);
      // Paid, or no longer to be paid.
      if (isOurs(view) && (view.payment !== undefined || view.sold !== undefined))
        inventory.release(view.intent);
      runner.consider(view);
    },
    onHead(chain, head) {
      const domain = chains.get(chain)?.domain;
      if (domain !== undefined) voids.onHead(domain, head);
      if (config.offers.takes) scheduler.run('takes', () => takes.onHead(chain, head));
    },
    quotes: () => recent,
    quotesFor: (intent) => quotes.forIntent(intent),
    holdings: createHoldings({
      chains,
      markets: core.markets,
      account,
      payer: addressOfKey(key),
      inventory,
      spending,
      describe,
      now,
      onFailure: (chain, error) => log.warn({ err: error, chain }, 'holdings not read'),
    }),
    promises: inventory.live,
  };
}
