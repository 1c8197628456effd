import { collateralEscrowAbi } from '@gavel/abi';
import { holdsBond, isPaidInTime, type OrderView } from '../order/fold.ts';
import type { Stage } from '../orders/runner.ts';
import type { ExpireDeps } from './expire.ts';

/**
 * Take what is held of a bond, once its time has come: after a late fill at once, after a sale when seven days brought no
 * proof. The bond of a winner that is known to have paid in time is left alone: a report frees it.
 */
export function forfeitStage(deps: ExpireDeps): Stage {
  return {
    name: 'forfeit',
    due: (view) => view.order !== undefined && holdsBond(view) && !isToBeFreed(view),
    ripe({ order, bondHeld }) {
      const time = order && deps.chainTime(deps.chainOf(order.homeDomain).name);
      return time !== undefined && bondHeld !== undefined && time >= bondHeld.readyAt;
    },
    async run({ order, orderId }) {
      if (order === undefined || orderId === undefined) return [];
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
  };
}

function isToBeFreed(view: OrderView): boolean {
  return view.sold !== undefined && isPaidInTime(view);
}
