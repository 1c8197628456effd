import type { Hex } from 'viem';
import type { MarketId, PositionKey } from './brands.ts';
import { ProtocolError } from './errors.ts';
import { bytes32, bytesOf, toBytes, toHex, uint32 } from './fields.ts';
import { keccak } from './keccak.ts';
import { BPS, MAX_POSITION_BYTES } from './limits.ts';
import { bytes32Word, uintWord } from './typed-data.ts';

/**
 * Makes a market's id from its name: ASCII, padded on the right to 32 bytes.
 * Throws BAD_FIELD unless the name is 1 to 32 printable ASCII characters.
 */
export function marketId(name: string): MarketId {
  if (!/^[\x21-\x7e]{1,32}$/.test(name)) {
    throw new ProtocolError('BAD_FIELD', 'A market name cannot be made an id', {
      meta: { field: 'market', got: name, expected: '1 to 32 printable ASCII characters, no spaces' },
    });
  }
  return toHex(Buffer.from(name.padEnd(32, '\0'), 'ascii'));
}

/** Reads the name in a market's id. Throws BAD_FIELD if the id is not a padded ASCII name. */
export function marketName(market: MarketId): string {
  const name = Buffer.from(toBytes(bytes32(market, 'market')))
    .toString('latin1')
    .replace(/\0+$/, '');
  marketId(name);
  return name;
}

/**
 * Hashes (market, position) to the key of the escrow's rounds and surpluses: keccak256(abi.encode(bytes32,
 * bytes)).
 */
export function positionKey(market: MarketId, position: Hex): PositionKey {
  const digits = bytesOf(position, 'position', 1, MAX_POSITION_BYTES).slice(2);
  // The offset of the bytes, their length, and the bytes padded to whole words.
  const words = [bytes32Word(market, 'market'), uintWord(64), uintWord(digits.length / 2)];
  words.push(digits.padEnd(Math.ceil(digits.length / 64) * 64, '0'));
  return keccak(Buffer.from(words.join(''), 'hex'));
}

/** Returns the step between legal asks, in collateral units: one basis point of `seizable`, at least 1. */
export function tickOf(seizable: bigint): bigint {
  const tick = seizable / BPS;
  return tick > 0n ? tick : 1n;
}

/** Tells whether an ask is a legal price: a multiple of the tick (zero included) or all of `seizable`. */
export function isOnTick(ask: bigint, seizable: bigint): boolean {
  return ask % tickOf(seizable) === 0n || ask === seizable;
}

/** Returns `a × b ÷ c` rounded down. All must be non-negative, `c` positive; throws BAD_FIELD otherwise. */
export function mulDivDown(a: bigint, b: bigint, c: bigint): bigint {
  checkMulDiv(a, b, c);
  return (a * b) / c;
}

/** Returns `a × b ÷ c` rounded up. All must be non-negative, `c` positive; throws BAD_FIELD otherwise. */
export function mulDivUp(a: bigint, b: bigint, c: bigint): bigint {
  checkMulDiv(a, b, c);
  return (a * b + c - 1n) / c;
}

/**
 * Converts an amount between decimals, rounding up (payments) or down (proceeds). Throws BAD_FIELD out of
 * uint8.
 */
export function scaleDecimals(amount: bigint, from: number, to: number, rounding: 'up' | 'down'): bigint {
  const unitsFrom = 10n ** BigInt(uint32(from, 'from', 255));
  const unitsTo = 10n ** BigInt(uint32(to, 'to', 255));
  return rounding === 'up' ? mulDivUp(amount, unitsTo, unitsFrom) : mulDivDown(amount, unitsTo, unitsFrom);
}

/** The parts of a remote payment, in debt units unless noted. */
export type PaymentTerms = {
  readonly repaid: bigint;
  readonly keeperFee: bigint;
  /** The route's fee, basis points of `repaid`. */
  readonly feeBps: number;
  readonly debtDecimals: number;
  readonly payDecimals: number;
};

/**
 * Prices a remote payment: `routeFee` in debt units (rounded up), and `payAmount` = repaid + keeper fee +
 * route fee in the pay token's units (rounded up), exactly as the home escrow computes it when it opens an
 * order.
 */
export function remotePayment(terms: PaymentTerms): {
  readonly routeFee: bigint;
  readonly payAmount: bigint;
} {
  const routeFee = mulDivUp(terms.repaid, BigInt(uint32(terms.feeBps, 'feeBps', 0xffff)), BPS);
  const due = terms.repaid + terms.keeperFee + routeFee;
  return { routeFee, payAmount: scaleDecimals(due, terms.debtDecimals, terms.payDecimals, 'up') };
}

function checkMulDiv(a: bigint, b: bigint, c: bigint): void {
  if (a >= 0n && b >= 0n && c > 0n) return;
  throw new ProtocolError('BAD_FIELD', 'A product cannot be divided', {
    meta: { a, b, c, expected: 'non-negative factors and a positive divisor' },
  });
}
