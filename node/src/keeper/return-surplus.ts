import { collateralEscrowAbi } from '@gavel/abi';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { lotOf } from '../order/fold.ts';
import type { Stage } from '../orders/runner.ts';

/** What returning surplus takes. */
export type ReturnSurplusDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
};

/** Give borrowers their part of the surplus back, as soon as it is credited. */
export function returnSurplusStage(deps: ReturnSurplusDeps): Stage {
  return {
    name: 'return surplus',
    due: ({ surplusCredited, surplusReturned, landing }) =>
      surplusCredited !== undefined &&
      surplusCredited.toBorrower > 0n &&
      surplusReturned === undefined &&
      landing !== undefined,
    async run(view) {
      const lot = lotOf(view);
      if (lot === undefined || view.landing === undefined) return [];
      const { market, position, homeDomain } = view.landing.intent;
      const home = deps.chainOf(homeDomain);
      const { collateralEscrow } = home.contracts;
      const contract = { abi: collateralEscrowAbi } as const;
      const waiting = await home.agreed.readContract({
        ...contract,
        address: collateralEscrow,
        functionName: 'surplusOf',
        args: [lot.positionKey, lot.collateral],
      });
      if (waiting === 0n) return []; // somebody else returned it: the log will tell
      const args = [market, position, lot.collateral] as const;
      await deps
        .senderOf(home)
        .send({ ...contract, to: collateralEscrow, functionName: 'returnSurplus', args });
      return [];
    },
  };
}
