import { repaymentEscrowAbi } from '@gavel/abi';
import { addressKey, encodeLane, encodePayments, type Fill, type Ms, type Seconds } from '@gavel/protocol';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Counters } from '../observe/counters.ts';
import { fillOf, holdsBond, isPaid, isPaidInTime, type Paid } from '../order/views.ts';
import type { BatchStage } from '../orders/batcher.ts';
import { homeOrder } from '../orders/chain-state.ts';
import { sendMessage } from './message.ts';

/** The parts that reporting needs. */
export type ReportDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  readonly chainTime: (chain: string) => Seconds | undefined;
  /** Milliseconds after which a message that had no effect counts as lost. */
  readonly againAfterMs: bigint;
  readonly now: () => Ms;
  readonly metrics: Counters;
};

/**
 * Creates the step that proves payments to their home chains, many in one message. A payment is reported
 * while home has the order open or on sale, when the proof frees the bond of a lot that was sold, or when
 * home can refuse the payment for good. Home would skip an order that it does not know yet, and the message
 * would be wasted. A report without effect after `againAfterMs` is sent again: messages get lost, and a
 * second one changes nothing.
 */
export function reportStage(deps: ReportDeps): BatchStage<Paid> {
  return {
    name: 'report',
    due: (view): view is Paid => isPaid(view) && (view.state === 'filled' || freesBond(view)),
    notBefore: ({ reported }) => (reported === undefined ? 0n : (reported.at ?? 0n) + deps.againAfterMs),
    keyOf: ({ order }) => `${order.payDomain}:${order.homeDomain}:${addressKey(order.homeEscrow)}`,
    async run(views) {
      const useful = await Promise.all(views.map((view) => isUseful(view, deps)));
      const sent = views.filter((_, index) => useful[index] === true);
      const fills = byLane(sent.map(fillOf));
      const [first] = fills;
      if (first === undefined) return new Map();
      const { homeDomain, homeEscrow, payDomain } = first.order;
      const chain = deps.chainOf(payDomain);
      const { repaymentEscrow } = chain.contracts;
      const args = [homeDomain, homeEscrow, encodePayments(fills)] as const;
      const contract = { abi: repaymentEscrowAbi, args } as const;
      const message = {
        fact: 'reported',
        chain,
        quote: () =>
          chain.agreed.readContract({ ...contract, address: repaymentEscrow, functionName: 'quoteReport' }),
        send: (value: bigint) =>
          deps.senderOf(chain).send({ ...contract, to: repaymentEscrow, functionName: 'report', value }),
      } as const;
      return sendMessage(sent, message, deps);
    },
  };
}

/** Puts payments of one solver and market side by side: they share a lane, and home books them together. */
function byLane(fills: readonly Fill[]): Fill[] {
  return [...Map.groupBy(fills, ({ order }) => encodeLane(order)).values()].flat();
}

/**
 * Tells whether the proof of a payment comes too late for its lot, but not for the bond of a winner who paid
 * in time.
 */
function freesBond(view: Paid): boolean {
  return view.sold !== undefined && holdsBond(view) && isPaidInTime(view);
}

async function isUseful(view: Paid, deps: ReportDeps): Promise<boolean> {
  const { order, orderId } = view;
  const home = deps.chainOf(order.homeDomain);
  const evidence = await homeOrder(home, orderId);
  if (evidence.kind === 'proven') {
    const settles = evidence.value === 'open' || evidence.value === 'expired';
    return settles || (evidence.value === 'sold' && freesBond(view));
  }
  if (evidence.kind !== 'notFound') return false;
  const time = deps.chainTime(home.name);
  return time !== undefined && time > order.openBy;
}
