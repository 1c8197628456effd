import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import {
  anyAuctionMessage,
  anyCertificate,
  anyIntent,
  anySignedQuote,
  anyTally,
  anyVote,
} from '../testing/arbitraries.ts';
import { expectCode } from '../testing/expect-code.ts';
import { decodeAuctionMessage, encodeAuctionMessage } from './auction.ts';
import { decodeCertificate, encodeCertificate } from './certificate.ts';
import { decodeIntent, encodeIntent } from './intent.ts';
import { decodeQuote, encodeQuote } from './quote.ts';
import { decodeTally, encodeTally } from './tally.ts';
import { decodeVote, encodeVote } from './vote.ts';

type Subject = {
  readonly name: string;
  readonly value: fc.Arbitrary<unknown>;
  readonly encode: (value: never) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
};

const subjects: readonly Subject[] = [
  { name: 'intent', value: anyIntent, encode: encodeIntent, decode: decodeIntent },
  { name: 'quote', value: anySignedQuote, encode: encodeQuote, decode: decodeQuote },
  { name: 'tally', value: anyTally, encode: encodeTally, decode: decodeTally },
  { name: 'vote', value: anyVote, encode: encodeVote, decode: decodeVote },
  { name: 'certificate', value: anyCertificate, encode: encodeCertificate, decode: decodeCertificate },
  {
    name: 'auction message',
    value: anyAuctionMessage,
    encode: encodeAuctionMessage,
    decode: decodeAuctionMessage,
  },
];

/** Decode, and let nothing but a ProtocolError pass for a refusal. */
function decoded(subject: Subject, bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: subject.decode(bytes) };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

describe.each(subjects)('the codec of $name', (subject) => {
  const { value, encode, decode } = subject;

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(decode(encode(given as never))).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it('stays within the limit on a message', () => {
    fc.assert(
      fc.property(value, (given) => encode(given as never).length <= MAX_MESSAGE_BYTES),
      { numRuns: 20 },
    );
  });

  it('refuses random bytes with a protocol error and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => decoded(subject, bytes) === undefined),
      { numRuns: 500 },
    );
  });

  it('accepts a spoiled message only if it is the one encoding of what it reads', () => {
    const spoiled = fc
      .tuple(value, fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(4))
      .map(([given, at, inserted, dropped]) => {
        const bytes = encode(given as never);
        const position = at % (bytes.length + 1);
        return Uint8Array.from([
          ...bytes.subarray(0, position),
          ...inserted,
          ...bytes.subarray(position + dropped),
        ]);
      });
    fc.assert(
      fc.property(spoiled, (bytes) => {
        const result = decoded(subject, bytes);
        if (result !== undefined) expect(encode(result.value as never)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a message above the limit before decoding it', () => {
    expectCode('OVERSIZED', () => decode(new Uint8Array(MAX_MESSAGE_BYTES + 1)));
  });

  it('refuses deep nesting without running out of stack', () => {
    expectCode('UNDECODABLE', () => decode(new Uint8Array(MAX_MESSAGE_BYTES).fill(0xa3)));
    expectCode('UNDECODABLE', () => decode(new Uint8Array(MAX_MESSAGE_BYTES).fill(0x0b)));
  });
});
