import { isGavelError } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Hex } from 'viem';
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { OrderEvent } from '../order/events.ts';
import { apply, emptyOrder, fold, isClosed, type OrderView } from '../order/fold.ts';
import type { Orders } from '../store/orders.ts';
import { createTurns } from '../store/turns.ts';

/** Facts about orders whose id is not known here yet, kept until it is. */
const MOST_PARKED = 1_024;

/** The single writer of orders: whatever is learnt goes through here, and is durable before anybody acts on it. */
export type Engine = {
  /** Read every record back. Call once, before anything else. */
  load(): Promise<void>;
  /** Add what is new of these facts. Repeated facts and facts that the state does not allow are passed over. */
  record(intent: Hex, events: readonly OrderEvent[]): Promise<void>;
  /** The same for facts that name an order only; kept in memory until its intent is known. */
  recordByOrder(orderId: Hex, events: readonly OrderEvent[]): Promise<void>;
  get(intent: Hex): OrderView | undefined;
  byOrderId(orderId: Hex): OrderView | undefined;
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
  readonly log: Logger;
  readonly counters: Counters;
};

/** Create the engine over the order store. */
export function createEngine(deps: EngineDeps): Engine {
  const { orders, log, counters } = deps;
  const views = new Map<Hex, OrderView>();
  const byOrder = new Map<Hex, Hex>();
  const parked = new LRUCache<Hex, OrderEvent[]>({ max: MOST_PARKED });
  const inTurn = createTurns();

  const keep = (view: OrderView) => {
    views.set(view.intent, view);
    if (view.orderId !== undefined) byOrder.set(lower(view.orderId), view.intent);
  };

  const write = async (intent: Hex, events: readonly OrderEvent[]): Promise<OrderView | undefined> => {
    let view = views.get(intent) ?? emptyOrder(intent);
    const { version } = view;
    const steps: { view: OrderView; event: OrderEvent }[] = [];
    for (const event of events) {
      if (isKnown(view, event)) continue;
      try {
        view = apply(view, event);
        steps.push({ view, event });
      } catch (error) {
        if (!isGavelError(error, 'ORDER_TRANSITION')) throw error;
        counters.count('order_event_refused', { event: event.type, state: view.state });
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

  const record = async (intent: Hex, events: readonly OrderEvent[]): Promise<void> => {
    const key = lower(intent);
    const changed = await inTurn(key, async () => {
      const view = await write(key, events);
      const waiting = view?.orderId === undefined ? undefined : parked.get(lower(view.orderId));
      if (view?.orderId === undefined || waiting === undefined) return view;
      parked.delete(lower(view.orderId));
      return (await write(key, waiting)) ?? view;
    });
    if (changed !== undefined) deps.onChanged(changed);
  };

  return {
    record,
    async load() {
      for await (const { id, events } of orders.all()) keep(fold(id, events));
    },
    async recordByOrder(orderId, events) {
      const intent = byOrder.get(lower(orderId));
      if (intent !== undefined) return record(intent, events);
      parked.set(lower(orderId), [...(parked.get(lower(orderId)) ?? []), ...events]);
    },
    get: (intent) => views.get(lower(intent)),
    byOrderId(orderId) {
      const intent = byOrder.get(lower(orderId));
      return intent === undefined ? undefined : views.get(intent);
    },
    open: () => [...views.values()].filter((view) => !isClosed(view)),
    all: () => [...views.values()],
  };
}

/** Tell whether a fact adds nothing. Messages may be sent again, a payment may be tried again: those differ by their hash. */
function isKnown(view: OrderView, event: OrderEvent): boolean {
  if (!view.seen.has(event.type)) return false;
  if (event.type === 'reported') return view.reported?.messageId === event.messageId;
  if (event.type === 'verdictSent') return view.verdict?.messageId === event.messageId;
  if (event.type === 'filling') return view.filling?.hash === event.hash;
  // A conclusion that chain evidence overrode is never drawn again.
  return true;
}

function lower(value: Hex): Hex {
  return value.toLowerCase() as Hex;
}
