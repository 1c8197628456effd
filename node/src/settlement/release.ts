import { repaymentEscrowAbi } from '@gavel/abi';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { fillOf, isPaid, type Paid } from '../order/views.ts';
import { payment } from '../orders/chain-state.ts';
import { defineStage, type Stage } from '../orders/runner.ts';

/** The parts that moving answered payments needs. */
export type ReleaseDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
};

/**
 * Creates the step that moves answered payments: accepted ones to their route's treasury, refused ones to
 * their payer.
 */
export function releaseStage(deps: ReleaseDeps): Stage {
  return defineStage({
    name: 'release',
    due: (view): view is Paid => (view.state === 'accepted' || view.state === 'declined') && isPaid(view),
    async run(view) {
      const { state, orderId, order } = view;
      const fill = fillOf(view);
      const pay = deps.chainOf(order.payDomain);
      const evidence = await payment(pay, orderId);
      const wanted = state === 'accepted' ? 'accepted' : 'refused';
      // In another state the payment was moved by another account: the log will tell.
      if (evidence.kind !== 'proven' || evidence.value !== wanted) return [];
      const contract = { abi: repaymentEscrowAbi, to: pay.contracts.repaymentEscrow } as const;
      const sender = deps.senderOf(pay);
      if (state === 'declined') {
        await sender.send({ ...contract, functionName: 'refund', args: [fill] });
        return [];
      }
      // A bridge asks for a fee; a plain transfer to the treasury asks for none.
      const value = await pay.agreed.readContract({
        address: contract.to,
        abi: repaymentEscrowAbi,
        functionName: 'quoteRelease',
        args: [[fill]],
      });
      await sender.send({ ...contract, functionName: 'release', args: [fill], value });
      return [];
    },
  });
}
