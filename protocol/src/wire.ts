import type { Hex } from 'viem';
import { ProtocolError } from './errors.ts';
import { atMost, bytesOf, toBytes, toHex, uint64, uint128 } from './fields.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';

/**
 * The encoder and decoder of one message. Both refuse what is out of bounds; decode also refuses a second
 * encoding.
 */
export type Codec<T> = {
  /**
   * Throws OVERSIZED, TOO_MANY, BAD_FIELD, DUPLICATE, MISMATCH or BAD_SIGNATURE on a value that may not be
   * sent.
   */
  readonly encode: (value: T) => Uint8Array;
  /** Throws the same, UNDECODABLE and NOT_CANONICAL, and nothing else, for all bytes. */
  readonly decode: (bytes: Uint8Array) => T;
};

type Generated<Properties, Shape> = {
  encode(message: Properties): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Shape;
};

/**
 * Builds a codec from a generated class and the two conversions. `toWire` checks the whole value; so every
 * decoded value is checked too, by encoding it again and comparing bytes, which is also what makes the
 * encoding unique.
 */
export function codec<T, Properties, Shape>(
  name: string,
  generated: Generated<Properties, Shape>,
  toWire: (value: T) => Properties,
  fromWire: (wire: Shape) => T,
): Codec<T> {
  const encode = (value: T): Uint8Array => {
    const bytes = new Uint8Array(generated.encode(toWire(value)).finish());
    checkSize(name, bytes);
    return bytes;
  };
  const decode = (bytes: Uint8Array): T => {
    checkSize(name, bytes);
    let wire: Shape;
    try {
      wire = generated.decode(bytes);
    } catch (cause) {
      throw new ProtocolError('UNDECODABLE', 'Bytes are not the expected message', { meta: { name }, cause });
    }
    const value = fromWire(wire);
    if (Buffer.compare(encode(value), bytes) === 0) return value;
    throw new ProtocolError('NOT_CANONICAL', 'Bytes are a second encoding of a message that has one', {
      meta: { name },
    });
  };
  return { encode, decode };
}

/** A uint64 as protobufjs reads and writes it. */
export type WireUint64 = { readonly low: number; readonly high: number; readonly unsigned: boolean };

/** Reads a uint64 without loss; absent is zero. */
export function uint64FromWire(value: WireUint64 | null | undefined): bigint {
  if (value === null || value === undefined) return 0n;
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

/** Writes a uint64 without loss. Throws BAD_FIELD out of range. */
export function uint64ToWire(value: bigint, field: string): WireUint64 {
  uint64(value, field);
  return { low: Number(value & 0xffff_ffffn) | 0, high: Number(value >> 32n) | 0, unsigned: true };
}

/** Writes a uint128 as 16 bytes, big-endian. Throws BAD_FIELD out of range. */
export function uint128ToWire(value: bigint, field: string): Uint8Array {
  return toBytes(`0x${uint128(value, field).toString(16).padStart(32, '0')}`);
}

/** Reads a uint128 from exactly 16 bytes, big-endian. Throws BAD_FIELD on another width. */
export function uint128FromWire(bytes: Uint8Array | null | undefined, field: string): bigint {
  return BigInt(bytesOf(hexFromWire(bytes), field, 16, 16));
}

/** Returns a nested message that must be there. Throws BAD_FIELD if it is not. */
export function present<T>(message: T | null | undefined, field: string): T {
  if (message !== null && message !== undefined) return message;
  throw new ProtocolError('BAD_FIELD', 'A nested message is missing', { meta: { field } });
}

/** Reads bytes as hex; absent is empty. Widths are checked when the codec encodes the value again. */
export function hexFromWire(bytes: Uint8Array | null | undefined): Hex {
  return bytes === null || bytes === undefined ? '0x' : toHex(bytes);
}

/**
 * Reads a repeated field of at most `most` items; absent is empty. Throws TOO_MANY before reading any item.
 */
export function listFromWire<W, T>(
  list: readonly W[] | null | undefined,
  field: string,
  most: number,
  read: (item: W) => T,
): T[] {
  const items = list ?? [];
  atMost(items, field, most);
  return items.map((item) => read(item));
}

function checkSize(name: string, bytes: Uint8Array): void {
  if (bytes.length <= MAX_MESSAGE_BYTES) return;
  throw new ProtocolError('OVERSIZED', 'A message is larger than its limit in bytes', {
    meta: { name, got: bytes.length, expected: `at most ${MAX_MESSAGE_BYTES}` },
  });
}
