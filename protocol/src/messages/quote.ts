import type { Address, Hex } from 'viem';
import type { Domain, IntentDigest, QuoteDigest } from '../brands.ts';
import { address, bytes32, toBytes, uint32, uint64, uint128 } from '../fields.ts';
import { gavel } from '../gen/gavel.js';
import { checkSignature, recoverSigner, signDigest } from '../signatures.ts';
import { addressWord, bytes32Word, digestOf, type Home, hashStruct, uintWord } from '../typed-data.ts';
import {
  codec,
  hexFromWire,
  present,
  uint64FromWire,
  uint64ToWire,
  uint128FromWire,
  uint128ToWire,
} from '../wire.ts';

/** A price: "I pay the whole repay amount on `payDomain` for `ask` units of collateral." */
export type Quote = {
  /** The intent's digest. */
  readonly intent: IntentDigest;
  /** The bonded account. */
  readonly solver: Address;
  /** Collateral units. */
  readonly ask: bigint;
  /** Hyperlane domain of the chain paid on. */
  readonly payDomain: Domain;
  /** Where the collateral goes, on the home chain. */
  readonly payout: Address;
  /** The account's epoch; raising it cancels quotes. */
  readonly epoch: bigint;
};

/** A quote with the signature of one of its account's registered keys. */
export type SignedQuote = { readonly quote: Quote; readonly signature: Hex };

/**
 * What a quote's signature proves. Only the chain knows whether `signer` is a registered key of the account.
 */
export type VerifiedQuote = { readonly digest: QuoteDigest; readonly signer: Address };

const quoteCodec = codec('SignedQuote', gavel.v1.SignedQuote, quoteToWire, quoteFromWire);

/** Encodes a signed quote in its one encoding. Throws BAD_FIELD or BAD_SIGNATURE. */
export const encodeQuote = quoteCodec.encode;

/** Decodes a signed quote. Throws a ProtocolError, and nothing else, on any other bytes. */
export const decodeQuote = quoteCodec.decode;

/** Returns a quote's EIP-712 struct hash. Throws BAD_FIELD on a field out of bounds. */
export function quoteStructHash(quote: Quote): Hex {
  return hashStruct('Quote', [
    bytes32Word(quote.intent, 'intent'),
    addressWord(quote.solver, 'solver'),
    uintWord(uint128(quote.ask, 'ask')),
    uintWord(uint32(quote.payDomain, 'payDomain')),
    addressWord(quote.payout, 'payout'),
    uintWord(uint64(quote.epoch, 'epoch')),
  ]);
}

/** Returns a quote's digest, its name in tallies and awards. */
export function quoteDigest(quote: Quote, home: Home): QuoteDigest {
  return digestOf(home, quoteStructHash(quote));
}

/** Signs a quote with a registered key of its account. Throws BAD_KEY or BAD_FIELD. */
export function signQuote(quote: Quote, home: Home, privateKey: Hex): SignedQuote {
  return { quote, signature: signDigest(quoteDigest(quote, home), privateKey) };
}

/** Recovers who signed a quote. Throws BAD_SIGNATURE or BAD_FIELD. */
export function verifyQuote(signed: SignedQuote, home: Home): VerifiedQuote {
  const digest = quoteDigest(signed.quote, home);
  return { digest, signer: recoverSigner(digest, signed.signature) };
}

/** Converts for the wire; shared with tallies and certificates. */
export function quoteToWire(signed: SignedQuote): gavel.v1.SignedQuote.$Properties {
  const { quote, signature } = signed;
  return {
    quote: {
      intent: toBytes(bytes32(quote.intent, 'intent')),
      solver: toBytes(address(quote.solver, 'solver')),
      ask: uint128ToWire(quote.ask, 'ask'),
      payDomain: uint32(quote.payDomain, 'payDomain'),
      payout: toBytes(address(quote.payout, 'payout')),
      epoch: uint64ToWire(quote.epoch, 'epoch'),
    },
    signature: toBytes(checkSignature(signature)),
  };
}

/**
 * Converts from the wire; shared with tallies and certificates. Widths are checked by the codec's second
 * encoding.
 */
export function quoteFromWire(wire: gavel.v1.SignedQuote.$Properties): SignedQuote {
  const quote = present(wire.quote, 'quote');
  return {
    quote: {
      intent: hexFromWire(quote.intent),
      solver: hexFromWire(quote.solver),
      ask: uint128FromWire(quote.ask, 'ask'),
      payDomain: quote.payDomain ?? 0,
      payout: hexFromWire(quote.payout),
      epoch: uint64FromWire(quote.epoch),
    },
    signature: hexFromWire(wire.signature),
  };
}
