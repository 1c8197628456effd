import { GavelError } from '@gavel/protocol';
import type { NodeLine } from '../nodes.ts';

/** What the nodes have said so far, and a way to wait for more. */
export interface NodeLog {
  readonly lines: readonly NodeLine[];
  /**
   * Resolves with the first line, said or yet to be said, that fits. Throws DEVNET_TIMED_OUT, saying what was
   * awaited.
   */
  until(what: string, withinMs: number, fits: (line: NodeLine) => boolean): Promise<NodeLine>;
}

/** Makes a log, and the function that adds to it. */
export function createNodeLog(): { readonly log: NodeLog; readonly onLine: (line: NodeLine) => void } {
  const lines: NodeLine[] = [];
  const waiting = new Set<(line: NodeLine) => void>();
  const until: NodeLog['until'] = (what, withinMs, fits) => {
    const said = lines.find(fits);
    if (said !== undefined) return Promise.resolve(said);
    const { promise, resolve, reject } = Promise.withResolvers<NodeLine>();
    const take = (line: NodeLine) => {
      if (fits(line)) resolve(line);
    };
    const patience = setTimeout(
      () =>
        reject(
          new GavelError('DEVNET_TIMED_OUT', 'the network did not get there in time; read the nodes’ logs', {
            meta: { awaited: what, withinMs },
          }),
        ),
      withinMs,
    );
    waiting.add(take);
    return promise.finally(() => {
      clearTimeout(patience);
      waiting.delete(take);
    });
  };
  return {
    log: { lines, until },
    onLine: (line) => {
      lines.push(line);
      for (const take of [...waiting]) take(line);
    },
  };
}
