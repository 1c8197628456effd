import type { Address, Hex } from 'viem';
import {
  type Domain,
  type IntentDigest,
  type MarketId,
  type Ms,
  type Seconds,
  sameAddress,
  toMs,
  toSeconds,
} from '../brands.ts';
import { ProtocolError } from '../errors.ts';
import { address, bytes32, bytesOf, toBytes, uint32, uint64, uint128 } from '../fields.ts';
import { gavel } from '../gen/gavel.js';
import { MAX_POSITION_BYTES } from '../limits.ts';
import {
  addressWord,
  bytes32Word,
  bytesWord,
  digestOf,
  type Home,
  hashStruct,
  uintWord,
} from '../typed-data.ts';
import { codec, hexFromWire, uint64FromWire, uint64ToWire, uint128FromWire, uint128ToWire } from '../wire.ts';

/** The terms of one liquidation: a pure function of (market, position, round, observed block). */
export type Intent = {
  /** Hyperlane domain of the home chain; never assumed to equal its chain id. */
  readonly homeDomain: Domain;
  /** The home CollateralEscrow. */
  readonly escrow: Address;
  readonly market: MarketId;
  /** The adapter's canonical encoding, 1 to 256 bytes. */
  readonly position: Hex;
  readonly collateral: Address;
  readonly debt: Address;
  /** Debt units. */
  readonly repay: bigint;
  /** The most collateral that can be seized, collateral units. */
  readonly seizable: bigint;
  /** The escrow's counter for the position. */
  readonly round: bigint;
  readonly observedBlock: bigint;
  readonly observedBlockHash: Hex;
  /** Unix milliseconds. */
  readonly quoteBy: Ms;
  /** Unix seconds. */
  readonly openBy: Seconds;
};

/** The market's rules that an intent is made by. */
export type IntentRules = {
  /** Blocks; observed blocks are multiples of it. */
  readonly slot: number;
  /** Milliseconds from the observed block to `quoteBy`. */
  readonly quoteWindow: number;
  /** Seconds from `quoteBy` to `openBy`. */
  readonly landingWindow: number;
};

/** What an intent is derived from: names, the observed block, and what the adapter's `assess` said at it. */
export type IntentFacts = {
  readonly homeDomain: Domain;
  readonly escrow: Address;
  readonly market: MarketId;
  readonly position: Hex;
  readonly round: bigint;
  /** `timestamp` in Unix seconds. */
  readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: Seconds };
  readonly assessment: {
    readonly collateral: Address;
    readonly debt: Address;
    readonly repay: bigint;
    readonly seizable: bigint;
  };
  readonly rules: IntentRules;
};

/**
 * Derives the one intent of (market, position, round, observed block). Every honest node gets the same.
 * Throws BAD_INTENT if the block is not on the slot or there is nothing to liquidate, BAD_FIELD on a
 * malformed fact.
 */
export function deriveIntent(facts: IntentFacts): Intent {
  const { block, assessment, rules } = facts;
  const quoteBy = toMs(block.timestamp) + BigInt(rules.quoteWindow);
  const intent = normalized({
    homeDomain: facts.homeDomain,
    escrow: facts.escrow,
    market: facts.market,
    position: facts.position,
    collateral: assessment.collateral,
    debt: assessment.debt,
    repay: assessment.repay,
    seizable: assessment.seizable,
    round: facts.round,
    observedBlock: block.number,
    observedBlockHash: block.hash,
    quoteBy,
    openBy: toSeconds(quoteBy) + BigInt(rules.landingWindow),
  });
  checkIntentShape(intent, rules);
  return intent;
}

/**
 * Checks what can be checked of an intent without a chain: the slot, `openBy`, and that there is something to
 * liquidate.
 * Throws BAD_INTENT naming the rule, or BAD_FIELD.
 */
export function checkIntentShape(intent: Intent, rules: IntentRules): void {
  const { slot, landingWindow } = rules;
  normalized(intent);
  if (slot <= 0 || intent.observedBlock % BigInt(slot) !== 0n) {
    throw badIntent('observedBlock is a multiple of the slot', { got: intent.observedBlock, slot });
  }
  const openBy = toSeconds(intent.quoteBy) + BigInt(landingWindow);
  if (intent.openBy !== openBy) {
    throw badIntent('openBy = floor(quoteBy / 1000) + landing window', {
      got: intent.openBy,
      expected: openBy,
    });
  }
  const blockTime = intent.quoteBy - BigInt(rules.quoteWindow);
  if (blockTime < 0n || blockTime % 1000n !== 0n) {
    throw badIntent('quoteBy = block time in whole seconds + quote window', { got: intent.quoteBy });
  }
  if (intent.repay === 0n) throw badIntent('repay is above zero: a healthy position has no intent', {});
  if (intent.seizable === 0n) throw badIntent('seizable is above zero', {});
}

const intentCodec = codec('Intent', gavel.v1.Intent, intentToWire, intentFromWire);

/** Encodes an intent in its one encoding. Throws BAD_FIELD on a field out of bounds. */
export const encodeIntent = intentCodec.encode;

/**
 * Decodes an intent. Throws a ProtocolError, and nothing else, on any other bytes. Addresses come in
 * lowercase.
 */
export const decodeIntent = intentCodec.decode;

/** Returns an intent's EIP-712 struct hash. Throws BAD_FIELD on a field out of bounds. */
export function intentStructHash(intent: Intent): Hex {
  return hashStruct('Intent', [
    uintWord(uint32(intent.homeDomain, 'homeDomain')),
    addressWord(intent.escrow, 'escrow'),
    bytes32Word(intent.market, 'market'),
    bytesWord(position(intent), 'position'),
    addressWord(intent.collateral, 'collateral'),
    addressWord(intent.debt, 'debt'),
    uintWord(uint128(intent.repay, 'repay')),
    uintWord(uint128(intent.seizable, 'seizable')),
    uintWord(uint64(intent.round, 'round')),
    uintWord(uint64(intent.observedBlock, 'observedBlock')),
    bytes32Word(intent.observedBlockHash, 'observedBlockHash'),
    uintWord(uint64(intent.quoteBy, 'quoteBy')),
    uintWord(uint64(intent.openBy, 'openBy')),
  ]);
}

/**
 * Returns an intent's digest, its name everywhere else. Throws MISMATCH if it is for another escrow than
 * `home`'s.
 */
export function intentDigest(intent: Intent, home: Home): IntentDigest {
  if (!sameAddress(intent.escrow, home.escrow)) {
    throw new ProtocolError('MISMATCH', 'An intent names another escrow than the home it is hashed for', {
      meta: { got: intent.escrow, expected: home.escrow },
    });
  }
  return digestOf(home, intentStructHash(intent));
}

/** Converts for the wire; shared with the certificate. */
export function intentToWire(intent: Intent): gavel.v1.Intent.$Properties {
  return {
    homeDomain: uint32(intent.homeDomain, 'homeDomain'),
    escrow: toBytes(address(intent.escrow, 'escrow')),
    market: toBytes(bytes32(intent.market, 'market')),
    position: toBytes(position(intent)),
    collateral: toBytes(address(intent.collateral, 'collateral')),
    debt: toBytes(address(intent.debt, 'debt')),
    repay: uint128ToWire(intent.repay, 'repay'),
    seizable: uint128ToWire(intent.seizable, 'seizable'),
    round: uint64ToWire(intent.round, 'round'),
    observedBlock: uint64ToWire(intent.observedBlock, 'observedBlock'),
    observedBlockHash: toBytes(bytes32(intent.observedBlockHash, 'observedBlockHash')),
    quoteBy: uint64ToWire(intent.quoteBy, 'quoteBy'),
    openBy: uint64ToWire(intent.openBy, 'openBy'),
  };
}

/** Converts from the wire; shared with the certificate. Widths are checked by the codec's second encoding. */
export function intentFromWire(wire: gavel.v1.Intent.$Properties): Intent {
  return {
    homeDomain: wire.homeDomain ?? 0,
    escrow: hexFromWire(wire.escrow),
    market: hexFromWire(wire.market),
    position: hexFromWire(wire.position),
    collateral: hexFromWire(wire.collateral),
    debt: hexFromWire(wire.debt),
    repay: uint128FromWire(wire.repay, 'repay'),
    seizable: uint128FromWire(wire.seizable, 'seizable'),
    round: uint64FromWire(wire.round),
    observedBlock: uint64FromWire(wire.observedBlock),
    observedBlockHash: hexFromWire(wire.observedBlockHash),
    quoteBy: uint64FromWire(wire.quoteBy),
    openBy: uint64FromWire(wire.openBy),
  };
}

function position(intent: Intent): Hex {
  return bytesOf(intent.position, 'position', 1, MAX_POSITION_BYTES);
}

/** Checks every field and puts hex in lowercase, so that equal intents are equal values. */
function normalized(intent: Intent): Intent {
  return {
    homeDomain: uint32(intent.homeDomain, 'homeDomain'),
    escrow: address(intent.escrow, 'escrow'),
    market: bytes32(intent.market, 'market'),
    position: position(intent),
    collateral: address(intent.collateral, 'collateral'),
    debt: address(intent.debt, 'debt'),
    repay: uint128(intent.repay, 'repay'),
    seizable: uint128(intent.seizable, 'seizable'),
    round: uint64(intent.round, 'round'),
    observedBlock: uint64(intent.observedBlock, 'observedBlock'),
    observedBlockHash: bytes32(intent.observedBlockHash, 'observedBlockHash'),
    quoteBy: uint64(intent.quoteBy, 'quoteBy'),
    openBy: uint64(intent.openBy, 'openBy'),
  };
}

function badIntent(rule: string, meta: Record<string, unknown>): ProtocolError {
  return new ProtocolError('BAD_INTENT', "An intent breaks its market's rules", { meta: { rule, ...meta } });
}
