import { collateralEscrowAbi } from '@gavel/abi';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { mayExpire } from '../order/deadlines.ts';
import { homeOrder, unknownEvidence } from '../orders/chain-state.ts';
import type { Stage } from '../orders/runner.ts';

/** What expiring orders takes. */
export type ExpireDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** The chain's own time, Unix seconds; undefined before its first head. */
  readonly chainTime: (chain: string) => bigint | undefined;
};

/**
 * Open the lot of an order that nobody proved paid to the home sale. It ends nothing: a proof before the sale still settles,
 * so a payment that is known but not proven by then does not hold it back.
 */
export function expireStage(deps: ExpireDeps): Stage {
  return {
    name: 'expire',
    due: ({ state, order, expired }) =>
      order !== undefined && expired === undefined && (state === 'opened' || state === 'filled'),
    ripe(view) {
      const time = view.order && deps.chainTime(deps.chainOf(view.order.homeDomain).name);
      return time !== undefined && mayExpire(view, time);
    },
    async run({ order, orderId }) {
      if (order === undefined || orderId === undefined) return [];
      const home = deps.chainOf(order.homeDomain);
      const evidence = await homeOrder(home, orderId);
      if (evidence.kind === 'unknown') throw unknownEvidence(home, evidence.cause);
      // Not open: expired or settled by somebody else, or gone with a reorganisation. The log will tell.
      if (evidence.kind !== 'proven' || evidence.value !== 'open') return [];
      await deps.senderOf(home).send({
        to: home.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'expire',
        args: [order],
      });
      return [];
    },
  };
}
