/** Time that a simulation runs in, milliseconds since 1970. */
export type Timeline = {
  now(): number;
  /**
   * Runs `task` at `ms`, or next if that has passed. A task that returns false has begun nothing that goes on
   * later.
   */
  at(ms: number, task: () => unknown): void;
};

/** Time that jumps from one task to the next: nothing ever waits. */
export type VirtualTimeline = Timeline & {
  /**
   * Runs tasks in order of time, those of one time in the order they were added, until `until` or until
   * `done` is true.
   */
  run(until: number, done: () => boolean): Promise<void>;
};

type Entry = { readonly at: number; readonly order: number; readonly task: () => unknown };

/** Creates a virtual timeline that stands at `start`. */
export function createVirtualTimeline(start: number): VirtualTimeline {
  const queue = createQueue();
  let time = start;
  let order = 0;
  return {
    now: () => time,
    at(ms, task) {
      queue.push({ at: Math.max(time, Math.floor(ms)), order: order++, task });
    },
    async run(until, done) {
      for (let next = queue.peek(); next !== undefined && next.at <= until && !done(); next = queue.peek()) {
        queue.pop();
        time = next.at;
        if (next.task() !== false) await settled();
      }
      if (!done()) time = until;
    },
  };
}

/** Creates a timeline that really waits. `stop` calls off what is still to come. */
export function createRealTimeline(): Timeline & { stop(): void } {
  const timers = new Set<NodeJS.Timeout>();
  return {
    now: () => performance.timeOrigin + performance.now(),
    at(ms, task) {
      const wait = ms - (performance.timeOrigin + performance.now());
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          task();
        },
        Math.max(0, wait),
      );
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/**
 * Lets everything that waits for promises alone run to its end: the event loop turns only when no more is
 * queued.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A binary heap by time, then by order. */
function createQueue() {
  const heap: Entry[] = [];
  const before = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);
  return {
    peek: (): Entry | undefined => heap[0],
    push(entry: Entry): void {
      let place = heap.length;
      heap.push(entry);
      while (place > 0) {
        const above = (place - 1) >> 1;
        const parent = heap[above];
        if (parent === undefined || !before(entry, parent)) break;
        heap[place] = parent;
        place = above;
      }
      heap[place] = entry;
    },
    pop(): void {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      let place = 0;
      for (;;) {
        const left = heap[2 * place + 1];
        const right = heap[2 * place + 2];
        if (left === undefined) break;
        const goRight = right !== undefined && before(right, left);
        const child = goRight ? right : left;
        if (!before(child, last)) break;
        heap[place] = child;
        place = 2 * place + (goRight ? 2 : 1);
      }
      heap[place] = last;
    },
  };
}
