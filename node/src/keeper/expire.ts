import { collateralEscrowAbi } from '@gavel/abi';
import type { Seconds } from '@gavel/protocol';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { isKnown, type Known } from '../order/views.ts';
import { homeOrder, unknownEvidence } from '../orders/chain-state.ts';
import { defineStage, type Stage } from '../orders/runner.ts';

/** The parts that keepers' steps on the home chain need. */
export type ExpireDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  /** The chain's own time, Unix seconds; undefined before its first head. */
  readonly chainTime: (chain: string) => Seconds | undefined;
};

/**
 * Creates the step that opens the lot of an order to the home sale, once `expiresAt` has passed without a
 * proof of payment. A proof before the sale still settles the order, so a known but unproven payment does not
 * delay this step.
 */
export function expireStage(deps: ExpireDeps): Stage {
  return defineStage({
    name: 'expire',
    due: (view): view is Known =>
      isKnown(view) && view.expired === undefined && (view.state === 'opened' || view.state === 'filled'),
    ripe({ order }) {
      const time = deps.chainTime(deps.chainOf(order.homeDomain).name);
      return time !== undefined && time > order.expiresAt;
    },
    async run({ order, orderId }) {
      const home = deps.chainOf(order.homeDomain);
      const evidence = await homeOrder(home, orderId);
      if (evidence.kind === 'unknown') throw unknownEvidence(home, evidence.cause);
      // Not open: expired or settled by another keeper, or gone with a reorganisation. The log will tell.
      if (evidence.kind !== 'proven' || evidence.value !== 'open') return [];
      await deps.senderOf(home).send({
        to: home.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'expire',
        args: [order],
      });
      return [];
    },
  });
}
