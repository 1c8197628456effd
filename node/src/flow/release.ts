import { repaymentEscrowAbi } from '@gavel/contracts';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { payment } from './chain-state.ts';
import type { Stage } from './runner.ts';

/** What moving answered payments takes. */
export type ReleaseDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
};

/** Move payments that have their verdict: accepted ones to the route's treasury, refused ones back to their payer. */
export function releaseStage(deps: ReleaseDeps): Stage {
  return {
    name: 'release',
    due: ({ state, fill }) => (state === 'accepted' || state === 'declined') && fill !== undefined,
    async run({ state, fill, orderId }) {
      if (fill === undefined || orderId === undefined) return [];
      const pay = deps.chainOf(fill.order.payDomain);
      const evidence = await payment(pay, orderId);
      const wanted = state === 'accepted' ? 'accepted' : 'refused';
      // Another state means that somebody else moved it: the log will tell.
      if (evidence.kind !== 'proven' || evidence.value !== wanted) return [];
      const functionName = state === 'accepted' ? 'release' : 'refund';
      const { repaymentEscrow } = pay.contracts;
      await deps
        .senderOf(pay)
        .send({ to: repaymentEscrow, abi: repaymentEscrowAbi, functionName, args: [fill] });
      return [];
    },
  };
}
