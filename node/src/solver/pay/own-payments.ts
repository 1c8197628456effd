import type { Address } from 'viem';
import type { OrderView } from '../../order/fold.ts';
import type { BatchStage } from '../../orders/batcher.ts';
import type { Stage } from '../../orders/runner.ts';

/** What looking after one's own payments takes. Milliseconds. */
export type OwnPayments = {
  /** Whether an address is the one this node pays with. */
  readonly isPayer: (payer: Address) => boolean;
  /** How long keepers are left alone with it. */
  readonly patienceMs: bigint;
  readonly now: () => bigint;
};

/**
 * Let a payer do by itself what keepers normally do for its payment: report it, have it answered, take a refund. Keepers may
 * be down, or may never have seen the landing that a reorganisation took away; the payment must come back all the same.
 * Acceptance is left to keepers: it moves nobody's money but the vault's.
 */
export function ownPaymentStages(
  { report, verdict, release }: { report: BatchStage; verdict: BatchStage; release: Stage },
  own: OwnPayments,
): Stage[] {
  const isOurs = ({ payment }: OrderView) => payment !== undefined && own.isPayer(payment.payer);
  return [
    afterKeepers(single(report, 'report own payment'), own, isOurs, ({ reported }) => reported?.at),
    afterKeepers(
      single(verdict, 'answer own payment'),
      own,
      (view) => isOurs(view) && (view.state === 'refused' || view.state === 'sold'),
      (view) => view.verdict?.at,
    ),
    { ...release, name: 'refund own payment', due: (view) => isOurs(view) && view.state === 'declined' },
  ];
}

/** Serve one order by a step that serves many. */
function single(stage: BatchStage, name: string): Stage {
  return {
    name,
    recheckMs: 5_000n,
    due: (view) => stage.due(view),
    run: async (view) => (await stage.run([view])).get(view.intent) ?? [],
  };
}

function afterKeepers(
  stage: Stage,
  { patienceMs, now }: OwnPayments,
  isOurs: (view: OrderView) => boolean,
  lastSent: (view: OrderView) => bigint | undefined,
): Stage {
  return {
    ...stage,
    recheckMs: patienceMs < 5_000n ? 1_000n : 5_000n,
    due: (view) => isOurs(view) && stage.due(view),
    run(view) {
      // The later of payment and last message of this kind: what is on its way has the same time as what never was.
      const paidAt = (view.payment?.filledAt ?? 0n) * 1_000n;
      const sentAt = lastSent(view) ?? 0n;
      const since = sentAt > paidAt ? sentAt : paidAt;
      return now() < since + patienceMs ? Promise.resolve([]) : stage.run(view);
    },
  };
}
