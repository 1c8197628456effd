import type { OrderEventType } from './events.ts';

/*
 * The life of an awarded intent. Words in brackets are states, words on the lines are events; a test reads
 * this drawing and holds the table below to it.
 *
 *  [unknown] ── awarded ──▶ [awarded] ── abandoned ──▶ [abandoned]                  nothing landed by openBy
 *                           [awarded] ── liquidated ──▶ [liquidated]                local: one transaction, done
 *                           [awarded] ── opened ──▶ [opened]                        remote: debt repaid, payment awaited
 *
 *  [opened] ── filled ──▶ [filled] ── settled ──▶ [settled] ── accepted ──▶ [accepted] ── released ──▶ [released]
 *                         [filled] ── refused ──▶ [refused] ── declined ──▶ [declined] ── refunded ──▶ [refunded]
 *
 *  [opened] ── expired ──▶ [expired] ── filled ──▶ [filled]                         on sale, and a late proof still settles
 *                          [expired] ── sold ──▶ [sold] ── declined ──▶ [declined]  sold: a payment comes back
 *                           [filled] ── sold ──▶ [sold]
 *
 * Evidence comes from two chains that know nothing of each other's clocks, and this node may have started
 * late. So a later fact may come first, it then carries the order past the states in between, and an earlier
 * fact that arrives afterwards is kept without moving the order back. `reported`, `verdictSent`, `filling`,
 * `buying`, and what happens to surplus and bond never move it. An order on sale that is known to be paid is
 * [filled]: only its proof is awaited.
 * [abandoned] is this node's opinion, so chain evidence overrides it. No row joins the accepting and the
 * refusing branch, and a sale is on the refusing one.
 *
 * One event is in no row: `reverted` takes a fact back whose block is gone from its chain. The order is then
 * what the facts that remain make of it, in the order in which they came. That is the only way an order ever
 * goes back, so orders follow the canonical chains; it is also why `filling` and `buying`, which no
 * reorganisation undoes, may stand where no landing does.
 */

/** Where an order stands. */
export type OrderState =
  | 'unknown'
  | 'awarded'
  | 'abandoned'
  | 'liquidated'
  | 'opened'
  | 'filled'
  | 'expired'
  | 'sold'
  | 'settled'
  | 'accepted'
  | 'released'
  | 'refused'
  | 'declined'
  | 'refunded';

type Row = Partial<Record<OrderEventType, OrderState>>;

const LANDING: Row = { liquidated: 'liquidated' };
const ACCEPTING: Row = { settled: 'settled', accepted: 'accepted', released: 'released' };
const REFUSING: Row = { refused: 'refused', declined: 'declined', refunded: 'refunded' };
const SELLING: Row = { sold: 'sold' };
const UNSOLD: Row = { ...ACCEPTING, ...REFUSING, ...SELLING };
const REMOTE: Row = { opened: 'opened', filled: 'filled', expired: 'expired', ...UNSOLD };

/** Keeps `state` on each of these events: facts that come late, or never move an order. */
function stay(state: OrderState, ...events: OrderEventType[]): Row {
  return Object.fromEntries(events.map((event) => [event, state]));
}

const SURPLUS: OrderEventType[] = ['surplusCredited', 'surplusReturned'];
const BOND: OrderEventType[] = ['bondHeld', 'bondFreed', 'bondForfeited'];
const BEGUN: OrderEventType[] = ['filling', 'buying'];
const PAYING: OrderEventType[] = ['awarded', 'opened', 'reported', ...BEGUN, ...SURPLUS, ...BOND];
const PAID: OrderEventType[] = [...PAYING, 'filled', 'expired', 'verdictSent'];

/** The one transition table: state × event → state. What is absent is refused. */
export const TRANSITIONS: Readonly<Record<OrderState, Readonly<Row>>> = {
  unknown: { awarded: 'awarded', ...stay('unknown', ...BEGUN), ...LANDING, ...REMOTE },
  awarded: { ...stay('awarded', 'awarded', ...BEGUN), abandoned: 'abandoned', ...LANDING, ...REMOTE },
  abandoned: { ...stay('abandoned', 'awarded', ...BEGUN), ...LANDING, ...REMOTE },
  liquidated: stay('liquidated', 'awarded', ...SURPLUS),
  opened: { ...REMOTE, ...stay('opened', ...PAYING) },
  filled: { ...UNSOLD, ...stay('filled', ...PAYING, 'expired', 'verdictSent') },
  expired: { ...UNSOLD, filled: 'filled', ...stay('expired', ...PAYING, 'expired') },
  sold: { declined: 'declined', refunded: 'refunded', ...stay('sold', ...PAID) },
  settled: { ...ACCEPTING, ...stay('settled', ...PAID) },
  accepted: { ...ACCEPTING, ...stay('accepted', ...PAID, 'settled') },
  released: stay('released', ...PAID, 'settled', 'accepted'),
  refused: { ...REFUSING, ...stay('refused', ...PAID) },
  declined: { ...REFUSING, ...stay('declined', ...PAID, 'refused', 'sold') },
  refunded: stay('refunded', ...PAID, 'refused', 'declined', 'sold'),
};

/** Every state. */
export const ORDER_STATES = Object.keys(TRANSITIONS) as OrderState[];

/** Returns the state after an event, or undefined if the event is not allowed in `state`. */
export function next(state: OrderState, event: OrderEventType): OrderState | undefined {
  return TRANSITIONS[state][event];
}

/**
 * Tells whether nothing moves an order any more but this node's knowledge; its surplus may still have to be
 * returned, its bond to be forfeited, and a payment for a sold lot to be sent back.
 */
export function isTerminal(state: OrderState): boolean {
  return state === 'abandoned' || state === 'liquidated' || state === 'released' || state === 'refunded';
}
