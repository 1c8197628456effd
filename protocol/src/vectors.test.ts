import { readFileSync } from 'node:fs';
import { type Address, concat, encodePacked, type Hex, hashTypedData, keccak256, size, slice } from 'viem';
import { describe, expect, it } from 'vitest';
import * as gavel from './index.ts';
import { expectCode } from './testing/expect-code.ts';

type Signed = { structHash: Hex; digest: Hex; privateKey: Hex; signer: Address; signature: Hex; wire: Hex };
type Refused = { why: string; code: gavel.ProtocolErrorCode; wire: Hex };
type Vectors<Accepted> = {
  chainId: string;
  escrow: Address;
  domainSeparator: Hex;
  accepted: Accepted[];
  rejected: Refused[];
};

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

const homeOf = ({ chainId, escrow }: Vectors<unknown>): gavel.Home => ({ chainId: BigInt(chainId), escrow });

/** Reads a vector's decimal strings as viem reads numbers, by the struct's types. */
function messageOf(name: gavel.TypeName, vector: object): Record<string, unknown> {
  const text = vector as Record<string, unknown>;
  const number = (value: unknown) => BigInt(String(value));
  return Object.fromEntries(
    gavel.TYPES[name].map(({ name: field, type }) => [
      field,
      type.startsWith('uint') ? number(text[field]) : text[field],
    ]),
  );
}

describe.each([
  ['intent', 'Intent'],
  ['quote', 'Quote'],
  ['tally', 'Tally'],
  ['award', 'Award'],
  ['ballot', 'Ballot'],
] as const)('the %s vectors', (file, primaryType) => {
  const vectors = read<Vectors<Signed>>(file);
  const home = homeOf(vectors);

  it('hold the digests viem computes and signatures that recover to their keys', () => {
    expect(gavel.domainSeparator(home)).toBe(vectors.domainSeparator);
    for (const vector of vectors.accepted) {
      const typed = { domain: gavel.domainOf(home), types: gavel.TYPES, primaryType } as const;
      // The message is read by the same types it is hashed by.
      const message = messageOf(primaryType, vector) as never;
      expect(hashTypedData({ ...typed, message })).toBe(vector.digest);
      expect(gavel.signDigest(vector.digest, vector.privateKey)).toBe(vector.signature);
      expect(gavel.recoverSigner(vector.digest, vector.signature)).toBe(vector.signer);
    }
  });
});

type OrderVectors = Vectors<Record<keyof gavel.Order, string> & { abi: Hex; orderId: Hex; bill: Hex }> & {
  reports: { fills: Hex[]; reporter: Address; payments: Hex; body: Hex }[];
};

describe('the order vectors', () => {
  const { accepted, reports } = read<OrderVectors>('order');
  const from = (bytes: Hex, at: number, end?: number) => slice(bytes, at, end);

  /** The layout of `OrderParts`, taken apart by hand. */
  it('hold bills whose hashes make the ids', () => {
    for (const { orderId, bill, payDomain, payEscrow } of accepted) {
      const pay = encodePacked(['uint32', 'address'], [Number(payDomain), payEscrow as Address]);
      const parties = concat([from(bill, 0, 24), pay]);
      expect(keccak256(concat([parties, from(bill, 24, 96), keccak256(from(bill, 96))]))).toBe(orderId);
      expect(size(bill)).toBe(192);
    }
  });

  it('hold reports of payments less their payers, each lane once for its run', () => {
    const runs = reports.map(({ fills, payments }) => (size(payments) - fills.length * 256) / 97);
    expect(runs).toEqual([1, 2, 3]);
    for (const { fills, reporter, payments, body } of reports) {
      expect(size(body)).toBe(20 + size(payments) - fills.length * 20);
      expect(from(body, 0, 20)).toBe(reporter);
      expect(from(body, 20, 117)).toBe(from(payments, 0, 97));
      expect(from(body, 117, 117 + 236)).toBe(from(payments, 117, 117 + 236));
    }
  });
});

const decoders = {
  intent: (bytes: Uint8Array) => gavel.encodeIntent(gavel.decodeIntent(bytes)),
  quote: (bytes: Uint8Array) => gavel.encodeQuote(gavel.decodeQuote(bytes)),
  tally: (bytes: Uint8Array) => gavel.encodeAuctionMessage(gavel.decodeAuctionMessage(bytes)),
  award: (bytes: Uint8Array) => gavel.encodeAuctionMessage(gavel.decodeAuctionMessage(bytes)),
  certificate: (bytes: Uint8Array) => gavel.encodeAuctionMessage(gavel.decodeAuctionMessage(bytes)),
};

describe.each(Object.entries(decoders))('the wire bytes of the %s vectors', (file, again) => {
  const vectors = read<Partial<Vectors<{ wire: Hex }>>>(file);

  it('decode and encode to themselves', () => {
    for (const { wire } of vectors.accepted ?? []) expect(gavel.toHex(again(gavel.toBytes(wire)))).toBe(wire);
  });

  it.each(vectors.rejected ?? [])('are refused with $code: $why', ({ code, wire }) => {
    expectCode(code, () => again(gavel.toBytes(wire)));
  });
});

describe('the signature vectors', () => {
  const { rejected } = read<{ rejected: (Refused & { digest: Hex; signature: Hex })[] }>('signature');

  it.each(rejected)('are refused with $code: $why', ({ code, digest, signature }) => {
    expectCode(code, () => gavel.recoverSigner(digest, signature));
  });
});

describe('the certificate vectors', () => {
  it('verify under their auctioneers', () => {
    const vectors = read<
      Vectors<{ wire: Hex; signers: Address[]; awardDigest: Hex }> & { auctioneers: Address[] }
    >('certificate');
    for (const { wire, signers, awardDigest } of vectors.accepted) {
      const message = gavel.decodeAuctionMessage(gavel.toBytes(wire));
      if (message.kind !== 'certificate') return expect.unreachable();
      const { certificate } = message;
      const verified = gavel.verifyCertificate(certificate, homeOf(vectors), vectors.auctioneers, 2);
      expect(verified).toMatchObject({ signers, award: awardDigest });
    }
  });
});
