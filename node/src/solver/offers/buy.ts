import { collateralEscrowAbi } from '@gavel/abi';
import type { IntentDigest, Ms, Seconds } from '@gavel/protocol';
import type { Address } from 'viem';
import type { FindMarket } from '../../auction/market.ts';
import type { Chain } from '../../chain/client.ts';
import type { OrderEvent } from '../../order/events.ts';
import { type Awarded, isAwarded, isOnSale, isOpened, type OnSale, type Opened } from '../../order/views.ts';
import { homeOrder, unknownEvidence } from '../../orders/chain-state.ts';
import { defineStage, type Stage } from '../../orders/runner.ts';
import type { Desk } from './desk.ts';

/** The parts that buying lots needs. */
export type BuyDeps = {
  readonly desk: Desk;
  readonly findMarket: FindMarket;
  readonly chainOf: (domain: number) => Chain;
  readonly chainTime: (chain: string) => Seconds | undefined;
  /** Receives the collateral. */
  readonly payout: Address;
  /** Makes events durable at once, in the middle of the step. */
  readonly record: (intent: IntentDigest, events: readonly OrderEvent[]) => Promise<void>;
  readonly now: () => Ms;
};

/**
 * Creates the step that buys the lots of expired orders at the home sale, as soon as the strategy finds the
 * offered lot worth its price. Payment and delivery are one transaction, so no confirmations are needed. A
 * lot whose payment is known on the pay chain is left for its proof until `restUntil`.
 */
export function buyStage(deps: BuyDeps): Stage {
  return defineStage({
    name: 'buy',
    recheckMs: 2_000n,
    due: (view): view is Lot => isOnSale(view) && isOpened(view) && isAwarded(view),
    ripe({ order, payment, expired }) {
      if (payment === undefined) return true;
      const time = deps.chainTime(deps.chainOf(order.homeDomain).name);
      return time !== undefined && time > expired.restUntil;
    },
    async run(view) {
      await buy(view, deps);
      return [];
    },
  });
}

type Lot = OnSale & Opened & Awarded;

async function buy(view: Lot, deps: BuyDeps): Promise<void> {
  const { order, orderId, landing, opened, intent } = view;
  const market = deps.findMarket(order.market, order.homeDomain, order.homeEscrow);
  if (market === undefined) return;
  const home = deps.chainOf(order.homeDomain);
  const evidence = await homeOrder(home, orderId);
  if (evidence.kind === 'unknown') throw unknownEvidence(home, evidence.cause);
  // The lot was sold or settled meanwhile, or went with a reorganisation: the log will tell.
  if (evidence.kind !== 'proven' || evidence.value !== 'expired') return;
  const contract = { abi: collateralEscrowAbi } as const;
  const { collateralEscrow } = home.contracts;
  const [lot, price] = await home.agreed.readContract({
    ...contract,
    address: collateralEscrow,
    functionName: 'offer',
    args: [order],
  });
  if (price === 0n) return; // nothing that a strategy could price
  const { collateral, debt, repaid } = order;
  const pay = { chain: home, token: debt, amount: price, inDebt: price };
  const offer = {
    kind: 'sale',
    id: orderId,
    market,
    position: landing.intent.position,
    round: landing.intent.round,
    collateral,
    debt,
    repay: repaid,
    full: opened.seized,
    lot,
    health: 10n ** 18n,
    pay,
  } as const;
  await deps.desk.consider(offer, async ({ ask, sender }) => {
    await sender.send({
      ...contract,
      to: collateralEscrow,
      functionName: 'buy',
      args: [order, ask, price, deps.payout],
      onHash: (hash) =>
        deps.record(intent, [
          { type: 'buying', orderId, chain: home.name, hash, amount: price, at: deps.now() },
        ]),
    });
  });
}
