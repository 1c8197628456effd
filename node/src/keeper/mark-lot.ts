import { backstopVaultAbi, marketRegistryAbi } from '@gavel/abi';
import { zeroAddress } from 'viem';
import { isOnSale } from '../order/fold.ts';
import type { Stage } from '../orders/runner.ts';
import type { ExpireDeps } from './expire.ts';

/** A lot on sale, in the order of `LotState` in VaultAccounts.sol. */
const ON_SALE = 1;

/**
 * Have the vault count an unsold lot in its share price. It does so by itself unless too many lots were on sale when this one
 * came; then somebody has to list it once a place is free.
 */
export function markLotStage(deps: Pick<ExpireDeps, 'chainOf' | 'senderOf'>): Stage {
  return {
    name: 'mark lot',
    recheckMs: 60_000n,
    due: (view) => view.order !== undefined && isOnSale(view),
    async run({ order, orderId }) {
      if (order === undefined || orderId === undefined) return [];
      const home = deps.chainOf(order.homeDomain);
      const vault = await home.agreed.readContract({
        address: home.contracts.registry,
        abi: marketRegistryAbi,
        functionName: 'vaultOf',
        args: [order.market, order.debt],
      });
      if (vault === zeroAddress) return [];
      const books = { address: vault, abi: backstopVaultAbi } as const;
      const { state, place } = await home.agreed.readContract({
        ...books,
        functionName: 'lotOf',
        args: [orderId],
      });
      if (state !== ON_SALE || place !== 0) return [];
      // Reverts while no place is free, which counts as a race lost; it is tried again.
      await deps
        .senderOf(home)
        .send({ to: vault, abi: backstopVaultAbi, functionName: 'markLot', args: [orderId] });
      return [];
    },
  };
}
