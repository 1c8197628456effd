/** Spoil good messages and signatures, each in one way, and say by which code they must be refused. */
import type { Hex } from 'viem';
import { MAX_MESSAGE_BYTES, type ProtocolErrorCode, signDigest, toBytes, toHex } from '../src/index.ts';

type RejectedBytes = { readonly why: string; readonly code: ProtocolErrorCode; readonly wire: Hex };
type RejectedSignature = {
  readonly why: string;
  readonly code: ProtocolErrorCode;
  readonly digest: Hex;
  readonly signature: Hex;
};

type GoodBytes = {
  readonly intent: Uint8Array;
  readonly quote: Uint8Array;
  readonly auction: Readonly<Record<'tally' | 'vote' | 'certificate', Uint8Array>>;
};

/** The secp256k1 group's order. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * Returns bytes that each decoder must refuse. Field 100 is in no message; tags 0x0a and 0x08 open field 1.
 */
export function rejectedBytes(good: GoodBytes): Record<'intent' | 'quote' | 'auction', RejectedBytes[]> {
  const { tally, vote, certificate } = good.auction;
  return {
    intent: [
      ...spoiled(good.intent),
      reject('one byte too many', 'OVERSIZED', new Uint8Array(MAX_MESSAGE_BYTES + 1)),
      reject('a default sent: homeDomain 0', 'NOT_CANONICAL', replaceHead(good.intent, 3, [0x08, 0x00])),
      reject('a number in more bytes than it needs', 'NOT_CANONICAL', [
        0x08,
        0xe9,
        0x87,
        0x00,
        ...good.intent.slice(3),
      ]),
      reject('escrow of 19 bytes', 'BAD_FIELD', [
        ...good.intent.slice(0, 3),
        0x12,
        19,
        ...good.intent.slice(6),
      ]),
      reject('the first field again at the end', 'NOT_CANONICAL', [
        ...good.intent,
        ...good.intent.slice(0, 3),
      ]),
      reject('homeDomain as bytes', 'BAD_FIELD', [0x0a, 0x01, 0x07]),
    ],
    quote: [
      ...spoiled(good.quote),
      reject('no signature', 'BAD_SIGNATURE', good.quote.slice(0, good.quote.length - 67)),
      reject('a signature of 64 bytes', 'BAD_SIGNATURE', shortened(good.quote)),
      reject('v of 0', 'BAD_SIGNATURE', [...good.quote.slice(0, -1), 0]),
    ],
    auction: [
      ...spoiled(tally),
      reject('two bodies', 'NOT_CANONICAL', [...tally, ...vote]),
      reject('the same body twice, so that its lists grow', 'DUPLICATE', [...vote, ...vote]),
      reject('an empty tally', 'BAD_FIELD', [0x0a, 0x00]),
      reject('an empty vote', 'BAD_FIELD', [0x12, 0x00]),
      reject('an empty certificate', 'BAD_FIELD', [0x1a, 0x00]),
      reject('a certificate cut short', 'UNDECODABLE', certificate.slice(0, 200)),
      reject('nine quotes in a tally', 'TOO_MANY', nested(0x0a, nested(0x0a, digests(9)))),
      reject('seventeen tallies cited', 'TOO_MANY', nested(0x12, digests(17))),
    ],
  };
}

/** Returns signatures over `digest` that recovery must refuse. */
export function rejectedSignatures(digest: Hex, privateKey: Hex): RejectedSignature[] {
  const good = signDigest(digest, privateKey);
  const r = good.slice(2, 66);
  const s = good.slice(66, 130);
  const v = good.slice(130);
  const zero = '00'.repeat(32);
  const order = ORDER.toString(16);
  const highS = (ORDER - BigInt(`0x${s}`)).toString(16).padStart(64, '0');
  const otherV = v === '1b' ? '1c' : '1b';
  const cases: readonly (readonly [string, string])[] = [
    ['high s, the other form of a good signature', r + highS + otherV],
    ['v of 0', `${r}${s}00`],
    ['v of 1', `${r}${s}01`],
    ['v of 29', `${r}${s}1d`],
    ['64 bytes, compact', r + s],
    ['66 bytes', `${r}${s}${v}00`],
    ['nothing', ''],
    ['r of zero', zero + s + v],
    ['s of zero', r + zero + v],
    ['r of the order', order + s + v],
  ];
  return cases.map(([why, hex]) => ({ why, code: 'BAD_SIGNATURE', digest, signature: `0x${hex}` }));
}

function spoiled(good: Uint8Array): RejectedBytes[] {
  return [
    reject('nothing', 'BAD_FIELD', []),
    reject('the last byte missing', 'UNDECODABLE', good.slice(0, -1)),
    reject('an unknown field', 'NOT_CANONICAL', [...good, 0xa0, 0x06, 0x01]),
    reject('an unknown group', 'NOT_CANONICAL', [...good, 0xa3, 0x06, 0xa4, 0x06]),
    reject('a group left open', 'UNDECODABLE', [...good, 0xa3, 0x06]),
    reject('a byte of garbage', 'UNDECODABLE', [...good, 0xff]),
  ];
}

function reject(why: string, code: ProtocolErrorCode, bytes: Iterable<number>): RejectedBytes {
  return { why, code, wire: toHex(Uint8Array.from(bytes)) };
}

function replaceHead(bytes: Uint8Array, dropped: number, head: readonly number[]): number[] {
  return [...head, ...bytes.slice(dropped)];
}

/** Cuts the signature, the last field, from 65 bytes to 64. */
function shortened(quote: Uint8Array): number[] {
  const bytes = [...quote.slice(0, -1)];
  bytes[bytes.length - 65] = 64;
  return bytes;
}

function nested(tag: number, body: readonly number[]): number[] {
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7];
  return [tag, ...length, ...body];
}

/** Repeat field 2 with distinct 32-byte items. */
function digests(count: number): number[] {
  return Array.from({ length: count }, (_, index) => [
    ...nested(0x12, [...toBytes(`0x${(index + 1).toString(16).padStart(64, '0')}`)]),
  ]).flat();
}
