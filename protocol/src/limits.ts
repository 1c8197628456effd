/** Bound one message on the wire, in bytes. Checked before decoding. */
export const MAX_MESSAGE_BYTES = 4096;

/** Bound every repeated field of every message. */
export const MAX_REPEATED = 16;

/** Bound a position's canonical encoding, in bytes; the least is 1. */
export const MAX_POSITION_BYTES = 256;

/** Bound the quotes one tally lists. */
export const MAX_TALLY_QUOTES = 8;

/** Bound the quotes one award ranks. */
export const MAX_RANKED = 3;

/** Bound the tallies one vote cites. */
export const MAX_CITED = 16;

/** Bound a market's auctioneers, so that a certificate's signatures fit one repeated field. */
export const MAX_AUCTIONEERS = 16;

/** Fix a signature's width, in bytes: r, s, v. */
export const SIGNATURE_BYTES = 65;

/** Fix the parts of a whole in basis points. */
export const BPS = 10_000n;

/** Fix the largest uint32. */
export const MAX_UINT32 = 0xffff_ffff;
/** Fix the largest uint64. */
export const MAX_UINT64 = 2n ** 64n - 1n;
/** Fix the largest uint128. */
export const MAX_UINT128 = 2n ** 128n - 1n;

/** Stand for "no quote" in an award's places. */
export const ZERO_BYTES32 = `0x${'00'.repeat(32)}` as const;
