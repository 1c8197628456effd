import type { Level } from 'level';
import { decode, encode } from './encoding.ts';

/** Hold what one key has signed on one chain and does not know to be mined, by nonce. */
export type Journal<Entry> = {
  /** Record what is signed at a nonce, on disk when this resolves; it replaces what was recorded there. */
  put(nonce: number, entry: Entry): Promise<void>;
  forget(nonce: number): Promise<void>;
  /** List what is recorded, by ascending nonce. */
  all(): Promise<readonly Entry[]>;
};

/** Find the journal of an owner: a chain and a key. */
export type Transactions<Entry> = (owner: string) => Journal<Entry>;

/** Keep journals in `database`. */
export function createTransactions<Entry>(database: Level): Transactions<Entry> {
  const transactions = database.sublevel('transactions');
  return (owner) => {
    const prefix = `${owner.toLowerCase()}!`;
    const keyOf = (nonce: number) => `${prefix}${nonce.toString().padStart(12, '0')}`;
    return {
      put: (nonce, entry) =>
        database.batch([{ type: 'put', sublevel: transactions, key: keyOf(nonce), value: encode(entry) }], {
          sync: true,
        }),
      forget: (nonce) => transactions.del(keyOf(nonce)),
      async all() {
        const values = await transactions.values({ gte: prefix, lt: `${prefix}~` }).all();
        return values.map((value) => decode(value) as Entry);
      },
    };
  };
}
