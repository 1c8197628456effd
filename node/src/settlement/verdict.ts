import { collateralEscrowAbi } from '@gavel/abi';
import { addressKey, type Ms } from '@gavel/protocol';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Counters } from '../observe/counters.ts';
import { isKnown, type Known } from '../order/views.ts';
import type { BatchStage } from '../orders/batcher.ts';
import { payment } from '../orders/chain-state.ts';
import { sendMessage } from './message.ts';

/** The parts that sending verdicts needs. */
export type VerdictDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** Milliseconds after which a message that had no effect counts as lost. */
  readonly againAfterMs: bigint;
  readonly now: () => Ms;
  readonly metrics: Counters;
};

/**
 * Creates the step that answers payments from home, many in one message. A payment that has its verdict
 * already is left out. A payment still without one `againAfterMs` after the verdict was sent is answered
 * again.
 */
export function verdictStage(deps: VerdictDeps): BatchStage<Known> {
  return {
    name: 'verdict',
    due: (view): view is Known => isKnown(view) && hasVerdict(view),
    notBefore: ({ verdictSent }) =>
      verdictSent === undefined ? 0n : (verdictSent.at ?? 0n) + deps.againAfterMs,
    keyOf: ({ order }) => `${order.homeDomain}:${order.payDomain}:${addressKey(order.payEscrow)}`,
    async run(views) {
      const waiting = await Promise.all(views.map((view) => isWaiting(view, deps)));
      const answered = views.filter((_, index) => waiting[index] === true);
      const [first] = answered;
      if (first === undefined) return new Map();
      const { homeDomain, payDomain, payEscrow } = first.order;
      const chain = deps.chainOf(homeDomain);
      const { collateralEscrow } = chain.contracts;
      const args = [payDomain, payEscrow, answered.map(({ orderId }) => orderId)] as const;
      const contract = { abi: collateralEscrowAbi, args } as const;
      const message = {
        fact: 'verdictSent',
        chain,
        quote: () =>
          chain.agreed.readContract({
            ...contract,
            address: collateralEscrow,
            functionName: 'quoteVerdicts',
          }),
        send: (value: bigint) =>
          deps
            .senderOf(chain)
            .send({ ...contract, to: collateralEscrow, functionName: 'sendVerdicts', value }),
      } as const;
      return sendMessage(answered, message, deps);
    },
  };
}

/** Tells whether home has decided on a payment, as far as this node knows. */
function hasVerdict({ state, payment }: Known): boolean {
  return state === 'settled' || state === 'refused' || (state === 'sold' && payment !== undefined);
}

async function isWaiting({ order, orderId }: Known, deps: VerdictDeps): Promise<boolean> {
  const evidence = await payment(deps.chainOf(order.payDomain), orderId);
  return evidence.kind === 'proven' && evidence.value === 'filled';
}
