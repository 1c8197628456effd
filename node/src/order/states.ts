import type { OrderEventType } from './events.ts';

/*
 * The life of an awarded intent. Lower-case words in the boxes are states, words on the lines are events.
 *
 *                        ┌── liquidated ──▶ [liquidated]                          local: one transaction, done
 *                        │
 *  [unknown] ─ awarded ─▶ [awarded] ── abandoned ──▶ [abandoned]                  nothing landed by openBy
 *                        │
 *                        └── opened ──▶ [opened] ── filled ──▶ [filled]           remote: debt repaid, then paid for
 *                                                                │
 *                         ┌──────────────── settled ─────────────┴──── refused ─────────────┐
 *                         ▼                                                                 ▼
 *                     [settled] ── accepted ──▶ [accepted]              [refused] ── declined ──▶ [declined]
 *                                                   │ released                                 │ refunded
 *                                                   ▼                                          ▼
 *                                               [released]                                [refunded]
 *
 * Evidence comes from two chains that know nothing of each other's clocks, and this node may have started late. So a later
 * fact may come first, it then carries the order past the states in between, and an earlier fact that arrives afterwards
 * is kept without moving the order back. `reported`, `verdictSent`, `filling` and the surplus events never move it.
 * [abandoned] is this node's opinion, so chain evidence overrides it. Nothing joins the accepting and the refusing branch.
 *
 * One event is in no row: `reverted` takes a fact back whose block is gone from its chain. The order is then what the facts
 * that remain make of it, in the order in which they came. That is the only way an order ever goes back, so orders follow
 * the canonical chains; it is also why `filling`, which no reorganisation undoes, may stand where no landing does.
 */

/** Where an order stands. */
export type OrderState =
  | 'unknown'
  | 'awarded'
  | 'abandoned'
  | 'liquidated'
  | 'opened'
  | 'filled'
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
const REMOTE: Row = { opened: 'opened', filled: 'filled', ...ACCEPTING, ...REFUSING };

/** Keep `state` on each of these events: facts that come late, or never move an order. */
function stay(state: OrderState, ...events: OrderEventType[]): Row {
  return Object.fromEntries(events.map((event) => [event, state]));
}

const SURPLUS: OrderEventType[] = ['surplusCredited', 'surplusReturned'];
const PAYING: OrderEventType[] = ['awarded', 'opened', 'filling', 'reported'];
const PAID: OrderEventType[] = [...PAYING, 'filled', 'verdictSent'];

/** The one transition table: state × event → state. What is absent is refused. */
export const TRANSITIONS: Readonly<Record<OrderState, Readonly<Row>>> = {
  unknown: { awarded: 'awarded', ...stay('unknown', 'filling'), ...LANDING, ...REMOTE },
  awarded: { ...stay('awarded', 'awarded', 'filling'), abandoned: 'abandoned', ...LANDING, ...REMOTE },
  abandoned: { ...stay('abandoned', 'awarded', 'filling'), ...LANDING, ...REMOTE },
  liquidated: stay('liquidated', 'awarded', ...SURPLUS),
  opened: { ...REMOTE, ...stay('opened', ...PAYING, ...SURPLUS) },
  filled: { ...ACCEPTING, ...REFUSING, ...stay('filled', ...PAYING, 'verdictSent', ...SURPLUS) },
  settled: { ...ACCEPTING, ...stay('settled', ...PAID, ...SURPLUS) },
  accepted: { ...ACCEPTING, ...stay('accepted', ...PAID, 'settled', ...SURPLUS) },
  released: stay('released', ...PAID, 'settled', 'accepted', ...SURPLUS),
  refused: { ...REFUSING, ...stay('refused', ...PAID, ...SURPLUS) },
  declined: { ...REFUSING, ...stay('declined', ...PAID, 'refused', ...SURPLUS) },
  refunded: stay('refunded', ...PAID, 'refused', 'declined', ...SURPLUS),
};

/** Every state. */
export const ORDER_STATES = Object.keys(TRANSITIONS) as OrderState[];

/** Return the state after an event, or undefined if the event is not allowed in `state`. */
export function next(state: OrderState, event: OrderEventType): OrderState | undefined {
  return TRANSITIONS[state][event];
}

/** Tell whether the payment side of an order is over; its surplus may still have to be returned. */
export function isTerminal(state: OrderState): boolean {
  return state === 'abandoned' || state === 'liquidated' || state === 'released' || state === 'refunded';
}
