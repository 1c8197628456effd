import { type AddressKey, addressKey } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import { type Address, concat, keccak256, stringToHex } from 'viem';

/** Keepers remembered; one that has not acted for long gives its place to others. */
const MOST_KEEPERS = 16;

/**
 * Decides which keeper acts first. No keeper is appointed: each keeper learns the others from the
 * transactions they send, and all put themselves in one order per subject. Those behind wait their precedence
 * and act only if no keeper has before. Keepers that do not know each other yet race, and the loser's
 * transaction reverts: that costs gas, never money.
 */
export type KeeperOrder = {
  /** An account acted as a keeper. */
  saw(keeper: Address): void;
  /** How many known keepers come before this one for a subject. */
  rank(subject: string): number;
};

/** Creates the order in which `self` sees itself first among none. */
export function createKeeperOrder(self: Address): KeeperOrder {
  const keepers = new LRUCache<AddressKey, true>({ max: MOST_KEEPERS });
  const own = addressKey(self);
  return {
    saw: (keeper) => {
      const key = addressKey(keeper);
      if (key !== own) keepers.set(key, true);
    },
    rank(subject) {
      const placeOf = (keeper: AddressKey) => keccak256(concat([keeper, stringToHex(subject)]));
      const place = placeOf(own);
      return [...keepers.keys()].filter((keeper) => placeOf(keeper) < place).length;
    },
  };
}
