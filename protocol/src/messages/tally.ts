import type { Address, Hex } from 'viem';
import { addressKey, type IntentDigest, type QuoteDigest } from '../brands.ts';
import { ProtocolError } from '../errors.ts';
import { atMost, bytes32, distinct, toBytes } from '../fields.ts';
import { gavel } from '../gen/gavel.js';
import { MAX_TALLY_QUOTES } from '../limits.ts';
import { checkSignature, recoverSigner, signDigest } from '../signatures.ts';
import { bytes32sWord, bytes32Word, digestOf, type Home, hashStruct } from '../typed-data.ts';
import { codec, hexFromWire, listFromWire, present } from '../wire.ts';
import { checkAuctioneer } from './auctioneers.ts';
import {
  quoteDigest,
  quoteFromWire,
  quoteToWire,
  type SignedQuote,
  type VerifiedQuote,
  verifyQuote,
} from './quote.ts';

/** The quotes that one auctioneer saw in time: at most eight digests, one per account, best first. */
export type Tally = { readonly intent: IntentDigest; readonly quotes: readonly QuoteDigest[] };

/** A tally with its author's signature and, in the same order, the quotes its digests stand for. */
export type SignedTally = {
  readonly tally: Tally;
  readonly signature: Hex;
  readonly quotes: readonly SignedQuote[];
};

/** What a tally's signatures prove; `quotes` in the tally's order. */
export type VerifiedTally = { readonly author: Address; readonly quotes: readonly VerifiedQuote[] };

const tallyCodec = codec('SignedTally', gavel.v1.SignedTally, tallyToWire, tallyFromWire);

/**
 * Encodes a signed tally in its one encoding. Throws as `checkTallyShape` does. On gossip it goes in an
 * AuctionMessage.
 */
export const encodeTally = tallyCodec.encode;

/** Decodes a signed tally. Throws a ProtocolError, and nothing else, on any other bytes. */
export const decodeTally = tallyCodec.decode;

/** Returns a tally's EIP-712 struct hash. Throws BAD_FIELD on a field out of bounds. */
export function tallyStructHash(tally: Tally): Hex {
  return hashStruct('Tally', [bytes32Word(tally.intent, 'intent'), bytes32sWord(tally.quotes, 'quotes')]);
}

/** Returns a tally's digest, its name in ballots. */
export function tallyDigest(tally: Tally, home: Home): Hex {
  return digestOf(home, tallyStructHash(tally));
}

/**
 * Makes and signs the tally of `quotes`, in the order given. Throws as `checkTallyShape` does, or BAD_KEY.
 */
export function signTally(
  intent: IntentDigest,
  quotes: readonly SignedQuote[],
  home: Home,
  privateKey: Hex,
): SignedTally {
  const tally = { intent, quotes: quotes.map(({ quote }) => quoteDigest(quote, home)) };
  const signed = { tally, signature: signDigest(tallyDigest(tally, home), privateKey), quotes };
  checkTallyShape(signed);
  return signed;
}

/**
 * Checks a tally's signatures and that each digest is that of the quote beside it.
 * Whether each quote's signer is a registered key of its account is the chain's to say.
 * Throws NOT_AUCTIONEER, MISMATCH, BAD_SIGNATURE, or as `checkTallyShape` does.
 */
export function verifyTally(signed: SignedTally, home: Home, auctioneers: readonly Address[]): VerifiedTally {
  checkTallyShape(signed);
  const author = recoverSigner(tallyDigest(signed.tally, home), signed.signature);
  checkAuctioneer(author, auctioneers);
  const quotes = signed.quotes.map((beside) => verifyQuote(beside, home));
  for (const [index, { digest }] of quotes.entries()) {
    const listed = signed.tally.quotes[index];
    if (listed !== digest) {
      throw new ProtocolError('MISMATCH', 'A tally lists another digest than that of the quote beside it', {
        meta: { index, got: listed, expected: digest },
      });
    }
  }
  return { author, quotes };
}

/**
 * Checks a tally's form: at most eight quotes, one beside each digest, one per account, all for the tally's
 * intent. Throws TOO_MANY, MISMATCH, DUPLICATE or BAD_FIELD.
 */
export function checkTallyShape({ tally, quotes }: SignedTally): void {
  atMost(tally.quotes, 'tally.quotes', MAX_TALLY_QUOTES);
  atMost(quotes, 'quotes', MAX_TALLY_QUOTES);
  if (tally.quotes.length !== quotes.length) {
    throw new ProtocolError('MISMATCH', 'A tally needs one quote beside each digest', {
      meta: { got: quotes.length, expected: tally.quotes.length },
    });
  }
  const digests = tally.quotes.map((digest) => bytes32(digest, 'tally.quotes'));
  distinct(digests, 'tally.quotes');
  const accounts = quotes.map(({ quote }) => addressKey(quote.solver));
  distinct(accounts, 'quotes.solver');
  for (const { quote } of quotes) {
    if (quote.intent === tally.intent) continue;
    throw new ProtocolError('MISMATCH', 'A tally carries a quote for another intent', {
      meta: { got: quote.intent, expected: tally.intent },
    });
  }
}

/** Converts for the wire; shared with AuctionMessage. */
export function tallyToWire(signed: SignedTally): gavel.v1.SignedTally.$Properties {
  checkTallyShape(signed);
  return {
    tally: {
      intent: toBytes(bytes32(signed.tally.intent, 'intent')),
      quotes: signed.tally.quotes.map((digest) => toBytes(bytes32(digest, 'tally.quotes'))),
    },
    signature: toBytes(checkSignature(signed.signature)),
    quotes: signed.quotes.map(quoteToWire),
  };
}

/** Converts from the wire; shared with AuctionMessage. Counts are checked before anything is converted. */
export function tallyFromWire(wire: gavel.v1.SignedTally.$Properties): SignedTally {
  const tally = present(wire.tally, 'tally');
  return {
    tally: {
      intent: hexFromWire(tally.intent),
      quotes: listFromWire(tally.quotes, 'tally.quotes', MAX_TALLY_QUOTES, hexFromWire),
    },
    signature: hexFromWire(wire.signature),
    quotes: listFromWire(wire.quotes, 'quotes', MAX_TALLY_QUOTES, quoteFromWire),
  };
}
