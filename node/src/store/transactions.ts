import type { Table } from './table.ts';
import type { Writer } from './writer.ts';

/** What one key has signed on one chain and does not know to be mined, by nonce. */
export type Journal<Entry> = {
  /** Records what is signed at a nonce, on disk when this resolves; it replaces what was recorded there. */
  put(nonce: number, entry: Entry): Promise<void>;
  forget(nonce: number): Promise<void>;
  /** Lists what is recorded, by ascending nonce. */
  all(): Promise<readonly Entry[]>;
};

/** Finds the journal of an owner: a chain and a key. */
export type Transactions<Entry> = (owner: string) => Journal<Entry>;

/** Keeps journals in their table. */
export function createTransactions<Entry>(
  table: Table<Entry>,
  writer: Pick<Writer, 'commit'>,
): Transactions<Entry> {
  return (owner) => {
    const prefix = `${owner.toLowerCase()}!`;
    const keyOf = (nonce: number) => `${prefix}${nonce.toString().padStart(12, '0')}`;
    return {
      put: (nonce, entry) => writer.commit([table.put(keyOf(nonce), entry)]),
      forget: (nonce) => writer.commit([table.del(keyOf(nonce))]),
      async all() {
        const found: Entry[] = [];
        for await (const [, entry] of table.entries({ gte: prefix, lt: `${prefix}~` })) found.push(entry);
        return found;
      },
    };
  };
}
