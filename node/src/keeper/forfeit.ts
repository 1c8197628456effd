import { collateralEscrowAbi } from '@gavel/abi';
import type { OrderView } from '../order/fold.ts';
import { type HoldingBond, holdsBond, isKnown, isPaidInTime, type Known } from '../order/views.ts';
import { defineStage, type Stage } from '../orders/runner.ts';
import type { ExpireDeps } from './expire.ts';

/**
 * Creates the step that forfeits a held bond: at once after a late fill, seven days after a sale that no
 * proof of payment followed. The bond of a winner that is known to have paid in time is left alone, because a
 * report frees it.
 */
export function forfeitStage(deps: ExpireDeps): Stage {
  return defineStage({
    name: 'forfeit',
    due: (view): view is Known & HoldingBond => isKnown(view) && holdsBond(view) && !isToBeFreed(view),
    ripe({ order, bondHeld }) {
      const time = deps.chainTime(deps.chainOf(order.homeDomain).name);
      return time !== undefined && time >= bondHeld.readyAt;
    },
    async run({ order, orderId }) {
      const home = deps.chainOf(order.homeDomain);
      const contract = { abi: collateralEscrowAbi } as const;
      const { collateralEscrow } = home.contracts;
      const { readyAt } = await home.agreed.readContract({
        ...contract,
        address: collateralEscrow,
        functionName: 'heldBonds',
        args: [orderId],
      });
      if (readyAt === 0n) return []; // forfeited or freed: the log will tell
      await deps
        .senderOf(home)
        .send({ ...contract, to: collateralEscrow, functionName: 'forfeit', args: [order] });
      return [];
    },
  });
}

function isToBeFreed(view: OrderView): boolean {
  return view.sold !== undefined && isPaidInTime(view);
}
