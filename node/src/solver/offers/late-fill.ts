import { repaymentEscrowAbi } from '@gavel/abi';
import { encodeBill, encodeFillerData, orderIdOf, risingAsk, sameAddress } from '@gavel/protocol';
import { type Awarded, isAwarded, isOpened, type Opened } from '../../order/views.ts';
import { payment, unknownEvidence } from '../../orders/chain-state.ts';
import { defineStage, type Stage } from '../../orders/runner.ts';
import { type FillDeps, mayBePaid, refuseStale } from '../pay/fill.ts';
import type { BuyDeps } from './buy.ts';

/** Seconds left before `fillDeadline` below which no payment is begun: it might be mined too late. */
const MARGIN = 5n;

/** The parts that paying for others' orders needs. */
export type LateFillDeps = BuyDeps & Pick<FillDeps, 'confirmations' | 'decimals' | 'headOf'>;

/**
 * Creates the step that pays for an order after its winner's exclusive right ended: for ourselves, as soon as
 * the strategy finds the rising ask worth the payment. Home must have the order open, with the confirmations
 * that its value needs.
 */
export function lateFillStage(deps: LateFillDeps): Stage {
  const payTime = ({ order }: Unpaid) => deps.headOf(deps.chainOf(order.payDomain).name)?.timestamp;
  return defineStage({
    name: 'late fill',
    due: (view): view is Unpaid => view.state === 'opened' && isOpened(view) && isAwarded(view),
    ripe(view) {
      const time = payTime(view);
      const { exclusiveUntil, fillDeadline } = view.order;
      return time !== undefined && time > exclusiveUntil && time + MARGIN <= fillDeadline;
    },
    async run(view) {
      const time = payTime(view);
      if (time !== undefined) await fillLate(view, time, deps);
      return [];
    },
  });
}

type Unpaid = Opened & Awarded;

async function fillLate(view: Unpaid, time: bigint, deps: LateFillDeps): Promise<void> {
  const { order, orderId, landing, intent } = view;
  if (orderIdOf(order) !== orderId) return;
  const market = deps.findMarket(order.market, order.homeDomain, order.homeEscrow);
  const pay = deps.chainOf(order.payDomain);
  const { repaymentEscrow } = pay.contracts;
  // This node pays only into the escrow that it is configured for.
  if (market === undefined || !sameAddress(order.payEscrow, repaymentEscrow)) return;
  const evidence = await payment(pay, orderId);
  if (evidence.kind === 'unknown') throw unknownEvidence(pay, evidence.cause);
  if (evidence.kind !== 'notFound') return; // paid; the log will tell
  refuseStale(pay, { timestamp: time }, deps);
  if (!(await mayBePaid(view, deps))) return;
  const { collateral, debt, repaid, keeperFee, routeFee, payToken, payAmount } = order;
  const offer = {
    kind: 'fill',
    id: orderId,
    keeps: intent,
    market,
    position: landing.intent.position,
    round: landing.intent.round,
    collateral,
    debt,
    repay: repaid,
    full: order.maxAsk,
    lot: risingAsk(order, time),
    health: 10n ** 18n,
    pay: { chain: pay, token: payToken, amount: payAmount, inDebt: repaid + keeperFee + routeFee },
  } as const;
  await deps.desk.consider(offer, async ({ ask, sender }) => {
    await sender.send({
      to: repaymentEscrow,
      abi: repaymentEscrowAbi,
      functionName: 'fill',
      args: [orderId, encodeBill(order), encodeFillerData(deps.payout, ask)],
      onHash: (hash) =>
        deps.record(intent, [{ type: 'filling', orderId, chain: pay.name, hash, at: deps.now() }]),
    });
  });
}
