import { repaymentEscrowAbi } from '@gavel/abi';
import { encodeBill, encodeFillerData, orderIdOf } from '@gavel/protocol';
import type { OrderView } from '../../order/fold.ts';
import { risingAsk } from '../../order/lots.ts';
import { payment, unknownEvidence } from '../../orders/chain-state.ts';
import type { Stage } from '../../orders/runner.ts';
import { type FillDeps, mayBePaid, refuseStale } from '../pay/fill.ts';
import type { BuyDeps } from './buy.ts';

/** Seconds left before `fillDeadline` below which no payment is begun: it might be mined too late. */
const MARGIN = 5n;

/** What paying for others' orders takes. */
export type LateFillDeps = BuyDeps & Pick<FillDeps, 'confirmations' | 'decimals' | 'headOf'>;

/**
 * Pay for an order whose winner let its exclusive right pass, for ourselves, as soon as the rising ask is worth it. As with an
 * order of our own, home must have it open under as many blocks as its value asks for.
 */
export function lateFillStage(deps: LateFillDeps): Stage {
  const isPublic = ({ order }: OrderView, time: bigint | undefined) =>
    order !== undefined &&
    time !== undefined &&
    time > order.exclusiveUntil &&
    time + MARGIN <= order.fillDeadline;
  const payTime = ({ order }: OrderView) =>
    order && deps.headOf(deps.chainOf(order.payDomain).name)?.timestamp;
  return {
    name: 'late fill',
    due: (view) => view.state === 'opened' && view.order !== undefined && view.landing !== undefined,
    ripe: (view) => isPublic(view, payTime(view)),
    async run(view) {
      await fillLate(view, payTime(view), deps);
      return [];
    },
  };
}

async function fillLate(view: OrderView, time: bigint | undefined, deps: LateFillDeps): Promise<void> {
  const { order, orderId, landing, opened, intent } = view;
  if (order === undefined || orderId === undefined || landing === undefined || opened === undefined) return;
  if (time === undefined || orderIdOf(order) !== orderId.toLowerCase()) return;
  const market = deps.findMarket(order.market, order.homeDomain, order.homeEscrow);
  const pay = deps.chainOf(order.payDomain);
  const { repaymentEscrow } = pay.contracts;
  // Another escrow than the one this node is configured for is not ours to pay into.
  if (market === undefined || order.payEscrow.toLowerCase() !== repaymentEscrow.toLowerCase()) return;
  const evidence = await payment(pay, orderId);
  if (evidence.kind === 'unknown') throw unknownEvidence(pay, evidence.cause);
  if (evidence.kind !== 'notFound') return; // paid; the log will tell
  refuseStale(pay, { timestamp: time }, deps);
  if (!(await mayBePaid(view, order, orderId, deps))) return;
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
