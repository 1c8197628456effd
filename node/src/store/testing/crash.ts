import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Hex } from 'viem';
import { silentLogger } from '../../observe/logger.ts';
import { openStore } from '../store.ts';

/** What a store's user was told is on disk. */
export type Acknowledged = {
  /** Versions by order. */
  readonly orders: Map<Hex, Set<number>>;
  readonly votes: Set<string>;
  readonly quotes: Set<Hex>;
};

/** A process that adds to a store. */
export type Appender = {
  readonly process: ChildProcess;
  /** Lines that are no acknowledgements. */
  readonly told: string[];
  /** Resolves at the first acknowledgement, and when nothing more will come. */
  readonly first: Promise<unknown>;
  readonly ended: Promise<unknown>;
};

/** Remembers nothing yet. */
export function nothingAcknowledged(): Acknowledged {
  return { orders: new Map(), votes: new Set(), quotes: new Set() };
}

/** Starts a process that adds to the store in `dir`; `wrap` may change how it is started. */
export function startAppender(options: {
  readonly dir: string;
  readonly run: number;
  readonly acknowledged: Acknowledged;
  readonly wrap?: (command: readonly string[]) => readonly string[];
}): Appender {
  const { dir, run, acknowledged, wrap = (command) => command } = options;
  const script = join(import.meta.dirname, 'append.ts');
  const [command = '', ...args] = wrap([process.execPath, script, dir, String(run)]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (!line.includes(' 0x')) {
      told.push(line);
      return;
    }
    take(acknowledged, line);
    first.resolve();
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  ended.then(() => first.resolve(), first.reject);
  return { process: child, told, first: first.promise, ended };
}

/**
 * Finds what was acknowledged and is not in the store of `dir`; also opens it, which checks that it holds
 * together.
 */
export async function findMissing(
  dir: string,
  acknowledged: Acknowledged,
): Promise<{ readonly missing: string[]; readonly events: number }> {
  const store = await openStore<object, object, { intent: Hex }>({ dir, log: silentLogger() });
  const missing: string[] = [];
  let events = 0;
  try {
    const found = new Map<Hex, number>();
    for await (const order of store.orders.all()) {
      found.set(order.id, order.events.length);
      events += order.events.length;
    }
    for (const [id, versions] of acknowledged.orders) {
      for (const version of versions) {
        if (version >= (found.get(id) ?? 0)) missing.push(`order ${id} ${version}`);
      }
    }
    for (const key of acknowledged.votes) {
      if ((await store.votes.get(key)) === undefined) missing.push(`vote ${key}`);
    }
    for (const digest of acknowledged.quotes) {
      const [by] = await collect(store.quotes.forIntent(digest));
      if (by?.digest !== digest) missing.push(`quote ${digest}`);
    }
  } finally {
    await store.close();
  }
  return { missing, events };
}

function take({ orders, votes, quotes }: Acknowledged, line: string): void {
  const [kind, key = '', version] = line.split(' ');
  if (kind === 'vote') votes.add(key);
  if (kind === 'quote') quotes.add(key as Hex);
  if (kind !== 'order') return;
  const versions = orders.get(key as Hex) ?? new Set();
  orders.set(key as Hex, versions.add(Number(version)));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
