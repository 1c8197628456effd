import type { Ms } from '@gavel/protocol';
/** One event, in the words and fields of the log. */
export type EventLine = {
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

/** Passes events on to the listeners. */
export type EventStream = {
  tell(msg: string, fields: Record<string, unknown>): void;
  /** Listen; lines after `lastId` that are still remembered come at once. Returns a function that ends it. */
  listen(listener: (line: EventLine) => void, lastId?: number): () => void;
  listeners(): number;
};

/** Lines kept for listeners who come back. */
const REMEMBERED = 512;

/** Creates a stream without listeners. `now` in milliseconds. */
export function createEventStream(now: () => Ms): EventStream {
  const listeners = new Set<(line: EventLine) => void>();
  const remembered: EventLine[] = [];
  let id = 0;
  return {
    tell(msg, fields) {
      id += 1;
      const line = { id, at: Number(now()), msg, fields };
      remembered.push(line);
      if (remembered.length > REMEMBERED) remembered.shift();
      for (const listener of [...listeners]) listener(line);
    },
    listen(listener, lastId) {
      if (lastId !== undefined) for (const line of remembered) if (line.id > lastId) listener(line);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}
