import { backstopVaultAbi, LotState, marketRegistryAbi } from '@gavel/abi';
import { zeroAddress } from 'viem';
import { isKnown, isOnSale, type Known, type OnSale } from '../order/views.ts';
import { defineStage, type Stage } from '../orders/runner.ts';
import type { ExpireDeps } from './expire.ts';

/**
 * Creates the step that has the vault count an unsold lot in its share price. The vault counts a lot by
 * itself unless too many lots were on sale when the lot came; such a lot is marked by a transaction once a
 * place is free.
 */
export function markLotStage(deps: Pick<ExpireDeps, 'chainOf' | 'senderOf'>): Stage {
  return defineStage({
    name: 'mark lot',
    recheckMs: 60_000n,
    due: (view): view is Known & OnSale => isKnown(view) && isOnSale(view),
    async run({ order, orderId }) {
      const home = deps.chainOf(order.homeDomain);
      const vault = await home.agreed.readContract({
        address: home.contracts.registry,
        abi: marketRegistryAbi,
        functionName: 'vaultOf',
        args: [order.market, order.debt],
      });
      if (vault === zeroAddress) return [];
      const contract = { address: vault, abi: backstopVaultAbi } as const;
      const { state, place } = await home.agreed.readContract({
        ...contract,
        functionName: 'lotOf',
        args: [orderId],
      });
      if (state !== LotState.OnSale || place !== 0) return [];
      // `markLot` reverts while no place is free. The revert counts as a lost race, and the step runs again.
      await deps
        .senderOf(home)
        .send({ to: vault, abi: backstopVaultAbi, functionName: 'markLot', args: [orderId] });
      return [];
    },
  });
}
