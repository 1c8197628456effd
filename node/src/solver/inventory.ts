import { type IntentDigest, type PositionKey, sameAddress } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Reservation } from '../store/records.ts';

/** A promise that may still have to be kept. */
export type LivePromise = Reservation & { readonly isWon: boolean };

/**
 * Know what of the solver's money is promised already. In memory: rebuilt from stored quotes and orders at
 * start.
 */
export type Inventory = {
  reserve(reservation: Reservation): void;
  /** The quote lost, was not sent, has been paid, or nothing can land any more. */
  release(intent: IntentDigest): void;
  /**
   * The quote won a remote order: the bond is locked on the chain now, the payment stays promised until it is
   * made.
   */
  won(intent: IntentDigest): void;
  /**
   * The landing it won was reorganised away: a promise like any other again, until it lands anew or nothing
   * can land.
   */
  unlanded(intent: IntentDigest): void;
  /**
   * Promised payments in a token, pay token units, leaving out those of one round: the promises of a
   * position's round add nothing to each other.
   */
  promised(domain: number, token: Address, except?: string): bigint;
  /** Promised bonds in a debt token, debt units, leaving out those of one round. */
  pledged(homeDomain: number, debt: Address, except?: string): bigint;
  /** Every promise that may still have to be kept. */
  live(): readonly LivePromise[];
};

/** Creates an inventory without promises. */
export function createInventory(): Inventory {
  const reservations = new Map<Hex, LivePromise>();
  const live = () => [...reservations.values()];
  return {
    live,
    reserve(reservation) {
      reservations.set(reservation.intent, { ...reservation, isWon: false });
    },
    release(intent) {
      reservations.delete(intent);
    },
    won(intent) {
      const reservation = reservations.get(intent);
      if (reservation !== undefined) reservations.set(intent, { ...reservation, isWon: true });
    },
    unlanded(intent) {
      const reservation = reservations.get(intent);
      if (reservation?.isWon) reservations.set(intent, { ...reservation, isWon: false });
    },
    promised: (domain, token, except) =>
      sumOf(live(), except, (promise) =>
        promise.domain === domain && sameAddress(promise.token, token) ? promise.amount : 0n,
      ),
    pledged: (homeDomain, debt, except) =>
      sumOf(live(), except, (promise) =>
        !promise.isWon && promise.homeDomain === homeDomain && sameAddress(promise.debt, debt)
          ? promise.bond
          : 0n,
      ),
  };
}

/**
 * Names the round of a position on its home chain. Of all auctions of a round at most one can land: each
 * landing raises the round. So promises of a round bind as much as the largest of them.
 */
export function roundKeyOf(homeDomain: number, positionKey: PositionKey, round: bigint): string {
  return `${homeDomain}:${positionKey}:${round}`;
}

/** Sums `amountOf` over promises: of a round the promise that has won, or else the largest. */
export function sumOf(
  promises: readonly LivePromise[],
  except: string | undefined,
  amountOf: (promise: LivePromise) => bigint,
): bigint {
  const keyOf = ({ roundKey, intent }: LivePromise) => roundKey ?? intent;
  const decided = new Set(promises.filter(({ isWon }) => isWon).map(keyOf));
  const largest = new Map<string, bigint>();
  for (const promise of promises) {
    const key = keyOf(promise);
    if ((!promise.isWon && decided.has(key)) || (!promise.isWon && key === except)) continue;
    const amount = amountOf(promise);
    if (amount > (largest.get(key) ?? 0n)) largest.set(key, amount);
  }
  return [...largest.values()].reduce((sum, amount) => sum + amount, 0n);
}

/** Returns what is left of an amount once another is taken off, at least 0. */
export function less(amount: bigint, taken: bigint): bigint {
  return amount > taken ? amount - taken : 0n;
}
