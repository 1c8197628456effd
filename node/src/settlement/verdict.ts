import { collateralEscrowAbi } from '@gavel/abi';
import { parseEventLogs } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Counters } from '../observe/counters.ts';
import type { BatchStage } from '../orders/batcher.ts';
import { payment } from '../orders/chain-state.ts';

/** What sending verdicts takes. */
export type VerdictDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** Milliseconds after which a message that had no effect counts as lost. */
  readonly againAfterMs: bigint;
  readonly now: () => bigint;
  readonly metrics: Counters;
};

/**
 * Answer payments from home, many in one message. A payment that has its verdict already needs no other; one that still has
 * none `againAfterMs` after it was sent is answered again.
 */
export function verdictStage(deps: VerdictDeps): BatchStage {
  return {
    name: 'verdict',
    due: ({ state, order, payment }) =>
      order !== undefined &&
      (state === 'settled' || state === 'refused' || (state === 'sold' && payment !== undefined)),
    notBefore: ({ verdict }) => (verdict === undefined ? 0n : (verdict.at ?? 0n) + deps.againAfterMs),
    keyOf: ({ order }) => `${order?.homeDomain}:${order?.payDomain}:${order?.payEscrow.toLowerCase()}`,
    async run(views) {
      const waiting = await Promise.all(
        views.map(async ({ intent, state, order, orderId, verdict }) => {
          if (order === undefined || orderId === undefined) return [];
          const evidence = await payment(deps.chainOf(order.payDomain), orderId);
          return evidence.kind === 'proven' && evidence.value === 'filled'
            ? [{ intent, state, order, orderId, verdict }]
            : [];
        }),
      );
      const items = waiting.flat();
      const [first] = items;
      if (first === undefined) return new Map();
      const { homeDomain, payDomain, payEscrow } = first.order;
      const home = deps.chainOf(homeDomain);
      const args = [payDomain, payEscrow, items.map(({ orderId }) => orderId)] as const;
      const { collateralEscrow } = home.contracts;
      const contract = { abi: collateralEscrowAbi, args } as const;
      const value = await home.agreed.readContract({
        ...contract,
        address: collateralEscrow,
        functionName: 'quoteVerdicts',
      });
      const call = { ...contract, to: collateralEscrow, functionName: 'sendVerdicts', value } as const;
      const receipt = await deps.senderOf(home).send(call);
      const [sent] = parseEventLogs({
        abi: collateralEscrowAbi,
        eventName: 'VerdictsSent',
        logs: receipt.logs,
      });
      if (sent === undefined) return new Map();
      const { messageId } = sent.args;
      for (const { verdict } of items) {
        if (verdict !== undefined) deps.metrics.count('message_sent_again', { kind: 'verdict' });
      }
      const seen = { chain: home.name, tx: receipt.transactionHash, block: receipt.blockNumber };
      return new Map(
        items.map(({ intent, state }) => [
          intent,
          [{ type: 'verdictSent', seen, messageId, accepted: state === 'settled', at: deps.now() }],
        ]),
      );
    },
  };
}
