import type { IntentDigest } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import type { Hex } from 'viem';
import type { Head } from '../chain/heads.ts';
import type { Inventory, LivePromise } from './inventory.ts';

/** Landings remembered until the promises that they decide are settled. */
const MOST_LANDED = 4_096;

/**
 * Ends promises of auctions that came to nothing, by the home chain and not by this machine's clock: a chain
 * that stands still may land an award long after its `openBy`.
 */
export type VoidAuctions = {
  /** A new head of a home chain. */
  onHead(domain: number, head: Pick<Head, 'number' | 'timestamp'>): void;
  /** A landing of an intent, of any winner: its promise is decided. */
  onLanded(intent: IntentDigest): void;
  /** The escrow's logs of a home chain have been read up to a block, its landings told. */
  onRead(domain: number, toBlock: bigint): void;
};

/** Creates what calls `onVoid` with each promise that nothing can land for any more. */
export function createVoidAuctions(deps: {
  readonly promises: Inventory['live'];
  readonly onVoid: (promise: LivePromise) => void;
}): VoidAuctions {
  /** The first block of each intent's home chain that is later than its `openBy`. */
  const ends = new Map<Hex, bigint>();
  const landed = new LRUCache<Hex, true>({ max: MOST_LANDED });
  const undecided = (domain: number) =>
    deps
      .promises()
      .filter(({ homeDomain, isWon, intent }) => homeDomain === domain && !isWon && !landed.has(intent));
  return {
    onHead(domain, { number, timestamp }) {
      for (const { intent, openBy } of undecided(domain))
        if (timestamp > openBy && !ends.has(intent)) ends.set(intent, number);
    },
    onLanded(intent) {
      ends.delete(intent);
      landed.set(intent, true);
    },
    onRead(domain, toBlock) {
      for (const promise of undecided(domain)) {
        const end = ends.get(promise.intent);
        if (end === undefined || toBlock + 1n < end) continue;
        ends.delete(promise.intent);
        deps.onVoid(promise);
      }
    },
  };
}
