import type { Ms, OrderId } from '@gavel/protocol';
import type { Hex, TransactionReceipt } from 'viem';
import { parseEventLogs } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Counters } from '../observe/counters.ts';
import type { ChainFact } from '../order/events.ts';
import type { Known } from '../order/views.ts';
import { FACTS, readFacts } from '../orders/facts.ts';

/** A message about many orders, between the chains of an order. */
export type Message = {
  /** The fact that sending the message makes of each order. */
  readonly fact: 'reported' | 'verdictSent';
  /** The chain that the message leaves. */
  readonly chain: Chain;
  /** Reads the fee of the message, wei. */
  readonly quote: () => Promise<bigint>;
  readonly send: (value: bigint) => Promise<TransactionReceipt>;
};

const KINDS = { reported: 'report', verdictSent: 'verdict' } as const;

/**
 * Sends a message about `views` and reads from its receipt what happened to each of them, by intent. Rejects
 * if the fee cannot be read or sending fails.
 */
export async function sendMessage(
  views: readonly Known[],
  { fact: type, chain, quote, send }: Message,
  { now, metrics }: { readonly now: () => Ms; readonly metrics: Counters },
): Promise<ReadonlyMap<Hex, readonly ChainFact[]>> {
  const receipt = await send(await quote());
  const { side, event } = FACTS[type];
  const found = parseEventLogs({ abi: [event], logs: receipt.logs })
    .flatMap((log) => readFacts(side, chain.name, log, now()))
    .flatMap(({ subject, fact }) => (subject.kind === 'order' ? [[subject.orderId, fact] as const] : []));
  const facts = new Map<OrderId, ChainFact>(found);
  const learnt = new Map<Hex, readonly ChainFact[]>();
  for (const view of views) {
    const fact = facts.get(view.orderId);
    if (fact === undefined) continue;
    if (view[type] !== undefined) metrics.count('message_sent_again', { kind: KINDS[type] });
    learnt.set(view.intent, [fact]);
  }
  return learnt;
}
