import { collateralEscrowAbi, OrderState, PaymentState, repaymentEscrowAbi } from '@gavel/abi';
import type { OrderId } from '@gavel/protocol';
import { BaseError, type Hex } from 'viem';
import type { Chain } from '../chain/client.ts';
import { type Evidence, gather, notFound, proven } from '../chain/evidence.ts';
import { EvidenceError } from './errors.ts';

type NameOf<E> = Uncapitalize<Exclude<keyof E & string, 'None'>>;

/** What the home escrow knows of an order; `None` is `notFound`. */
export type HomeOrderState = NameOf<typeof OrderState>;

/** What the pay escrow knows of a payment; `None` is `notFound`. */
export type PayState = NameOf<typeof PaymentState>;

/** Ask a home escrow for an order, now, by what enough endpoints say. */
export function homeOrder(home: Chain, orderId: OrderId): Promise<Evidence<HomeOrderState>> {
  return gather(async () => {
    const [state] = await home.agreed.readContract({
      address: home.contracts.collateralEscrow,
      abi: collateralEscrowAbi,
      functionName: 'orders',
      args: [orderId],
    });
    return nameIn(OrderState, state);
  });
}

/** Ask a pay escrow for a payment, now, by what enough endpoints say. */
export function payment(pay: Chain, orderId: OrderId): Promise<Evidence<PayState>> {
  return gather(async () => {
    const state = await pay.agreed.readContract({
      address: pay.contracts.repaymentEscrow,
      abi: repaymentEscrowAbi,
      functionName: 'payments',
      args: [orderId],
    });
    return nameIn(PaymentState, state);
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
export function unknownEvidence(chain: Chain, cause: unknown): EvidenceError {
  return new EvidenceError('EVIDENCE_UNKNOWN', 'A chain could not be asked before acting', {
    meta: { chain: chain.name },
    cause,
    retry: true,
  });
}

/** Names a member of a Solidity enum; `notFound` for `None` and for a value that the enum does not have. */
function nameIn<E extends Readonly<Record<string, number>>>(values: E, value: number): Evidence<NameOf<E>> {
  const name = Object.keys(values).find((member) => values[member] === value);
  if (name === undefined || name === 'None') return notFound();
  return proven(`${name.charAt(0).toLowerCase()}${name.slice(1)}` as NameOf<E>);
}
