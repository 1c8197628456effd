import { repaymentEscrowAbi } from '@gavel/abi';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { fillOf } from '../order/fold.ts';
import { payment } from '../orders/chain-state.ts';
import type { Stage } from '../orders/runner.ts';

/** What moving answered payments takes. */
export type ReleaseDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
};

/** Move payments that have their verdict: accepted ones to the route's treasury, refused ones back to their payer. */
export function releaseStage(deps: ReleaseDeps): Stage {
  return {
    name: 'release',
    due: (view) => (view.state === 'accepted' || view.state === 'declined') && fillOf(view) !== undefined,
    async run(view) {
      const { state, orderId } = view;
      const fill = fillOf(view);
      if (fill === undefined || orderId === undefined) return [];
      const pay = deps.chainOf(fill.order.payDomain);
      const evidence = await payment(pay, orderId);
      const wanted = state === 'accepted' ? 'accepted' : 'refused';
      // Another state means that somebody else moved it: the log will tell.
      if (evidence.kind !== 'proven' || evidence.value !== wanted) return [];
      const contract = { abi: repaymentEscrowAbi, to: pay.contracts.repaymentEscrow } as const;
      const sender = deps.senderOf(pay);
      if (state === 'declined') {
        await sender.send({ ...contract, functionName: 'refund', args: [fill] });
        return [];
      }
      // A bridge asks for a fee; a plain transfer to the treasury for none.
      const value = await pay.agreed.readContract({
        address: contract.to,
        abi: repaymentEscrowAbi,
        functionName: 'quoteRelease',
        args: [[fill]],
      });
      await sender.send({ ...contract, functionName: 'release', args: [fill], value });
      return [];
    },
  };
}
