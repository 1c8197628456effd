import { type IntentDigest, type Ms, sameAddress, toSeconds } from '@gavel/protocol';
import type { Address, Hex } from 'viem';
import type { Reservation } from '../store/records.ts';

/**
 * Know what of the solver's money is promised already. In memory: rebuilt from stored quotes and orders at
 * start.
 */
export type Inventory = {
  reserve(reservation: Reservation): void;
  /** The quote lost, was not sent, or has been paid. */
  release(intent: IntentDigest): void;
  /**
   * The quote won a remote order: the bond is locked on the chain now, the payment stays promised until it is
   * made.
   */
  won(intent: IntentDigest): void;
  /**
   * The landing it won was reorganised away: a promise like any other again, until it lands anew or `openBy`
   * passes.
   */
  unlanded(intent: IntentDigest): void;
  /** Promised payments in a token, pay token units. */
  promised(domain: number, token: Address): bigint;
  /** Promised bonds in a debt token, debt units. */
  pledged(homeDomain: number, debt: Address): bigint;
  /** Every promise that may still have to be kept. */
  live(): readonly (Reservation & { readonly isWon: boolean })[];
};

/**
 * Creates an inventory without promises. `now` in milliseconds; promises not won end a little after their
 * `openBy`.
 */
export function createInventory(now: () => Ms): Inventory {
  const reservations = new Map<Hex, Reservation & { readonly isWon: boolean }>();
  /** A landing at the last moment needs this long to be seen, seconds. */
  const grace = 15n;

  const live = () => {
    const seconds = toSeconds(now());
    for (const [intent, { openBy, isWon }] of reservations) {
      if (!isWon && openBy + grace < seconds) reservations.delete(intent);
    }
    return [...reservations.values()];
  };

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
    promised: (domain, token) =>
      live()
        .filter((reservation) => reservation.domain === domain && sameAddress(reservation.token, token))
        .reduce((sum, { amount }) => sum + amount, 0n),
    pledged: (homeDomain, debt) =>
      live()
        .filter((reservation) => reservation.homeDomain === homeDomain && sameAddress(reservation.debt, debt))
        .reduce((sum, { bond, isWon }) => (isWon ? sum : sum + bond), 0n),
  };
}

/** Returns what is left of an amount once another is taken off, at least 0. */
export function less(amount: bigint, taken: bigint): bigint {
  return amount > taken ? amount - taken : 0n;
}
