import { repaymentEscrowAbi } from '@gavel/abi';
import { encodeLane, encodePayments, type Fill } from '@gavel/protocol';
import { parseEventLogs } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Counters } from '../observe/counters.ts';
import { fillOf, holdsBond, isPaidInTime, type OrderView } from '../order/fold.ts';
import type { BatchStage } from '../orders/batcher.ts';
import { homeOrder } from '../orders/chain-state.ts';

/** What reporting takes. */
export type ReportDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  readonly chainTime: (chain: string) => bigint | undefined;
  /** Milliseconds after which a message that had no effect counts as lost. */
  readonly againAfterMs: bigint;
  readonly now: () => bigint;
  readonly metrics: Counters;
};

/**
 * Prove payments home, many in one message. A fill is reported while home has the order open or on sale, when it frees the
 * bond of a lot that was sold, or when home can refuse it for good: an order that home does not know yet would be skipped, and the message wasted. While home still shows no effect
 * of a report after `againAfterMs`, it is sent again: messages get lost, and a second one changes nothing.
 */
export function reportStage(deps: ReportDeps): BatchStage {
  return {
    name: 'report',
    due: (view) => fillOf(view) !== undefined && (view.state === 'filled' || freesBond(view)),
    notBefore: ({ reported }) => (reported === undefined ? 0n : (reported.at ?? 0n) + deps.againAfterMs),
    keyOf: ({ order }) => `${order?.payDomain}:${order?.homeDomain}:${order?.homeEscrow.toLowerCase()}`,
    async run(views) {
      const useful = await Promise.all(views.map((view) => isUseful(view, deps)));
      const sent = views.filter((_, index) => useful[index] === true);
      const fills = byLane(sent.flatMap((view) => fillOf(view) ?? []));
      const [first] = fills;
      if (first === undefined) return new Map();
      const pay = deps.chainOf(first.order.payDomain);
      const { homeDomain, homeEscrow } = first.order;
      const args = [homeDomain, homeEscrow, encodePayments(fills)] as const;
      const contract = { abi: repaymentEscrowAbi, args } as const;
      const { repaymentEscrow } = pay.contracts;
      const value = await pay.agreed.readContract({
        ...contract,
        address: repaymentEscrow,
        functionName: 'quoteReport',
      });
      const call = { ...contract, to: repaymentEscrow, functionName: 'report', value } as const;
      const receipt = await deps.senderOf(pay).send(call);
      const [reported] = parseEventLogs({
        abi: repaymentEscrowAbi,
        eventName: 'Reported',
        logs: receipt.logs,
      });
      if (reported === undefined) return new Map();
      const { messageId } = reported.args;
      for (const view of sent) {
        if (view.reported !== undefined) deps.metrics.count('message_sent_again', { kind: 'report' });
      }
      const seen = { chain: pay.name, tx: receipt.transactionHash, block: receipt.blockNumber };
      return new Map(
        sent.map(({ intent }) => [intent, [{ type: 'reported', seen, messageId, at: deps.now() }]]),
      );
    },
  };
}

/** Put payments of one solver and market side by side: they share their lane, and home books them in one go. */
function byLane(fills: readonly Fill[]): Fill[] {
  return [...Map.groupBy(fills, ({ order }) => encodeLane(order)).values()].flat();
}

/** Tell whether the proof of a payment comes too late for its lot, but not for the bond of a winner who paid in time. */
function freesBond(view: OrderView): boolean {
  return view.sold !== undefined && holdsBond(view) && isPaidInTime(view);
}

async function isUseful(view: OrderView, deps: ReportDeps): Promise<boolean> {
  const { order, orderId } = view;
  if (order === undefined || orderId === undefined) return false;
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
