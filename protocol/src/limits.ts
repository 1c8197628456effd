/** Largest message on the wire, in bytes. Checked before decoding. */
export const MAX_MESSAGE_BYTES = 4096;

/** Most entries of every repeated field of every message. */
export const MAX_REPEATED = 16;

/** Largest canonical encoding of a position, in bytes; the least is 1. */
export const MAX_POSITION_BYTES = 256;

/** Most quotes that one tally lists. */
export const MAX_TALLY_QUOTES = 8;

/** Most quotes that one award ranks. */
export const MAX_RANKED = 3;

/** Most tallies that one vote cites. */
export const MAX_CITED = 16;

/** Most auctioneers of a market, so that a certificate's signatures fit one repeated field. */
export const MAX_AUCTIONEERS = 16;

/** Width of a signature, in bytes: r, s, v. */
export const SIGNATURE_BYTES = 65;

/** The whole, in basis points. */
export const BPS = 10_000n;

/** Largest uint32. */
export const MAX_UINT32 = 0xffff_ffff;
/** Largest uint64. */
export const MAX_UINT64 = 2n ** 64n - 1n;
/** Largest uint128. */
export const MAX_UINT128 = 2n ** 128n - 1n;

/** "No quote" in an award's places. */
export const ZERO_BYTES32 = `0x${'00'.repeat(32)}` as const;
