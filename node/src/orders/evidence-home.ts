import { collateralEscrowAbi } from '@gavel/abi';
import { getAbiItem, type Hex } from 'viem';
import type { DecodedLog } from '../chain/logs.ts';
import type { EventOf, OrderEvent, Seen } from '../order/events.ts';
import { lotOf, type OrderView } from '../order/fold.ts';
import type { Engine } from './engine.ts';

/** What a home escrow says about orders. */
export const HOME_EVENTS = [
  getAbiItem({ abi: collateralEscrowAbi, name: 'Liquidated' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'Opened' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'PassedOver' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'Settled' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'FillRefused' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'VerdictsSent' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'Expired' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'Sold' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'BondHeld' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'BondFreed' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'BondForfeited' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'SurplusCredited' }),
  getAbiItem({ abi: collateralEscrowAbi, name: 'SurplusReturned' }),
] as const;

/** A decoded log of a home escrow. */
export type HomeLog = DecodedLog<typeof HOME_EVENTS>;

/** What taking home evidence needs. */
export type HomeEvidenceDeps = {
  readonly chain: string;
  readonly engine: Pick<Engine, 'record' | 'recordByOrder' | 'all'>;
  /** Whether this node keeps a record of a landing won by `solver`. */
  readonly keeps: (solver: Hex) => boolean;
  /** Read a landing back from its transaction, for records that lack it; nothing if it cannot be read there. */
  readonly award: (tx: Hex, intent: Hex) => Promise<EventOf<'awarded'> | undefined>;
  /** Called for every landing, whoever won it. */
  readonly onLanded: (intent: Hex, quote: Hex) => void;
  /** Called for every quote that a landing passed over. */
  readonly onPassedOver: (intent: Hex, quote: Hex, reason: Hex) => void;
  /** Milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/** Take logs of a home escrow, in chain order, into the records of their orders. */
export function createHomeEvidence(deps: HomeEvidenceDeps): (logs: readonly HomeLog[]) => Promise<void> {
  const { engine, keeps, now = () => BigInt(Date.now()) } = deps;

  const landed = async (log: HomeLog, intent: Hex, solver: Hex, events: OrderEvent[]) => {
    if (!keeps(solver)) return;
    const awarded = await deps.award(log.transactionHash, intent);
    await engine.record(intent, awarded === undefined ? events : [awarded, ...events]);
  };

  return async (logs) => {
    const credits: { tx: Hex; positionKey: Hex; event: EventOf<'surplusCredited'> }[] = [];
    /** A split is logged just before what it belongs to, in the same transaction. */
    const creditOf = (log: HomeLog, positionKey: Hex): OrderEvent[] => {
      const index = credits.findIndex(
        (credit) => credit.tx === log.transactionHash && credit.positionKey === positionKey,
      );
      return index === -1 ? [] : credits.splice(index, 1).map((credit) => credit.event);
    };
    for (const log of logs) {
      const seen: Seen = { chain: deps.chain, tx: log.transactionHash, block: log.blockNumber };
      switch (log.eventName) {
        case 'SurplusCredited': {
          const { positionKey, toBorrower, toTreasury } = log.args;
          const credited = { type: 'surplusCredited', seen, toBorrower, toTreasury } as const;
          credits.push({ tx: log.transactionHash, positionKey, event: credited });
          break;
        }
        case 'Liquidated': {
          const { intent, quote, positionKey, solver, repaid, seized, ask } = log.args;
          const liquidated = {
            type: 'liquidated',
            seen,
            quote,
            positionKey,
            solver,
            repaid,
            seized,
            ask,
          } as const;
          await landed(log, intent, solver, [liquidated, ...creditOf(log, positionKey)]);
          deps.onLanded(intent, quote);
          break;
        }
        case 'Opened': {
          const { orderId, intent, seized, order } = log.args;
          await landed(log, intent, order.solver, [{ type: 'opened', seen, orderId, order, seized }]);
          deps.onLanded(intent, order.quote);
          break;
        }
        case 'PassedOver':
          deps.onPassedOver(log.args.intent, log.args.quote, log.args.reason);
          break;
        case 'Settled': {
          const { orderId, positionKey, beneficiary, ask, surplus } = log.args;
          const settled = { type: 'settled', seen, beneficiary, ask, surplus } as const;
          await engine.recordByOrder(orderId, [settled, ...creditOf(log, positionKey)]);
          break;
        }
        case 'FillRefused':
          await engine.recordByOrder(log.args.orderId, [{ type: 'refused', seen }]);
          break;
        case 'VerdictsSent': {
          const { messageId, orderIds, accepted } = log.args;
          for (const [index, orderId] of orderIds.entries()) {
            const verdict = {
              type: 'verdictSent',
              seen,
              messageId,
              accepted: ((accepted >> BigInt(index)) & 1n) === 1n,
              at: now(),
            } as const;
            await engine.recordByOrder(orderId, [verdict]);
          }
          break;
        }
        case 'Expired': {
          const { orderId, debt, floor, restUntil } = log.args;
          await engine.recordByOrder(orderId, [{ type: 'expired', seen, debt, floor, restUntil }]);
          break;
        }
        case 'Sold': {
          const { orderId, positionKey, ...sale } = log.args;
          const sold = { type: 'sold', seen, ...sale } as const;
          await engine.recordByOrder(orderId, [sold, ...creditOf(log, positionKey)]);
          break;
        }
        case 'BondHeld': {
          const { orderId, amount, readyAt, bountyTo } = log.args;
          await engine.recordByOrder(orderId, [{ type: 'bondHeld', seen, amount, readyAt, bountyTo }]);
          break;
        }
        case 'BondFreed':
          await engine.recordByOrder(log.args.orderId, [
            { type: 'bondFreed', seen, amount: log.args.amount },
          ]);
          break;
        case 'BondForfeited': {
          const { orderId, amount, bounty, bountyTo } = log.args;
          await engine.recordByOrder(orderId, [{ type: 'bondForfeited', seen, amount, bounty, bountyTo }]);
          break;
        }
        case 'SurplusReturned': {
          const { positionKey, collateral, amount } = log.args;
          const waiting = engine.all().filter((view) => awaitsSurplus(view, positionKey, collateral, seen));
          for (const view of waiting) {
            await engine.record(view.intent, [{ type: 'surplusReturned', seen, amount }]);
          }
          break;
        }
      }
    }
  };
}

function awaitsSurplus(view: OrderView, positionKey: Hex, collateral: Hex, seen: Seen): boolean {
  const lot = lotOf(view);
  const returned = view.surplusReturned?.seen;
  return (
    lot !== undefined &&
    lot.positionKey.toLowerCase() === positionKey.toLowerCase() &&
    lot.collateral.toLowerCase() === collateral.toLowerCase() &&
    view.surplusCredited !== undefined &&
    view.surplusCredited.seen.block <= seen.block &&
    // The same return in another block: a reorganisation moved it.
    (returned === undefined || (returned.tx === seen.tx && returned.block !== seen.block))
  );
}
