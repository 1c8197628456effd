import type { Hex } from 'viem';
import { type AddressKey, addressKey } from './brands.ts';
import { ProtocolError } from './errors.ts';
import { MAX_UINT32, MAX_UINT64, MAX_UINT128 } from './limits.ts';

const HEX = /^0x(?:[0-9a-fA-F]{2})*$/;

/** Reads hex as bytes. Throws BAD_FIELD unless it is `0x` and whole bytes. */
export function toBytes(value: string, field = 'bytes'): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(hex(value, field).slice(2), 'hex');
  return new Uint8Array(buffer, byteOffset, length);
}

/** Writes bytes as lowercase hex. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/**
 * Returns an address in lowercase. Throws BAD_FIELD unless it is 20 bytes of hex; checksums are not checked.
 */
export function address(value: string, field: string): AddressKey {
  return addressKey(bytesOf(value, field, 20, 20));
}

/** Returns 32 bytes as lowercase hex. Throws BAD_FIELD otherwise. */
export function bytes32(value: string, field: string): Hex {
  return bytesOf(value, field, 32, 32);
}

/** Returns between `least` and `most` bytes as lowercase hex. Throws BAD_FIELD otherwise. */
export function bytesOf(value: string, field: string, least: number, most: number): Hex {
  const bytes = hex(value, field);
  const length = (bytes.length - 2) / 2;
  if (length < least || length > most) {
    throw new ProtocolError('BAD_FIELD', 'A field has the wrong width in bytes', {
      meta: { field, got: length, expected: least === most ? least : `${least} to ${most}` },
    });
  }
  return lowercase(bytes);
}

/**
 * Returns a uint32 (or narrower, by `most`) as given. Throws BAD_FIELD unless it is a whole number in range.
 */
export function uint32(value: number, field: string, most: number = MAX_UINT32): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw outOfRange(field, value, most);
  return value;
}

/** Returns a uint64 as given. Throws BAD_FIELD unless it is a bigint in range. */
export function uint64(value: bigint, field: string): bigint {
  return uint(value, field, MAX_UINT64);
}

/** Returns a uint128 as given. Throws BAD_FIELD unless it is a bigint in range. */
export function uint128(value: bigint, field: string): bigint {
  return uint(value, field, MAX_UINT128);
}

/** Refuses a list longer than `most` with TOO_MANY. */
export function atMost(list: readonly unknown[], field: string, most: number): void {
  if (list.length <= most) return;
  throw new ProtocolError('TOO_MANY', 'A repeated field is longer than its limit', {
    meta: { field, got: list.length, expected: `at most ${most}` },
  });
}

/** Refuses a list in which something occurs twice with DUPLICATE. */
export function distinct(list: readonly string[], field: string): void {
  if (new Set(list).size === list.length) return;
  throw new ProtocolError('DUPLICATE', 'A list names something twice', { meta: { field } });
}

function lowercase(value: Hex): Hex {
  return `0x${value.slice(2).toLowerCase()}`;
}

function hex(value: string, field: string): Hex {
  if (isWholeBytes(value)) return value;
  throw new ProtocolError('BAD_FIELD', 'A field is not hex of whole bytes', {
    meta: { field, expected: '0x and an even number of hex digits' },
  });
}

function isWholeBytes(value: unknown): value is Hex {
  return typeof value === 'string' && HEX.test(value);
}

function uint(value: bigint, field: string, most: bigint): bigint {
  if (typeof value !== 'bigint' || value < 0n || value > most) throw outOfRange(field, value, most);
  return value;
}

function outOfRange(field: string, got: unknown, most: number | bigint): ProtocolError {
  return new ProtocolError('BAD_FIELD', 'A number is out of its range', {
    meta: { field, got, expected: `0 to ${most}` },
  });
}
