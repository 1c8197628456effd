import { collateralEscrowAbi, repaymentEscrowAbi } from '@gavel/abi';
import type { IntentDigest, Ms, OrderId, PositionKey, QuoteDigest } from '@gavel/protocol';
import type { Abi, AbiEvent, Address } from 'viem';
import { type DecodedLog, isLogOf } from '../chain/read-logs.ts';
import type { ChainFact, ChainFactType, EventOf, Seen } from '../order/events.ts';
import type { OrderView } from '../order/fold.ts';

/**
 * The escrow that logs an event: the home chain's `CollateralEscrow` or the pay chain's `RepaymentEscrow`.
 */
export type Side = 'home' | 'pay';

/** The records that a fact belongs to. */
export type Subject =
  /** The order of that id. `positionKey` claims the split of a surplus logged before for that position. */
  | { readonly kind: 'order'; readonly orderId: OrderId; readonly positionKey?: PositionKey }
  /** The intent that landed. `positionKey` as above. */
  | {
      readonly kind: 'landing';
      readonly intent: IntentDigest;
      readonly quote: QuoteDigest;
      readonly solver: Address;
      readonly positionKey?: PositionKey;
    }
  /** The next fact of the same transaction that claims this position. */
  | { readonly kind: 'split'; readonly positionKey: PositionKey }
  /** Every order of this position whose borrower waits for a surplus in `collateral`. */
  | { readonly kind: 'surplus'; readonly positionKey: PositionKey; readonly collateral: Address };

/** A fact that a log reports, and the records that the fact belongs to. */
export type Found<F extends ChainFact = ChainFact> = { readonly subject: Subject; readonly fact: F };

/** A line of the log: a constant message, and fields for machines. */
export type Line = { readonly msg: string; readonly fields: Record<string, unknown> };

/**
 * What a line may tell besides the fact. `quotesOf`: the number of quotes that this node received for an
 * intent.
 */
export type LineContext = { readonly view: OrderView; readonly quotesOf: (intent: IntentDigest) => number };

/** Everything that this node does with one kind of chain fact. */
type FactRow<F extends ChainFact> = {
  readonly side: Side;
  /** The event whose logs report the fact. Two kinds of fact may share an event. */
  readonly event: AbiEvent;
  /**
   * Returns the facts of this kind that a log reports. `at`: when this node read the log, Unix milliseconds.
   */
  read(log: DecodedLog, seen: Seen, at: Ms): readonly Found<F>[];
  line(fact: F, context: LineContext): Line;
};

type EventsOf<A extends Abi> = Extract<A[number], { readonly type: 'event' }>;
type ArgsOf<E extends AbiEvent> = DecodedLog<readonly [E]>['args'];

/** Returns a maker of rows for the events of one escrow. Throws TypeError for an event that its ABI lacks. */
function rowsOf<const A extends Abi>(side: Side, abi: A) {
  return <N extends EventsOf<A>['name'], F extends ChainFact>(
    name: N,
    read: (
      args: ArgsOf<Extract<EventsOf<A>, { readonly name: N }>>,
      seen: Seen,
      at: Ms,
    ) => readonly Found<F>[],
    line: (fact: F, context: LineContext) => Line,
  ): FactRow<F> => {
    const event = eventOf(abi, name);
    return {
      side,
      event,
      read: (log, seen, at) => (isLogOf(log, event) ? read(log.args, seen, at) : []),
      line,
    };
  };
}

function eventOf<const A extends Abi, N extends string>(abi: A, name: N) {
  type Wanted = Extract<EventsOf<A>, { readonly name: N }>;
  const event = abi.find((item): item is Wanted => item.type === 'event' && item.name === name);
  if (event === undefined) throw new TypeError(`The ABI has no event ${name}`);
  return event;
}

const home = rowsOf('home', collateralEscrowAbi);
const pay = rowsOf('pay', repaymentEscrowAbi);

/**
 * The one table of chain facts, by the type of their event: the compiler asks for exactly one row for each
 * fact of `OrderEvent`. The followed events, the evidence, the detection of reorganisations and the lines of
 * the log follow from it.
 */
export const FACTS: { readonly [T in ChainFactType]: FactRow<EventOf<T>> } = {
  liquidated: home(
    'Liquidated',
    ({ intent, quote, positionKey, solver, repaid, seized, ask }, seen) => [
      {
        subject: { kind: 'landing', intent, quote, solver, positionKey },
        fact: { type: 'liquidated', seen, quote, positionKey, solver, repaid, seized, ask },
      },
    ],
    ({ solver, repaid, seized, ask, positionKey }, { view, quotesOf }) => ({
      msg: 'landed',
      fields: { mode: 'local', solver, repaid, seized, ask, positionKey, quotes: quotesOf(view.intent) },
    }),
  ),
  opened: home(
    'Opened',
    ({ orderId, intent, seized, order }, seen) => [
      {
        subject: { kind: 'landing', intent, quote: order.quote, solver: order.solver },
        fact: { type: 'opened', seen, orderId, order, seized },
      },
    ],
    ({ order, seized }, { view, quotesOf }) => {
      const { solver, repaid, ask, payDomain, payAmount, positionKey } = order;
      const parts = { mode: 'remote', solver, repaid, seized, ask, payDomain, payAmount, positionKey };
      return { msg: 'landed', fields: { ...parts, quotes: quotesOf(view.intent) } };
    },
  ),
  filled: pay(
    'Filled',
    // By order, not by the intent that the log names: any account can pay for an order of its own invention,
    // and only the `Opened` of a home chain ties an id to an intent.
    ({ orderId, payer, beneficiary, ask, filledAt }, seen) => [
      {
        subject: { kind: 'order', orderId },
        fact: { type: 'filled', seen, orderId, payment: { payer, beneficiary, ask, filledAt } },
      },
    ],
    ({ payment: { payer, beneficiary, ask } }, { view }) => ({
      msg: 'filled',
      fields: { payer, beneficiary, ask, payAmount: view.order?.payAmount },
    }),
  ),
  reported: pay(
    'Reported',
    ({ messageId, orderIds }, seen, at) =>
      orderIds.map((orderId) => ({
        subject: { kind: 'order', orderId },
        fact: { type: 'reported', seen, messageId, at },
      })),
    ({ messageId }) => ({ msg: 'reported', fields: { messageId } }),
  ),
  settled: home(
    'Settled',
    ({ orderId, positionKey, beneficiary, ask, surplus }, seen) => [
      {
        subject: { kind: 'order', orderId, positionKey },
        fact: { type: 'settled', seen, beneficiary, ask, surplus },
      },
    ],
    ({ beneficiary, ask, surplus }) => ({ msg: 'settled', fields: { beneficiary, ask, surplus } }),
  ),
  refused: home(
    'FillRefused',
    ({ orderId }, seen) => [{ subject: { kind: 'order', orderId }, fact: { type: 'refused', seen } }],
    () => ({ msg: 'fill refused', fields: {} }),
  ),
  verdictSent: home(
    'VerdictsSent',
    ({ messageId, orderIds, accepted: bits }, seen, at) =>
      orderIds.map((orderId, index) => {
        const accepted = ((bits >> BigInt(index)) & 1n) === 1n;
        return {
          subject: { kind: 'order', orderId },
          fact: { type: 'verdictSent', seen, messageId, accepted, at },
        };
      }),
    ({ messageId, accepted }) => ({ msg: 'verdicts sent', fields: { messageId, accepted } }),
  ),
  accepted: pay(
    'VerdictReceived',
    ({ orderId, accepted }, seen) =>
      accepted ? [{ subject: { kind: 'order', orderId }, fact: { type: 'accepted', seen } }] : [],
    () => ({ msg: 'verdict received', fields: { accepted: true } }),
  ),
  declined: pay(
    'VerdictReceived',
    ({ orderId, accepted }, seen) =>
      accepted ? [] : [{ subject: { kind: 'order', orderId }, fact: { type: 'declined', seen } }],
    () => ({ msg: 'verdict received', fields: { accepted: false } }),
  ),
  released: pay(
    'Released',
    ({ orderId, amount }, seen) => [
      { subject: { kind: 'order', orderId }, fact: { type: 'released', seen, amount } },
    ],
    ({ amount }) => ({ msg: 'released', fields: { amount } }),
  ),
  refunded: pay(
    'Refunded',
    ({ orderId, amount }, seen) => [
      { subject: { kind: 'order', orderId }, fact: { type: 'refunded', seen, amount } },
    ],
    ({ amount }) => ({ msg: 'refunded', fields: { amount } }),
  ),
  expired: home(
    'Expired',
    ({ orderId, debt, floor, restUntil }, seen) => [
      { subject: { kind: 'order', orderId }, fact: { type: 'expired', seen, debt, floor, restUntil } },
    ],
    ({ debt, floor, restUntil }) => ({ msg: 'expired, lot on sale', fields: { debt, floor, restUntil } }),
  ),
  sold: home(
    'Sold',
    ({ orderId, positionKey, buyer, recipient, lot, price, surplus }, seen) => [
      {
        subject: { kind: 'order', orderId, positionKey },
        fact: { type: 'sold', seen, buyer, recipient, lot, price, surplus },
      },
    ],
    ({ buyer, recipient, lot, price, surplus }) => ({
      msg: 'lot sold',
      fields: { buyer, recipient, lot, price, surplus },
    }),
  ),
  bondHeld: home(
    'BondHeld',
    ({ orderId, amount, readyAt, bountyTo }, seen) => [
      { subject: { kind: 'order', orderId }, fact: { type: 'bondHeld', seen, amount, readyAt, bountyTo } },
    ],
    ({ amount, readyAt, bountyTo }) => ({ msg: 'bond held', fields: { amount, readyAt, bountyTo } }),
  ),
  bondFreed: home(
    'BondFreed',
    ({ orderId, amount }, seen) => [
      { subject: { kind: 'order', orderId }, fact: { type: 'bondFreed', seen, amount } },
    ],
    ({ amount }) => ({ msg: 'bond freed', fields: { amount } }),
  ),
  bondForfeited: home(
    'BondForfeited',
    ({ orderId, amount, bounty, bountyTo }, seen) => [
      {
        subject: { kind: 'order', orderId },
        fact: { type: 'bondForfeited', seen, amount, bounty, bountyTo },
      },
    ],
    ({ amount, bounty, bountyTo }) => ({ msg: 'bond forfeited', fields: { amount, bounty, bountyTo } }),
  ),
  surplusCredited: home(
    'SurplusCredited',
    ({ positionKey, toBorrower, toTreasury }, seen) => [
      {
        subject: { kind: 'split', positionKey },
        fact: { type: 'surplusCredited', seen, toBorrower, toTreasury },
      },
    ],
    ({ toBorrower, toTreasury }) => ({ msg: 'surplus credited', fields: { toBorrower, toTreasury } }),
  ),
  surplusReturned: home(
    'SurplusReturned',
    ({ positionKey, collateral, amount }, seen) => [
      {
        subject: { kind: 'surplus', positionKey, collateral },
        fact: { type: 'surplusReturned', seen, amount },
      },
    ],
    ({ amount }) => ({ msg: 'surplus returned', fields: { amount } }),
  ),
};

/** The types of all chain facts. */
export const FACT_TYPES = Object.keys(FACTS) as ChainFactType[];

/** A quote that a landing passed over: told, but no fact of an order. */
export const PASSED_OVER = eventOf(collateralEscrowAbi, 'PassedOver');

/** The events of a home escrow that this node follows. */
export const HOME_EVENTS: readonly AbiEvent[] = [...eventsOf('home'), PASSED_OVER];

/** The events of a pay escrow that this node follows. */
export const PAY_EVENTS: readonly AbiEvent[] = eventsOf('pay');

/**
 * Returns the facts that a log of an escrow reports. `at`: when this node read the log, Unix milliseconds.
 */
export function readFacts(side: Side, chain: string, log: DecodedLog, at: Ms): Found[] {
  const seen: Seen = { chain, tx: log.transactionHash, block: log.blockNumber };
  return Object.values(FACTS).flatMap((row): readonly Found[] =>
    row.side === side ? row.read(log, seen, at) : [],
  );
}

/** Returns the line that tells a fact. */
export function lineOf<T extends ChainFactType>(type: T, fact: EventOf<T>, context: LineContext): Line {
  return FACTS[type].line(fact, context);
}

function eventsOf(side: Side): AbiEvent[] {
  const events = Object.values(FACTS).flatMap((row) => (row.side === side ? [row.event] : []));
  return [...new Set(events)];
}
