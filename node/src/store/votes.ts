import type { Level } from 'level';
import { decode, encode } from './encoding.ts';
import { StoreError } from './errors.ts';
import { createTurns } from './turns.ts';

/** Hold the votes this node has cast, one for each key (position, round, attempt), before they are sent. */
export type Votes<Vote> = {
  get(key: string): Promise<Vote | undefined>;
  /**
   * Record a vote, on disk when this resolves. The same vote again is fine. Throws CONFLICT if another vote is there,
   * unless `replaces` says that it no longer binds: a vote binds until its `openBy` has passed.
   */
  put(key: string, vote: Vote, replaces?: (earlier: Vote) => boolean): Promise<void>;
};

/** Keep votes in `database`. */
export function createVotes<Vote>(database: Level): Votes<Vote> {
  const votes = database.sublevel('votes');
  const inTurn = createTurns();
  return {
    async get(key) {
      const value = await votes.get(key);
      return value === undefined ? undefined : (decode(value) as Vote);
    },
    put: (key, vote, replaces = () => false) =>
      inTurn(key, async () => {
        const value = encode(vote);
        const earlier = await votes.get(key);
        if (earlier === value) return;
        if (earlier !== undefined && !replaces(decode(earlier) as Vote)) {
          throw new StoreError('CONFLICT', 'Another vote is on record for this position, round and attempt', {
            meta: { key },
          });
        }
        await database.batch([{ type: 'put', sublevel: votes, key, value }], { sync: true });
      }),
  };
}
