import { collateralEscrowAbi } from '@gavel/abi';
import { BPS, mulDivUp, risingLot, sameAddress } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Chain } from '../../chain/client.ts';
import type { FlaggedDeps } from '../../orders/flagged.ts';
import type { Desk } from './desk.ts';

/**
 * Most that a debt grows between a head and the block that takes the position, basis points: an hour's
 * interest at 88 % a year.
 */
const ACCRUAL_BPS = 1n;

/** What taking takes. */
export type TakeDeps = {
  readonly desk: Desk;
  /** Receives the collateral. */
  readonly payout: Address;
  /**
   * Counts what was taken before, so that spending limits hold over restarts. Rejects if the chain cannot be
   * asked.
   */
  readonly recall: (chain: Chain) => Promise<void>;
  /** Called with each take of ours. Amount in debt units. */
  readonly onTaken: (taken: {
    readonly tx: Hex;
    readonly domain: number;
    readonly token: Address;
    readonly amount: bigint;
  }) => void;
};

/**
 * Makes what solvers do about flagged positions: take them once their delay is over, as soon as the strategy
 * finds the rising lot worth the debt. Payment and delivery are one transaction, on the position's own chain.
 */
export function createTaking({ desk, payout, recall, onTaken }: TakeDeps): FlaggedDeps['serve'] {
  return async ({ flag, market, chain, head, terms, assessment, flaggedAt }) => {
    const { repay, seizable, collateral, debt, health } = assessment;
    const start = flaggedAt + BigInt(terms.takeDelay);
    const length = BigInt(terms.auctionLength);
    const isTakeable = flaggedAt !== 0n && head.timestamp >= start && head.timestamp <= start + 2n * length;
    if (!isTakeable || repay === 0n || seizable === 0n || sameAddress(collateral, debt)) return;
    await recall(chain);
    const lot = risingLot(seizable, { leastBps: BigInt(terms.minLotBps), start, length }, head.timestamp);
    // Debt grows by the second: what is owed when the take is mined may be a little more than at this head.
    const most = repay + mulDivUp(repay, ACCRUAL_BPS, BPS);
    const offer = {
      kind: 'take',
      id: flag.positionKey,
      market,
      position: flag.position,
      round: await market.reads.round(flag.positionKey, head.number),
      collateral,
      debt,
      repay,
      full: seizable,
      lot,
      health,
      pay: { chain, token: debt, amount: most, inDebt: most },
    } as const;
    await desk.consider(offer, async ({ ask, sender }) => {
      const { transactionHash } = await sender.send({
        to: chain.contracts.collateralEscrow,
        abi: collateralEscrowAbi,
        functionName: 'take',
        args: [market.id, flag.position, ask, most, payout],
      });
      onTaken({ tx: transactionHash, domain: chain.domain, token: debt, amount: repay });
    });
  };
}
