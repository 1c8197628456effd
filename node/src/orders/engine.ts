import { type IntentDigest, isGavelError, type Ms, type OrderId } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Hex } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';
import {
  type ChainFact,
  type EventOf,
  isChainFact,
  isSamePlace,
  type OrderEvent,
  type OrderEventType,
} from '../order/events.ts';
import { apply, emptyOrder, fold, type OrderView } from '../order/fold.ts';
import { isClosed } from '../order/views.ts';
import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import type { Orders } from '../store/orders.ts';

/** Blocks below the newest whose facts are indexed: more than is ever read again after a reorganisation. */
const INDEXED_BLOCKS = 512n;

/** Facts about orders whose id is not known here yet, kept until it is. */
const MOST_PARKED = 1_024;

/**
 * The single writer of orders: every fact learnt goes through here, and is durable before any stage acts on
 * it.
 */
export type Engine = {
  /** Reads every record back. Call once, before anything else. */
  load(): Promise<void>;
  /**
   * Adds what is new of these facts. Repeated facts and facts that the state does not allow are passed over.
   */
  record(intent: IntentDigest, events: readonly OrderEvent[]): Promise<void>;
  /** The same for facts that name an order only; kept in memory until its intent is known. */
  recordByOrder(orderId: OrderId, events: readonly OrderEvent[]): Promise<void>;
  /**
   * The facts on record that were seen in these blocks (both included) of a chain, as far as blocks are
   * recent.
   */
  factsIn(
    chain: string,
    from: bigint,
    to: bigint,
  ): { readonly intent: IntentDigest; readonly fact: ChainFact }[];
  /** Forgets facts of these types and blocks that wait for their order: their blocks are being read again. */
  forgetParked(chain: string, types: ReadonlySet<OrderEventType>, from: bigint, to: bigint): void;
  /** Lets go of orders that the store has forgotten. */
  forget(intents: readonly Hex[]): void;
  get(intent: IntentDigest): OrderView | undefined;
  byOrderId(orderId: OrderId): OrderView | undefined;
  /** The orders that are not closed. */
  open(): OrderView[];
  /** Every order. */
  all(): OrderView[];
};

/** What the engine takes. */
export type EngineDeps = {
  readonly orders: Orders<OrderEvent>;
  /** Called for each event once it is durable; must not throw. */
  readonly onRecorded: (view: OrderView, event: OrderEvent) => void;
  /** Called after a batch of events of one order is durable; must not throw. */
  readonly onChanged: (view: OrderView) => void;
  readonly telemetry: Telemetry;
  /** Milliseconds; the wall clock unless given. */
  readonly now?: () => bigint;
};

/** Creates the engine over the order store. */
export function createEngine(deps: EngineDeps): Engine {
  const { orders, now = () => BigInt(Date.now()) } = deps;
  const { log, metrics } = deps.telemetry;
  const views = new Map<IntentDigest, OrderView>();
  const byOrder = new Map<Hex, Hex>();
  const parked = new LRUCache<Hex, OrderEvent[]>({ max: MOST_PARKED });
  const mutex = createKeyedMutex();
  const index = createFactIndex();

  const keep = (view: OrderView) => {
    views.set(view.intent, view);
    for (const fact of view.facts) if (isChainFact(fact)) index.add(view.intent, fact);
    if (view.orderId !== undefined) byOrder.set(view.orderId, view.intent);
  };

  const write = async (
    intent: IntentDigest,
    events: readonly OrderEvent[],
  ): Promise<OrderView | undefined> => {
    let view = views.get(intent) ?? emptyOrder(intent);
    const { version } = view;
    const steps: { view: OrderView; event: OrderEvent }[] = [];
    for (const event of events.flatMap((given) => news(view, given, now()))) {
      try {
        view = apply(view, event);
        steps.push({ view, event });
      } catch (error) {
        if (!isGavelError(error, 'ORDER_TRANSITION')) throw error;
        metrics.count('order_event_refused', { event: event.type, state: view.state });
        log.warn({ intent, state: view.state, event: event.type }, 'order event refused');
      }
    }
    if (steps.length === 0) return undefined;
    await orders.append(
      intent,
      version,
      steps.map(({ event }) => event),
    );
    keep(view);
    for (const step of steps) deps.onRecorded(step.view, step.event);
    return view;
  };

  const record = async (intent: IntentDigest, events: readonly OrderEvent[]): Promise<void> => {
    const changed = await mutex(intent, async () => {
      const view = await write(intent, events);
      const waiting = view?.orderId === undefined ? undefined : parked.get(view.orderId);
      if (view?.orderId === undefined || waiting === undefined) return view;
      parked.delete(view.orderId);
      return (await write(intent, waiting)) ?? view;
    });
    if (changed !== undefined) deps.onChanged(changed);
  };

  return {
    record,
    async load() {
      for await (const { id, events } of orders.all()) keep(fold(id, events));
    },
    async recordByOrder(orderId, events) {
      const intent = byOrder.get(orderId);
      if (intent !== undefined) return record(intent, events);
      parked.set(orderId, [...(parked.get(orderId) ?? []), ...events]);
    },
    factsIn: (chain, from, to) =>
      [...index.intents(chain, from, to)].flatMap((intent) =>
        (views.get(intent)?.facts ?? [])
          .filter(isChainFact)
          .filter(({ seen }) => seen.chain === chain && seen.block >= from && seen.block <= to)
          .map((fact) => ({ intent, fact })),
      ),
    forgetParked(chain, types, from, to) {
      const isThere = (event: OrderEvent) =>
        isChainFact(event) &&
        types.has(event.type) &&
        event.seen.chain === chain &&
        event.seen.block >= from &&
        event.seen.block <= to;
      for (const [orderId, events] of [...parked.entries()]) {
        const left = events.filter((event) => !isThere(event));
        if (left.length < events.length) parked.set(orderId, left);
      }
    },
    forget(intents) {
      for (const intent of intents) {
        const view = views.get(intent);
        if (view?.orderId !== undefined) byOrder.delete(view.orderId);
        views.delete(intent);
      }
    },
    get: (intent) => views.get(intent),
    byOrderId(orderId) {
      const intent = byOrder.get(orderId);
      return intent === undefined ? undefined : views.get(intent);
    },
    open: () => [...views.values()].filter((view) => !isClosed(view)),
    all: () => [...views.values()],
  };
}

/**
 * Finds what a fact adds: nothing if it is on record, the fact if it is new, and the correction of the record
 * if the same fact is on record from another block or transaction, which then was reorganised away. Messages
 * may be sent again, a payment may be tried again: those are other facts. A conclusion that chain evidence
 * overrode is never drawn again.
 */
function news(view: OrderView, event: OrderEvent, at: Ms): OrderEvent[] {
  if (event.type === 'reverted') {
    const stands = view.facts.some((fact) => fact.type === event.event && isAt(fact, event));
    return stands ? [event] : [];
  }
  const earlier = view.facts.find((fact) => isSameFact(fact, event));
  if (earlier === undefined) return [event];
  if (!isChainFact(earlier) || !isChainFact(event) || isSamePlace(earlier.seen, event.seen)) return [];
  return [{ type: 'reverted', event: earlier.type, seen: earlier.seen, at }, event];
}

function isAt(fact: OrderEvent, { seen }: EventOf<'reverted'>): boolean {
  return isChainFact(fact) && isSamePlace(fact.seen, seen);
}

function isSameFact(fact: OrderEvent, event: OrderEvent): boolean {
  if (fact.type === 'reported' && event.type === 'reported') return fact.messageId === event.messageId;
  if (fact.type === 'verdictSent' && event.type === 'verdictSent') return fact.messageId === event.messageId;
  if (fact.type === 'filling' && event.type === 'filling') return fact.hash === event.hash;
  if (fact.type === 'buying' && event.type === 'buying') return fact.hash === event.hash;
  return fact.type === event.type;
}

/** Know which orders have facts in which recent blocks. */
function createFactIndex() {
  const chains = new Map<string, { newest: bigint; readonly blocks: Map<bigint, Set<Hex>> }>();
  return {
    add(intent: IntentDigest, { seen: { chain, block } }: ChainFact): void {
      const entry = chains.get(chain) ?? { newest: 0n, blocks: new Map<bigint, Set<Hex>>() };
      chains.set(chain, entry);
      if (block + INDEXED_BLOCKS < entry.newest) return;
      entry.blocks.set(block, (entry.blocks.get(block) ?? new Set()).add(intent));
      if (block <= entry.newest) return;
      entry.newest = block;
      for (const old of entry.blocks.keys()) if (old + INDEXED_BLOCKS < block) entry.blocks.delete(old);
    },
    intents(chain: string, from: bigint, to: bigint): Set<Hex> {
      const found = new Set<Hex>();
      for (const [block, intents] of chains.get(chain)?.blocks ?? []) {
        if (block >= from && block <= to) for (const intent of intents) found.add(intent);
      }
      return found;
    },
  };
}
