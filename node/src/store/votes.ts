import { createKeyedMutex } from '../runtime/keyed-mutex.ts';
import { encode } from './encoding.ts';
import { StoreError } from './errors.ts';
import type { Operation, Table } from './table.ts';
import type { Writer } from './writer.ts';

/** The votes this node has cast, one for each key (position, round, attempt), before they are sent. */
export type Votes<Vote> = {
  get(key: string): Promise<Vote | undefined>;
  /**
   * Records a vote, on disk when this resolves. The same vote again is fine. Throws CONFLICT if another vote
   * is there, unless `replaces` says that it no longer binds: a vote binds until its `openBy` has passed.
   */
  put(key: string, vote: Vote, replaces?: (earlier: Vote) => boolean): Promise<void>;
  /**
   * Unix milliseconds at which votes on record were lost, if some were: any cast before then may be missing.
   */
  readonly lostAt?: bigint | undefined;
};

/** What is kept of votes besides reading and casting. */
export type VoteKeeping<Vote> = {
  /** Forgets votes that bind no more, as `isOver` says. Returns how many. */
  prune(isOver: (vote: Vote) => boolean): Promise<number>;
};

/** Keeps votes in their table. */
export function createVotes<Vote>(options: {
  readonly table: Table<Vote>;
  readonly writer: Pick<Writer, 'commit'>;
  readonly lostAt: bigint | undefined;
}): Votes<Vote> & VoteKeeping<Vote> {
  const { table, writer, lostAt } = options;
  const mutex = createKeyedMutex();
  return {
    lostAt,
    get: (key) => table.get(key),
    put: (key, vote, replaces = () => false) =>
      mutex(key, async () => {
        const earlier = await table.get(key);
        if (earlier !== undefined && encode(earlier) === encode(vote)) return;
        if (earlier !== undefined && !replaces(earlier)) {
          throw new StoreError('CONFLICT', 'Another vote is on record for this position, round and attempt', {
            meta: { key },
          });
        }
        await writer.commit([table.put(key, vote)]);
      }),
    async prune(isOver) {
      let pruned = 0;
      for await (const [key, vote] of table.entries()) {
        if (!isOver(vote)) continue;
        await mutex(key, async () => {
          // Another may have taken its place since it was read.
          const present = await table.get(key);
          if (present === undefined || !isOver(present)) return;
          const operations: Operation[] = [table.del(key)];
          await writer.commit(operations);
          pruned += 1;
        });
      }
      return pruned;
    },
  };
}
