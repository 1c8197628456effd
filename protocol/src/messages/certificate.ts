import type { Address, Hex } from 'viem';
import { addressKey, type IntentDigest } from '../brands.ts';
import { ProtocolError } from '../errors.ts';
import { atMost, distinct, toBytes } from '../fields.ts';
import { gavel } from '../gen/gavel.js';
import { MAX_AUCTIONEERS, MAX_RANKED } from '../limits.ts';
import { checkSignature, recoverSigner } from '../signatures.ts';
import type { Home } from '../typed-data.ts';
import { codec, hexFromWire, listFromWire, present } from '../wire.ts';
import { checkAuctioneer } from './auctioneers.ts';
import { type Attempt, type Award, awardDigest, awardFromWire, awardToWire, rankedOf } from './award.ts';
import { type Intent, intentDigest, intentFromWire, intentToWire } from './intent.ts';
import {
  quoteDigest,
  quoteFromWire,
  quoteToWire,
  type SignedQuote,
  type VerifiedQuote,
  verifyQuote,
} from './quote.ts';

/** k equal votes and all that landing them needs. */
export type Certificate = {
  readonly intent: Intent;
  readonly award: Award;
  /** In the award's order: one to three. */
  readonly quotes: readonly SignedQuote[];
  /** Over the award, exactly the market's threshold of them, ascending by signer's address. */
  readonly signatures: readonly Hex[];
};

/** What a certificate's signatures prove, all in the certificate's order. */
export type VerifiedCertificate = {
  readonly intent: IntentDigest;
  readonly award: Hex;
  readonly quotes: readonly VerifiedQuote[];
  readonly signers: readonly Address[];
};

/** A certificate as the escrow's `land` takes it (the `Landing` struct). */
export type Landing = {
  readonly intent: Intent;
  readonly attempt: Attempt;
  readonly quotes: readonly SignedQuote[];
  /** k × 65 bytes. */
  readonly signatures: Hex;
};

const certificateCodec = codec('Certificate', gavel.v1.Certificate, certificateToWire, certificateFromWire);

/**
 * Encodes a certificate in its one encoding. Throws as `checkCertificateShape` does. On gossip it goes in an
 * AuctionMessage.
 */
export const encodeCertificate = certificateCodec.encode;

/** Decodes a certificate. Throws a ProtocolError, and nothing else, on any other bytes. */
export const decodeCertificate = certificateCodec.decode;

/**
 * Makes a certificate from equal votes' signatures: sorts them by signer, keeps one per signer and the first
 * `threshold`, and puts the ranked quotes, found among `quotes`, in the award's order.
 * Throws as `verifyCertificate` does; MISMATCH if a ranked quote is not among `quotes`.
 */
export function assembleCertificate(
  parts: Certificate,
  home: Home,
  auctioneers: readonly Address[],
  threshold: number,
): Certificate {
  const digest = awardDigest(parts.award, home);
  const bySigner = new Map(
    parts.signatures.map((signature) => [recoverSigner(digest, signature), signature]),
  );
  const signatures = [...bySigner]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, threshold)
    .map(([, signature]) => signature);
  const byDigest = new Map(parts.quotes.map((signed) => [quoteDigest(signed.quote, home), signed]));
  const quotes = rankedOf(parts.award).flatMap((ranked) => byDigest.get(ranked) ?? []);
  const certificate = { intent: parts.intent, award: parts.award, quotes, signatures };
  verifyCertificate(certificate, home, auctioneers, threshold);
  return certificate;
}

/**
 * Checks all of a certificate that needs no chain: intent, award and quotes belong together, and exactly
 * `threshold` auctioneers signed, ascending. Keys, epochs, rules and amounts are the contract's to check.
 * Throws MISMATCH, NOT_THRESHOLD, NOT_AUCTIONEER, OUT_OF_ORDER, BAD_SIGNATURE, or as `checkCertificateShape`
 * does.
 */
export function verifyCertificate(
  certificate: Certificate,
  home: Home,
  auctioneers: readonly Address[],
  threshold: number,
): VerifiedCertificate {
  checkCertificateShape(certificate);
  const { award, signatures } = certificate;
  const intent = intentDigest(certificate.intent, home);
  checkSame(award.intent, intent, 'award.intent');
  if (threshold < 1 || signatures.length !== threshold) {
    throw new ProtocolError('NOT_THRESHOLD', "A certificate has exactly the threshold's signatures", {
      meta: { got: signatures.length, expected: threshold },
    });
  }
  const digest = awardDigest(award, home);
  const signers = signatures.map((signature) => recoverSigner(digest, signature));
  for (const [index, signer] of signers.entries()) {
    checkAuctioneer(signer, auctioneers);
    const previous = signers[index - 1];
    if (previous !== undefined && previous >= signer) {
      throw new ProtocolError('OUT_OF_ORDER', "Signatures ascend by signer's address, each signer once", {
        meta: { index, got: signer, expected: `above ${previous}` },
      });
    }
  }
  const ranked = rankedOf(award);
  const quotes = certificate.quotes.map((signed) => verifyQuote(signed, home));
  for (const [place, quote] of quotes.entries()) checkSame(ranked[place], quote.digest, `quotes[${place}]`);
  return { intent, award: digest, quotes, signers };
}

/**
 * Checks a certificate's form: one to three quotes, as many as the award ranks, one per account, all for the
 * award's intent.
 * Throws TOO_MANY, MISMATCH, DUPLICATE or BAD_FIELD.
 */
export function checkCertificateShape({ award, quotes, signatures }: Certificate): void {
  atMost(quotes, 'quotes', MAX_RANKED);
  atMost(signatures, 'signatures', MAX_AUCTIONEERS);
  const ranked = rankedOf(award).length;
  if (ranked === 0 || ranked !== quotes.length) {
    throw new ProtocolError('MISMATCH', 'A certificate carries each quote its award ranks, at least one', {
      meta: { got: quotes.length, expected: Math.max(ranked, 1) },
    });
  }
  const accounts = quotes.map(({ quote }) => addressKey(quote.solver));
  distinct(accounts, 'quotes.solver');
  for (const { quote } of quotes) checkSame(quote.intent, award.intent, 'quote.intent');
}

/** Turns a certificate into the argument of the escrow's `land`. */
export function landingOf(certificate: Certificate): Landing {
  const { intent, award, quotes, signatures } = certificate;
  const packed = signatures.map((signature) => checkSignature(signature).slice(2)).join('');
  return { intent, attempt: award.attempt, quotes, signatures: `0x${packed}` };
}

/** Converts for the wire; shared with AuctionMessage. */
export function certificateToWire(certificate: Certificate): gavel.v1.Certificate.$Properties {
  checkCertificateShape(certificate);
  return {
    intent: intentToWire(certificate.intent),
    award: awardToWire(certificate.award),
    quotes: certificate.quotes.map(quoteToWire),
    signatures: certificate.signatures.map((signature) => toBytes(checkSignature(signature))),
  };
}

/** Converts from the wire; shared with AuctionMessage. Counts are checked before anything is converted. */
export function certificateFromWire(wire: gavel.v1.Certificate.$Properties): Certificate {
  return {
    intent: intentFromWire(present(wire.intent, 'intent')),
    award: awardFromWire(present(wire.award, 'award')),
    quotes: listFromWire(wire.quotes, 'quotes', MAX_RANKED, quoteFromWire),
    signatures: listFromWire(wire.signatures, 'signatures', MAX_AUCTIONEERS, hexFromWire),
  };
}

function checkSame(got: Hex | undefined, expected: Hex, field: string): void {
  if (got === expected) return;
  throw new ProtocolError('MISMATCH', "A certificate's parts do not belong together", {
    meta: { field, got, expected },
  });
}
