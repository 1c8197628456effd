import type { Address, Hex } from 'viem';

declare const kind: unique symbol;

/**
 * A value of `T` marked with what the value means. A value of one kind is not assignable to another kind. An
 * unmarked value (a literal, a decoded field, the result of arithmetic) is assignable to every kind of its
 * type, so that no cast is needed where a value gets its meaning.
 */
export type Kind<T, Name extends string> = T & { readonly [kind]?: Name };

/** An intent's EIP-712 digest, 32 bytes in lowercase hex. */
export type IntentDigest = Kind<Hex, 'IntentDigest'>;
/** A quote's EIP-712 digest, 32 bytes in lowercase hex. */
export type QuoteDigest = Kind<Hex, 'QuoteDigest'>;
/** A tally's id, which binds its digest to its author: 32 bytes in lowercase hex. */
export type TallyId = Kind<Hex, 'TallyId'>;
/** An order's id, 32 bytes in lowercase hex. */
export type OrderId = Kind<Hex, 'OrderId'>;
/** The hash of (market, position), 32 bytes in lowercase hex. */
export type PositionKey = Kind<Hex, 'PositionKey'>;
/** A market's name, padded on the right to 32 bytes, in lowercase hex. */
export type MarketId = Kind<Hex, 'MarketId'>;
/** A Hyperlane domain. A domain is never assumed to equal a chain id. */
export type Domain = Kind<number, 'Domain'>;
/** A point in time in Unix milliseconds, as node clocks give it. */
export type Ms = Kind<bigint, 'Ms'>;
/** A point in time in Unix seconds, as chains give it. */
export type Seconds = Kind<bigint, 'Seconds'>;

declare const normal: unique symbol;

/**
 * An address in lowercase, for map keys and comparison. Unlike a {@link Kind}, an address in any other form
 * is not assignable to it: only `addressKey` and `parseAddress` return one.
 */
export type AddressKey = Address & { readonly [normal]: true };

/**
 * Returns the normal form of a known address. viem and the configuration give addresses with checksums;
 * gossip and recovered signers give them in lowercase.
 */
export function addressKey(value: Address): AddressKey {
  return value.toLowerCase() as AddressKey;
}

/** Tells whether two addresses are the same account, in any case. */
export function sameAddress(a: Address, b: Address): boolean {
  return addressKey(a) === addressKey(b);
}

/** Converts Unix seconds to Unix milliseconds. */
export function toMs(seconds: Seconds): Ms {
  return seconds * 1_000n;
}

/** Converts Unix milliseconds to Unix seconds, rounded down. */
export function toSeconds(ms: Ms): Seconds {
  return ms / 1_000n;
}
