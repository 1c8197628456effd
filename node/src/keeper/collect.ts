import { backstopVaultAbi, collateralEscrowAbi, marketRegistryAbi } from '@gavel/abi';
import { addressKey, type Ms } from '@gavel/protocol';
import { type Address, type Hex, zeroAddress } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Sender } from '../chain/sender.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { OrderView } from '../order/fold.ts';

/** What collecting takes. */
export type CollectDeps = {
  /** Receives what is collected. */
  readonly to: Address;
  /** Milliseconds between two looks at a chain. */
  readonly everyMs: bigint;
  readonly chainOf: (domain: number) => Chain;
  readonly senderOf: (chain: Chain) => Sender;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

type Place = {
  readonly chain: Chain;
  readonly market: Hex;
  readonly debt: Address;
  readonly collateral: Address;
};

/**
 * Collects what contracts owe this keeper's key: reimbursements of the vaults for orders it reported, and
 * credits of the escrow, which are pushes that failed. Where to look comes from the orders on record.
 */
export function createCollector(deps: CollectDeps): {
  consider(view: OrderView): void;
  onHead(chain: string): Promise<void>;
} {
  const { to, now } = deps;
  const { log, metrics } = deps.telemetry;
  const places = new Map<string, Place>();
  const lookedAt = new Map<string, bigint>();

  const reimbursements = async ({ chain, market, debt }: Place): Promise<void> => {
    const vault = await chain.agreed.readContract({
      address: chain.contracts.registry,
      abi: marketRegistryAbi,
      functionName: 'vaultOf',
      args: [market, debt],
    });
    if (vault === zeroAddress) return;
    const sender = deps.senderOf(chain);
    const contract = { abi: backstopVaultAbi } as const;
    const amount = await chain.agreed.readContract({
      ...contract,
      address: vault,
      functionName: 'reimbursements',
      args: [sender.address],
    });
    if (amount === 0n) return;
    await sender.send({ ...contract, to: vault, functionName: 'claimReimbursement', args: [to] });
    metrics.count('collected', { what: 'reimbursement' });
    log.info({ chain: chain.name, vault, token: debt, amount, to }, 'reimbursement collected');
  };

  const credits = async ({ chain, debt, collateral }: Place): Promise<void> => {
    const sender = deps.senderOf(chain);
    const contract = { abi: collateralEscrowAbi } as const;
    const { collateralEscrow } = chain.contracts;
    for (const token of [debt, collateral]) {
      const amount = await chain.agreed.readContract({
        ...contract,
        address: collateralEscrow,
        functionName: 'credits',
        args: [token, sender.address],
      });
      if (amount === 0n) continue;
      await sender.send({ ...contract, to: collateralEscrow, functionName: 'claim', args: [token, to] });
      metrics.count('collected', { what: 'credit' });
      log.info({ chain: chain.name, token, amount, to }, 'credit collected');
    }
  };

  return {
    consider({ order }) {
      if (order === undefined) return;
      const { homeDomain, market, debt, collateral } = order;
      const key = `${homeDomain}:${market}:${addressKey(debt)}:${addressKey(collateral)}`;
      if (!places.has(key)) places.set(key, { chain: deps.chainOf(homeDomain), market, debt, collateral });
    },
    async onHead(name) {
      if (now() < (lookedAt.get(name) ?? 0n) + deps.everyMs) return;
      lookedAt.set(name, now());
      // One after another: two markets may share a vault, and what one look collected the next no longer
      // finds.
      for (const place of [...places.values()].filter(({ chain }) => chain.name === name)) {
        try {
          await reimbursements(place);
          await credits(place);
        } catch (error) {
          metrics.count('collect_failed');
          log.warn({ err: error, chain: name }, 'not collected, tried again later');
        }
      }
    },
  };
}
