import { sameAddress } from '@gavel/protocol';
import { devAccount } from '../accounts.ts';
import { fundVault } from '../funding.ts';
import { FEED_DECIMALS, movePrice } from '../lending/price-feed.ts';
import { type HomeName, type Market, type Network, siteOf } from '../network.ts';
import { ACCOUNTS_OF, type Collateral, KEEPER_FEE, LOANS, PRICES, SOLVERS } from '../plan.ts';
import { createSender, type Sender } from '../sender.ts';
import type { Observer } from '../story/observer.ts';
import type { LiquidationRecord } from '../story/records.ts';
import { mint } from '../tokens.ts';

/** Who sets the stage for a round: moves prices, mints, lends. */
export type Stagehands = {
  /** Sets a collateral's price to a part of what it was at the start, per cent. */
  price(home: HomeName, symbol: Collateral, percent: number): Promise<void>;
  /**
   * Restores what a round's liquidations took: loans, solvers' money and vaults are as large as before.
   * Prices must be high.
   */
  replenish(records: readonly LiquidationRecord[], observer: Observer): Promise<void>;
};

/** Makes the senders once: every key has one for each chain. */
export function createStagehands(network: Network): Stagehands {
  const owners = new Map<string, Sender>();
  const lenders = new Map<string, Sender>();
  for (const [name, { chain }] of network.sites) {
    owners.set(name, createSender(chain, network.lendingKey.privateKey));
    lenders.set(name, createSender(chain, ACCOUNTS_OF.lender.privateKey));
  }
  const of = (senders: ReadonlyMap<string, Sender>, name: string) => {
    const sender = senders.get(name);
    return sender ?? createSender(siteOf(network, name).chain, network.lendingKey.privateKey);
  };

  const restoreMoney = async ({ market, mode, solver, repaid, debt }: LiquidationRecord) => {
    const owner = of(owners, market.home);
    const fronted = repaid + KEEPER_FEE * 10n ** BigInt(debt.decimals);
    if (mode === 'local') {
      await mint(owner, debt.address, solver, fronted);
      return;
    }
    const lender = of(lenders, market.home);
    await mint(owner, debt.address, lender.address, fronted);
    await fundVault(lender, market.vault, debt.address, fronted);
  };

  return {
    async price(home, symbol, percent) {
      const market = network.markets.find((candidate) => candidate.home === home);
      if (market === undefined) return;
      const answer = (PRICES[symbol] * BigInt(percent) * 10n ** BigInt(FEED_DECIMALS)) / 100n;
      await movePrice(of(owners, home), market.feeds[symbol], answer);
    },
    async replenish(records, observer) {
      const opened = new Map(observer.of('Opened').map(({ args }) => [args.orderId, args.order]));
      await Promise.all([
        // The lender's calls must follow each other.
        ...network.markets.map(({ home, positions, restore }) =>
          mutex(positions, (position) => restore(position, of(owners, home))),
        ),
        ...network.markets.map((market) => mutex(ofMarket(records, market), restoreMoney)),
        ...observer.of('Filled').map(({ chain, args: { payer, orderId } }) => {
          const order = opened.get(orderId);
          const isSolver = SOLVERS.some(({ account }) => sameAddress(devAccount(account).address, payer));
          return isSolver && order
            ? mint(of(owners, chain), order.payToken, payer, order.payAmount)
            : undefined;
        }),
      ]);
    },
  };
}

/** The collaterals that back loans on a home chain. */
export function collateralsOf(home: HomeName): Collateral[] {
  return [...new Set(LOANS[home].map(({ collateral }) => collateral))];
}

function ofMarket(records: readonly LiquidationRecord[], market: Market): LiquidationRecord[] {
  return records.filter((record) => record.market.id === market.id);
}

async function mutex<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await run(item);
}
