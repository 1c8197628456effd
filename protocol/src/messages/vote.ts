import type { Address, Hex } from 'viem';
import type { TallyId } from '../brands.ts';
import { ProtocolError } from '../errors.ts';
import { atMost, bytes32, distinct, toBytes } from '../fields.ts';
import { gavel } from '../gen/gavel.js';
import { MAX_CITED } from '../limits.ts';
import { checkSignature, recoverSigner, signDigest } from '../signatures.ts';
import { bytes32sWord, bytes32Word, digestOf, type Home, hashStruct } from '../typed-data.ts';
import { codec, hexFromWire, listFromWire, present } from '../wire.ts';
import { checkAuctioneer } from './auctioneers.ts';
import { type Award, awardDigest, awardFromWire, awardToWire, checkAwardShape } from './award.ts';

/** What a voter counted: the tallies behind one award, by digest. Never sent to a chain. */
export type Ballot = {
  /** The award's digest. */
  readonly award: Hex;
  readonly tallies: readonly TallyId[];
};

/** One auctioneer's vote. Both signatures are the same signer's. */
export type Vote = {
  readonly award: Award;
  /** The tallies it counted, by `tallyId`: at most sixteen, none twice. */
  readonly cited: readonly TallyId[];
  /** Over the award; the one that lands on chain. */
  readonly signature: Hex;
  /** Over the ballot { award's digest, cited }. */
  readonly ballot: Hex;
};

const voteCodec = codec('Vote', gavel.v1.Vote, voteToWire, voteFromWire);

/**
 * Encodes a vote in its one encoding. Throws as `checkVoteShape` does. On gossip it goes in an
 * AuctionMessage.
 */
export const encodeVote = voteCodec.encode;

/** Decodes a vote. Throws a ProtocolError, and nothing else, on any other bytes. */
export const decodeVote = voteCodec.decode;

/** Returns a ballot's EIP-712 struct hash. Throws BAD_FIELD on a field out of bounds. */
export function ballotStructHash(ballot: Ballot): Hex {
  return hashStruct('Ballot', [bytes32Word(ballot.award, 'award'), bytes32sWord(ballot.tallies, 'tallies')]);
}

/** Returns a ballot's digest: what a voter signs beside the award. */
export function ballotDigest(ballot: Ballot, home: Home): Hex {
  return digestOf(home, ballotStructHash(ballot));
}

/**
 * Votes for an award, citing tallies by digest (put in ascending order). Throws as `checkVoteShape` does, or
 * BAD_KEY.
 */
export function signVote(award: Award, cited: readonly TallyId[], home: Home, privateKey: Hex): Vote {
  const tallies = cited.map((digest) => bytes32(digest, 'cited')).sort();
  const digest = awardDigest(award, home);
  const vote = {
    award,
    cited: tallies,
    signature: signDigest(digest, privateKey),
    ballot: signDigest(ballotDigest({ award: digest, tallies }, home), privateKey),
  };
  checkVoteShape(vote);
  return vote;
}

/**
 * Checks both of a vote's signatures; returns the voter.
 * Throws NOT_AUCTIONEER, MISMATCH if two signers made them, BAD_SIGNATURE, or as `checkVoteShape` does.
 */
export function verifyVote(vote: Vote, home: Home, auctioneers: readonly Address[]): Address {
  checkVoteShape(vote);
  const digest = awardDigest(vote.award, home);
  const voter = recoverSigner(digest, vote.signature);
  checkAuctioneer(voter, auctioneers);
  const citer = recoverSigner(ballotDigest({ award: digest, tallies: vote.cited }, home), vote.ballot);
  if (citer !== voter) {
    throw new ProtocolError('MISMATCH', "A vote's award and ballot must have one signer", {
      meta: { got: citer, expected: voter },
    });
  }
  return voter;
}

/**
 * Checks a vote's form: its award's, and at most sixteen tallies, none twice. Throws BAD_FIELD, TOO_MANY or
 * DUPLICATE.
 */
export function checkVoteShape(vote: Vote): void {
  checkAwardShape(vote.award);
  atMost(vote.cited, 'cited', MAX_CITED);
  const cited = vote.cited.map((digest) => bytes32(digest, 'cited'));
  distinct(cited, 'cited');
}

/** Converts for the wire; shared with AuctionMessage. */
export function voteToWire(vote: Vote): gavel.v1.Vote.$Properties {
  checkVoteShape(vote);
  return {
    award: awardToWire(vote.award),
    cited: vote.cited.map((digest) => toBytes(digest)),
    signature: toBytes(checkSignature(vote.signature)),
    ballot: toBytes(checkSignature(vote.ballot)),
  };
}

/** Converts from the wire; shared with AuctionMessage. The count is checked before anything is converted. */
export function voteFromWire(wire: gavel.v1.Vote.$Properties): Vote {
  const cited = listFromWire(wire.cited, 'cited', MAX_CITED, hexFromWire);
  return {
    award: awardFromWire(present(wire.award, 'award')),
    cited,
    signature: hexFromWire(wire.signature),
    ballot: hexFromWire(wire.ballot),
  };
}
