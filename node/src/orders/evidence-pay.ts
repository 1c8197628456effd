import { repaymentEscrowAbi } from '@gavel/abi';
import { getAbiItem } from 'viem';
import type { DecodedLog } from '../chain/logs.ts';
import type { Seen } from '../order/events.ts';
import type { Engine } from './engine.ts';

/** What a pay escrow says about payments. */
export const PAY_EVENTS = [
  getAbiItem({ abi: repaymentEscrowAbi, name: 'Filled' }),
  getAbiItem({ abi: repaymentEscrowAbi, name: 'Reported' }),
  getAbiItem({ abi: repaymentEscrowAbi, name: 'VerdictReceived' }),
  getAbiItem({ abi: repaymentEscrowAbi, name: 'Released' }),
  getAbiItem({ abi: repaymentEscrowAbi, name: 'Refunded' }),
] as const;

/** A decoded log of a pay escrow. */
export type PayLog = DecodedLog<typeof PAY_EVENTS>;

/** What taking pay evidence needs. */
export type PayEvidenceDeps = {
  readonly chain: string;
  readonly engine: Pick<Engine, 'recordByOrder'>;
  /** Milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/** Take logs of a pay escrow, in chain order, into the records of their orders. */
export function createPayEvidence(deps: PayEvidenceDeps): (logs: readonly PayLog[]) => Promise<void> {
  const { engine, now = () => BigInt(Date.now()) } = deps;
  return async (logs) => {
    for (const log of logs) {
      const seen: Seen = { chain: deps.chain, tx: log.transactionHash, block: log.blockNumber };
      switch (log.eventName) {
        case 'Filled': {
          const { orderId, payer, beneficiary, ask, filledAt } = log.args;
          const payment = { payer, beneficiary, ask, filledAt };
          // By order, not by the intent it names: anybody can pay for an order of their own invention, and only a home
          // chain's `Opened` ties an id to an intent.
          await engine.recordByOrder(orderId, [{ type: 'filled', seen, orderId, payment }]);
          break;
        }
        case 'Reported': {
          const { messageId, orderIds } = log.args;
          for (const orderId of orderIds)
            await engine.recordByOrder(orderId, [{ type: 'reported', seen, messageId, at: now() }]);
          break;
        }
        case 'VerdictReceived': {
          const { orderId, accepted } = log.args;
          await engine.recordByOrder(orderId, [{ type: accepted ? 'accepted' : 'declined', seen }]);
          break;
        }
        case 'Released':
          await engine.recordByOrder(log.args.orderId, [{ type: 'released', seen, amount: log.args.amount }]);
          break;
        case 'Refunded':
          await engine.recordByOrder(log.args.orderId, [{ type: 'refunded', seen, amount: log.args.amount }]);
          break;
      }
    }
  };
}
