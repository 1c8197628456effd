import type { TopicName } from './validation.ts';

/** What is under judgement, and what waits for it, of each topic. */
export type QueueLimits = { readonly inFlight: number; readonly waiting: number };

/** Something that waits for its turn, perhaps in several peers' queues: the first turn counts. */
export type Waiting = { readonly topic: TopicName; begin: (() => Promise<void>) | undefined };

/** Whose message is judged next. */
export type FairQueue = {
  /**
   * Lets something wait in a peer's queue; false if that is full. Also for what already waits in another's.
   */
  enter(entry: Waiting, peer: string): boolean;
};

/**
 * Whose turn it is: every other turn is the awards', since an auction must not wait for what may become one,
 * and no topic can be starved. A turn that its topic has no use for goes to the first that has.
 */
const ROTA: readonly TopicName[] = ['awards', 'intents', 'awards', 'quotes'];
const BY_RANK: readonly TopicName[] = ['awards', 'intents', 'quotes'];

/** Milliseconds after which sockets, timers and other work have their turn. */
const SLICE_MS = 5;

type Topic = {
  /** Who came longest ago is first. */
  readonly queues: Map<string, Waiting[]>;
  readonly runningOf: Map<string, number>;
  waiting: number;
  running: number;
};

/**
 * Creates the queue before the validators: by topic, then peer by peer in turn, so that a peer that sends
 * much waits for itself. A peer may hold at most half of what is free, of places to wait in and of judgements
 * at once: so however many flood, there is room for one more.
 */
export function createFairQueue(limits: QueueLimits): FairQueue {
  const topic = (): Topic => ({ queues: new Map(), runningOf: new Map(), waiting: 0, running: 0 });
  const topics: Record<TopicName, Topic> = { intents: topic(), quotes: topic(), awards: topic() };
  let served = 0;
  let isServing = false;

  /** Takes the first peer's message that may begin, and sends the peer to the end. */
  const takeFrom = (of: Topic): { entry: Waiting; peer: string } | undefined => {
    for (const [peer, queue] of of.queues) {
      while (queue[0] !== undefined && queue[0].begin === undefined) {
        queue.shift();
        of.waiting -= 1;
      }
      const [entry] = queue;
      if (entry === undefined) {
        of.queues.delete(peer);
        continue;
      }
      if ((of.runningOf.get(peer) ?? 0) >= (limits.inFlight - of.running) / 2) continue;
      queue.shift();
      of.waiting -= 1;
      of.queues.delete(peer);
      if (queue.length > 0) of.queues.set(peer, queue);
      return { entry, peer };
    }
    return undefined;
  };

  const next = (): { entry: Waiting; peer: string } | undefined => {
    const favoured = ROTA[served % ROTA.length] ?? 'awards';
    for (const name of [favoured, ...BY_RANK]) {
      const taken = takeFrom(topics[name]);
      if (taken === undefined) continue;
      served += 1;
      return taken;
    }
    return undefined;
  };

  const start = ({ entry, peer }: { entry: Waiting; peer: string }): void => {
    const { begin } = entry;
    if (begin === undefined) return;
    const of = topics[entry.topic];
    entry.begin = undefined;
    of.running += 1;
    of.runningOf.set(peer, (of.runningOf.get(peer) ?? 0) + 1);
    void begin().finally(() => {
      of.running -= 1;
      const left = (of.runningOf.get(peer) ?? 1) - 1;
      if (left > 0) of.runningOf.set(peer, left);
      else of.runningOf.delete(peer);
      void serve();
    });
  };

  const serve = async (): Promise<void> => {
    if (isServing) return;
    isServing = true;
    let since = performance.now();
    for (let taken = next(); taken !== undefined; taken = next()) {
      start(taken);
      // What it began goes on before the next begins, as far as it needs nothing from outside.
      await undefined;
      if (performance.now() - since < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    isServing = false;
  };

  return {
    enter(entry, peer) {
      const of = topics[entry.topic];
      const queue = of.queues.get(peer) ?? [];
      if (queue.length + 1 > (limits.waiting - of.waiting) / 2) return false;
      queue.push(entry);
      of.waiting += 1;
      of.queues.set(peer, queue);
      void serve();
      return true;
    },
  };
}
