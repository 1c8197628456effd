import { collateralEscrowAbi } from '@gavel/abi';
import { positionKey } from '@gavel/protocol';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import { type AwaitingSurplus, type Awarded, awaitsSurplus, isAwarded } from '../order/views.ts';
import { defineStage, type Stage } from '../orders/runner.ts';

/** The parts that returning surplus needs. */
export type ReturnSurplusDeps = {
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
};

/** Creates the step that returns a credited surplus to its borrower. */
export function returnSurplusStage(deps: ReturnSurplusDeps): Stage {
  return defineStage({
    name: 'return surplus',
    due: (view): view is Awarded & AwaitingSurplus => isAwarded(view) && awaitsSurplus(view),
    async run({ landing }) {
      const { market, position, collateral, homeDomain } = landing.intent;
      const home = deps.chainOf(homeDomain);
      const { collateralEscrow } = home.contracts;
      const contract = { abi: collateralEscrowAbi } as const;
      const waiting = await home.agreed.readContract({
        ...contract,
        address: collateralEscrow,
        functionName: 'surplusOf',
        args: [positionKey(market, position), collateral],
      });
      if (waiting === 0n) return []; // another keeper returned it: the log will tell
      const args = [market, position, collateral] as const;
      await deps
        .senderOf(home)
        .send({ ...contract, to: collateralEscrow, functionName: 'returnSurplus', args });
      return [];
    },
  });
}
