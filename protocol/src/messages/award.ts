import type { Hex } from 'viem';
import type { IntentDigest, QuoteDigest } from '../brands.ts';
import { ProtocolError } from '../errors.ts';
import { atMost, bytes32, distinct, toBytes, uint32 } from '../fields.ts';
import type { gavel } from '../gen/gavel.js';
import { MAX_RANKED, ZERO_BYTES32 } from '../limits.ts';
import { bytes32Word, digestOf, type Home, hashStruct, uintWord } from '../typed-data.ts';
import { hexFromWire } from '../wire.ts';

/** The number of a vote: each auctioneer has a first and, without a certificate, a second and last. */
export type Attempt = 1 | 2;

/** A ranking of up to three quotes, by digest; absent places are zero and come last. */
export type Award = {
  /** The intent's digest. */
  readonly intent: IntentDigest;
  readonly attempt: Attempt;
  readonly first: QuoteDigest;
  readonly second: QuoteDigest;
  readonly third: QuoteDigest;
};

/** Makes the award of a ranking, best first. An empty ranking is legal in a vote, never in a certificate. */
export function awardOf(intent: IntentDigest, attempt: Attempt, ranked: readonly QuoteDigest[]): Award {
  atMost(ranked, 'ranked', MAX_RANKED);
  const [first = ZERO_BYTES32, second = ZERO_BYTES32, third = ZERO_BYTES32] = ranked;
  const award = { intent, attempt, first, second, third };
  checkAwardShape(award);
  return award;
}

/** Returns the quotes an award ranks, best first, in lowercase. */
export function rankedOf(award: Award): QuoteDigest[] {
  return [award.first, award.second, award.third]
    .map((digest) => bytes32(digest, 'award'))
    .filter((digest) => digest !== ZERO_BYTES32);
}

/**
 * Checks an award's form: attempt 1 or 2, no quote twice, no place left empty before a filled one. Throws
 * BAD_FIELD or DUPLICATE.
 */
export function checkAwardShape(award: Award): void {
  bytes32(award.intent, 'intent');
  if (award.attempt !== 1 && award.attempt !== 2) {
    throw new ProtocolError('BAD_FIELD', 'An award is of the first attempt or the second', {
      meta: { field: 'attempt', got: award.attempt, expected: '1 or 2' },
    });
  }
  const ranked = rankedOf(award);
  distinct(ranked, 'award');
  const places = [award.first, award.second, award.third];
  if (ranked.some((digest, place) => places[place] !== digest)) {
    throw new ProtocolError('BAD_FIELD', 'An award leaves a place empty before a filled one', {
      meta: { field: 'award', got: places.join(' ') },
    });
  }
}

/** Returns an award's EIP-712 struct hash. Throws BAD_FIELD on a field out of bounds. */
export function awardStructHash(award: Award): Hex {
  return hashStruct('Award', [
    bytes32Word(award.intent, 'intent'),
    uintWord(uint32(award.attempt, 'attempt', 0xff)),
    bytes32Word(award.first, 'first'),
    bytes32Word(award.second, 'second'),
    bytes32Word(award.third, 'third'),
  ]);
}

/** Returns an award's digest: what the auctioneers sign and the contract checks. */
export function awardDigest(award: Award, home: Home): Hex {
  return digestOf(home, awardStructHash(award));
}

/** Converts for the wire; part of votes and certificates. */
export function awardToWire(award: Award): gavel.v1.Award.$Properties {
  checkAwardShape(award);
  return {
    intent: toBytes(award.intent),
    attempt: award.attempt,
    first: toBytes(award.first),
    second: toBytes(award.second),
    third: toBytes(award.third),
  };
}

/**
 * Converts from the wire; part of votes and certificates. Throws BAD_FIELD on an attempt other than 1 or 2.
 */
export function awardFromWire(wire: gavel.v1.Award.$Properties): Award {
  const award = {
    intent: hexFromWire(wire.intent),
    attempt: wire.attempt as Attempt,
    first: hexFromWire(wire.first),
    second: hexFromWire(wire.second),
    third: hexFromWire(wire.third),
  };
  checkAwardShape(award);
  return award;
}
