import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import { BaseError, type Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import { type Evidence, gather, notFound, proven } from '../chain/evidence.ts';
import { FlowError } from '../runtime/errors.ts';

/** What the home escrow knows of an order; `None` is `notFound`. In the order of `OrderState` in Types.sol. */
export type HomeOrderState = 'open' | 'settled' | 'sold' | 'refused' | 'expired';
const HOME_STATES: readonly (HomeOrderState | undefined)[] = [
  undefined,
  'open',
  'settled',
  'sold',
  'refused',
  'expired',
];

/** What the pay escrow knows of a payment; `None` is `notFound`. In the order of `PaymentState` in Types.sol. */
export type PaymentState = 'filled' | 'accepted' | 'refused' | 'released' | 'refunded';
const PAYMENT_STATES: readonly (PaymentState | undefined)[] = [
  undefined,
  'filled',
  'accepted',
  'refused',
  'released',
  'refunded',
];

/** Ask a home escrow for an order, now, by what enough endpoints say. */
export function homeOrder(home: Chain, orderId: Hex): Promise<Evidence<HomeOrderState>> {
  return gather(async () => {
    const [state] = await home.agreed.readContract({
      address: home.contracts.collateralEscrow,
      abi: collateralEscrowAbi,
      functionName: 'orders',
      args: [orderId],
    });
    const known = HOME_STATES[state];
    return known === undefined ? notFound() : proven(known);
  });
}

/** Ask a pay escrow for a payment, now, by what enough endpoints say. */
export function payment(pay: Chain, orderId: Hex): Promise<Evidence<PaymentState>> {
  return gather(async () => {
    const state = await pay.agreed.readContract({
      address: pay.contracts.repaymentEscrow,
      abi: repaymentEscrowAbi,
      functionName: 'payments',
      args: [orderId],
    });
    const known = PAYMENT_STATES[state];
    return known === undefined ? notFound() : proven(known);
  });
}

/** Ask in which block a transaction is now; `notFound` if in none. */
export function landingBlock(chain: Chain, hash: Hex): Promise<Evidence<bigint>> {
  return gather(async () => {
    try {
      const { blockNumber } = await chain.agreed.getTransactionReceipt({ hash });
      return proven(blockNumber);
    } catch (error) {
      if (error instanceof BaseError && error.name === 'TransactionReceiptNotFoundError') return notFound();
      throw error;
    }
  });
}

/** Make the error of a step that needed an answer from a chain and got none: it is to be run again. */
export function unknownEvidence(chain: Chain, cause: unknown): FlowError {
  return new FlowError('EVIDENCE_UNKNOWN', 'A chain could not be asked before acting', {
    meta: { chain: chain.name },
    cause,
    retry: true,
  });
}
