import fc from 'fast-check';
import type { Address, Hex } from 'viem';
import {
  type AuctionMessage,
  addressOfKey,
  awardOf,
  type Certificate,
  type Disavowal,
  type Home,
  type Intent,
  MAX_POSITION_BYTES,
  MAX_UINT32,
  MAX_UINT64,
  MAX_UINT128,
  type Order,
  type Quote,
  quoteDigest,
  type SignedQuote,
  type SignedTally,
  signDigest,
  signDisavowal,
  signQuote,
  signTally,
  signVote,
  toHex,
  type Vote,
} from '../index.ts';

/** The home of tests. */
export const home: Home = { chainId: 31337n, escrow: `0x${'e5'.repeat(20)}` };
/** Five private keys, the first of them `key`. */
export const keys: readonly Hex[] = [1, 2, 3, 4, 5].map((n) => `0x${String(n).padStart(64, '0')}` as Hex);
/** The private key of tests. */
export const key: Hex = `0x${'1'.padStart(64, '0')}`;
/** The addresses of `keys`, in their order. */
export const auctioneers: readonly Address[] = keys.map(addressOfKey);

/** Draws bytes as lowercase hex. */
export function hexOf(minLength: number, maxLength: number = minLength): fc.Arbitrary<Hex> {
  return fc.uint8Array({ minLength, maxLength }).map(toHex);
}
/** Any 32 bytes. */
export const anyBytes32 = hexOf(32);
/** Any address. */
export const anyAddress = hexOf(20);
/** Any uint32. */
export const anyUint32 = fc.nat({ max: MAX_UINT32 });
/** Any uint64. */
export const anyUint64 = fc.bigInt({ min: 0n, max: MAX_UINT64 });
/** Any uint128. */
export const anyUint128 = fc.bigInt({ min: 0n, max: MAX_UINT128 });
/** Any private key on the curve. */
export const anyKey = hexOf(31).map((bytes): Hex => `0x01${bytes.slice(2)}`);

/** Any well-formed intent of `home`, not one that a market would make. */
export const anyIntent: fc.Arbitrary<Intent> = fc.record({
  homeDomain: anyUint32,
  escrow: fc.constant(home.escrow),
  market: anyBytes32,
  position: hexOf(1, MAX_POSITION_BYTES),
  collateral: anyAddress,
  debt: anyAddress,
  repay: anyUint128,
  seizable: anyUint128,
  round: anyUint64,
  observedBlock: anyUint64,
  observedBlockHash: anyBytes32,
  quoteBy: anyUint64,
  openBy: anyUint64,
});

/** Any quote for any intent. */
export const anyQuote: fc.Arbitrary<Quote> = fc.record({
  intent: anyBytes32,
  solver: anyAddress,
  ask: anyUint128,
  payDomain: anyUint32,
  payout: anyAddress,
  epoch: anyUint64,
});

/** Any well-formed order, not one that a landing would open. */
export const anyOrder: fc.Arbitrary<Order> = fc.record({
  intent: anyBytes32,
  quote: anyBytes32,
  market: anyBytes32,
  positionKey: anyBytes32,
  homeDomain: anyUint32,
  homeEscrow: anyAddress,
  payDomain: anyUint32,
  payEscrow: anyAddress,
  collateral: anyAddress,
  debt: anyAddress,
  payToken: anyAddress,
  treasury: anyAddress,
  bridge: anyAddress,
  solver: anyAddress,
  payout: anyAddress,
  terms: anyUint32,
  repaid: anyUint128,
  keeperFee: anyUint128,
  routeFee: anyUint128,
  payAmount: anyUint128,
  ask: anyUint128,
  maxAsk: anyUint128,
  bond: anyUint128,
  latePenalty: anyUint128,
  openBy: anyUint64,
  exclusiveUntil: anyUint64,
  fillDeadline: anyUint64,
  expiresAt: anyUint64,
});

/** Any quote, signed by `key`. */
export const anySignedQuote: fc.Arbitrary<SignedQuote> = anyQuote.map((quote) => signQuote(quote, home, key));

/** Draws quotes of distinct accounts for one intent. */
function quotesFor(intent: Hex, minLength: number, maxLength: number): fc.Arbitrary<SignedQuote[]> {
  return fc
    .uniqueArray(anyQuote, { minLength, maxLength, selector: (quote) => quote.solver })
    .map((quotes) => quotes.map((quote) => signQuote({ ...quote, intent }, home, key)));
}

/** Any tally, signed by `key`. */
export const anyTally: fc.Arbitrary<SignedTally> = anyBytes32.chain((intent) =>
  quotesFor(intent, 0, 8).map((quotes) => signTally(intent, quotes, home, key)),
);

/** Draws distinct digests, none zero. */
export function anyDigests(maxLength: number): fc.Arbitrary<Hex[]> {
  const nonZero = anyBytes32.filter((digest) => !/^0x0+$/.test(digest));
  return fc.uniqueArray(nonZero, { maxLength });
}

const anyAttempt = fc.constantFrom(1 as const, 2 as const);

/** Any vote, signed by `key`. */
export const anyVote: fc.Arbitrary<Vote> = fc
  .tuple(anyBytes32, anyAttempt, anyDigests(3), anyDigests(16))
  .map(([intent, attempt, ranked, cited]) => signVote(awardOf(intent, attempt, ranked), cited, home, key));

/** Any well-formed certificate; it proves nothing. */
export const anyCertificate: fc.Arbitrary<Certificate> = fc
  .tuple(anyIntent, anyAttempt, anyBytes32, fc.integer({ min: 1, max: 16 }))
  .chain(([intent, attempt, digest, count]) =>
    quotesFor(digest, 1, 3).map((quotes) => ({
      intent,
      award: awardOf(
        digest,
        attempt,
        quotes.map(({ quote }) => quoteDigest(quote, home)),
      ),
      quotes,
      signatures: Array.from({ length: count }, (_, index) =>
        signDigest(digest, `0x${String(index + 1).padStart(64, '0')}`),
      ),
    })),
  );

/** Any disavowal, signed by `key`. */
export const anyDisavowal: fc.Arbitrary<Disavowal> = fc
  .tuple(anyBytes32, anyBytes32)
  .map(([intent, subject]) => signDisavowal(intent, subject, home, key));

/** Any tally, vote, certificate or disavowal. */
export const anyAuctionMessage: fc.Arbitrary<AuctionMessage> = fc.oneof(
  anyTally.map((tally): AuctionMessage => ({ kind: 'tally', tally })),
  anyVote.map((vote): AuctionMessage => ({ kind: 'vote', vote })),
  anyCertificate.map((certificate): AuctionMessage => ({ kind: 'certificate', certificate })),
  anyDisavowal.map((disavowal): AuctionMessage => ({ kind: 'disavowal', disavowal })),
);
