import { type Ms, toMs } from '@gavel/protocol';
import type { Address } from 'viem';
import type { OrderView } from '../../order/fold.ts';
import { isPaid, type Known, type Paid } from '../../order/views.ts';
import type { BatchStage } from '../../orders/batcher.ts';
import { defineStage, type Stage, type StageOf } from '../../orders/runner.ts';

/** The parts that looking after one's own payments needs. */
export type OwnPayments = {
  /** Whether an address is the one this node pays with. */
  readonly isPayer: (payer: Address) => boolean;
  /** How long keepers go first with each step, milliseconds. */
  readonly patienceMs: bigint;
  /** Unix milliseconds. */
  readonly now: () => Ms;
};

/**
 * Creates the steps by which a payer does what keepers normally do for its payment: report it, have it
 * answered, take a refund. Keepers may be down, or may never have seen a landing that a reorganisation took
 * away, and the payment must come back nevertheless. Acceptance is left to keepers: it moves only the vault's
 * money.
 */
export function ownPaymentStages(
  { report, verdict, release }: { report: BatchStage<Paid>; verdict: BatchStage<Known>; release: Stage },
  own: OwnPayments,
): Stage[] {
  const isOurs = (view: OrderView): view is Paid => isPaid(view) && own.isPayer(view.payment.payer);
  const isRefused = (view: OrderView): view is Paid =>
    isOurs(view) && (view.state === 'refused' || view.state === 'sold');
  return [
    afterKeepers('report own payment', report, own, isOurs, ({ reported }) => reported?.at),
    afterKeepers('answer own payment', verdict, own, isRefused, ({ verdictSent }) => verdictSent?.at),
    { ...release, name: 'refund own payment', due: (view) => isOurs(view) && view.state === 'declined' },
  ];
}

/** Serves one order by a step that serves many, once keepers had their time. */
function afterKeepers<V extends OrderView>(
  name: string,
  batch: BatchStage<V>,
  { patienceMs, now }: OwnPayments,
  isOurs: (view: OrderView) => view is Paid,
  lastSent: (view: OrderView) => bigint | undefined,
): Stage {
  const stage: StageOf<V & Paid> = {
    name,
    recheckMs: patienceMs < 5_000n ? 1_000n : 5_000n,
    due: (view): view is V & Paid => isOurs(view) && batch.due(view),
    async run(view) {
      // The later of payment and last message of this kind: a message on its way gets the same time as one
      // never sent.
      const paidAt = toMs(view.payment.filledAt);
      const sentAt = lastSent(view) ?? 0n;
      const since = sentAt > paidAt ? sentAt : paidAt;
      if (now() < since + patienceMs) return [];
      return (await batch.run([view])).get(view.intent) ?? [];
    },
  };
  return defineStage(stage);
}
