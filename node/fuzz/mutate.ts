import { MAX_MESSAGE_BYTES } from '@gavel/protocol';
import type { Random } from '@gavel/solver-sdk/testing';
import { type Field, listsOf, readFields, type Schema, writeFields, writeVarint } from './wire.ts';

/** Order of secp256k1's group: r, s and r, N − s are signatures by one key of one digest. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * Bend a message: its name, and what it makes of the bytes. `other` is another good message of the same
 * topic.
 */
export type Mutation = {
  readonly name: string;
  readonly apply: (bytes: Uint8Array, schema: Schema, other: Uint8Array, random: Random) => Uint8Array;
};

/** Bend one list of fields, of the message or of a message inside. */
const inFields =
  (bend: (list: Field[], random: Random, other: Field[]) => void): Mutation['apply'] =>
  (bytes, schema, other, random) => {
    const fields = readFields(bytes, schema);
    const lists = listsOf(fields).filter(({ length }) => length > 0);
    const list = oneOf(random, lists);
    if (list !== undefined) bend(list, random, listsOf(readFields(other, schema)).flat());
    return writeFields(fields);
  };

/** Bend one field. */
const inField = (bend: (field: Field, random: Random, other: Field[]) => void): Mutation['apply'] =>
  inFields((list, random, other) => {
    const field = oneOf(random, list);
    if (field !== undefined) bend(field, random, other);
  });

/** Bend one field of plain bytes: an amount, an address, a hash, a signature. */
const inBytes = (bend: (field: Field, random: Random, other: Field[]) => void): Mutation['apply'] =>
  inFields((list, random, other) => {
    const field = oneOf(
      random,
      list.filter(({ wire, nested }) => wire === 2 && nested === undefined),
    );
    if (field !== undefined) bend(field, random, other);
  });

/** Bend one number. */
const inNumber = (bend: (value: bigint, random: Random) => Uint8Array): Mutation['apply'] =>
  inFields((list, random) => {
    const field = oneOf(
      random,
      list.filter(({ wire }) => wire === 0),
    );
    if (field !== undefined) field.payload = bend(numberIn(field), random);
  });

/** Everything that is done to good messages. */
export const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  { name: 'bit flipped', apply: (bytes, _schema, _other, random) => flip(bytes, random) },
  {
    name: 'cut short',
    apply: (bytes, _schema, _other, random) => bytes.slice(0, random.int(0, bytes.length - 1)),
  },
  {
    name: 'bytes added',
    apply: (bytes, _schema, _other, random) => splice(bytes, 0, draw(random, 8), random),
  },
  {
    name: 'bytes dropped',
    apply: (bytes, _schema, _other, random) => splice(bytes, random.int(1, 40), '', random),
  },
  { name: 'bytes repeated', apply: (bytes, _schema, _other, random) => repeat(bytes, random) },
  { name: 'grown over the limit', apply: (bytes) => Buffer.concat([bytes, Buffer.alloc(MAX_MESSAGE_BYTES)]) },
  { name: 'field repeated', apply: inFields((list, random) => insert(list, oneOf(random, list), random)) },
  {
    name: 'field dropped',
    apply: inFields((list, random) => void list.splice(random.int(0, list.length - 1), 1)),
  },
  {
    name: 'fields swapped',
    apply: inFields((list, random) => void list.push(...list.splice(random.int(0, list.length - 1), 1))),
  },
  {
    name: 'field renumbered',
    apply: inField((field, random) => {
      field.no = random.int(1, 16);
    }),
  },
  { name: 'field unknown', apply: inFields((list, random) => insert(list, unknown(random), random)) },
  {
    name: 'wire type changed',
    apply: inField((field, random) => {
      field.wire = random.int(0, 7);
    }),
  },
  { name: 'field cut short', apply: inField((field, random) => cut(field, random)) },
  {
    name: 'length a lie',
    apply: inField((field, random) => {
      field.length = random.logUniform(1n << 64n);
    }),
  },
  { name: 'list too long', apply: inFields((list, random) => lengthen(list, random)) },
  {
    name: 'default sent',
    apply: inFields((list, random) =>
      insert(list, { no: random.int(1, 13), wire: 0, payload: Uint8Array.of(0) }, random),
    ),
  },
  {
    name: 'number off by one',
    apply: inNumber((value, random) =>
      writeVarint(random.chance(0.5) || value === 0n ? value + 1n : value - 1n),
    ),
  },
  {
    name: 'number huge',
    apply: inNumber((_value, random) =>
      random.chance(0.5)
        ? Buffer.alloc(random.int(9, 12), 0xff)
        : writeVarint((1n << BigInt(random.int(31, 69))) - 1n),
    ),
  },
  {
    name: 'number longer than it need be',
    apply: inNumber((value, random) => writeVarint(value, random.int(1, 9))),
  },
  { name: 'number zero', apply: inNumber(() => Uint8Array.of(0)) },
  {
    name: 'amount off by one',
    apply: inBytes((field, random) => {
      field.payload = step(field.payload, random.chance(0.5) ? 1n : -1n);
    }),
  },
  {
    name: 'width off by one',
    apply: inBytes((field, random) => {
      field.payload = random.chance(0.5)
        ? field.payload.slice(1)
        : Buffer.concat([field.payload, Buffer.alloc(1)]);
    }),
  },
  {
    name: 'bytes of one kind',
    apply: inBytes((field, random) => {
      field.payload = Buffer.alloc(field.payload.length, random.pick([0, 0xff]));
    }),
  },
  { name: 'bytes of another message', apply: inBytes((field, random, other) => swap(field, random, other)) },
  { name: 'signature in its other form', apply: inFields((list) => malleate(list)) },
  { name: 'message inside of another', apply: inFields((list, random, other) => graft(list, random, other)) },
];

function oneOf<T>(random: Random, values: readonly T[]): T | undefined {
  return values[random.int(0, Math.max(0, values.length - 1))];
}

function draw(random: Random, most: number): string {
  return random.bytes(random.int(1, most)).slice(2);
}

function flip(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = random.int(0, bytes.length - 1);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(0, 7));
  return flipped;
}

function splice(bytes: Uint8Array, dropped: number, added: string, random: Random): Uint8Array {
  const at = random.int(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(added, 'hex'), bytes.subarray(at + dropped)]);
}

function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.int(0, bytes.length - 1);
  const to = random.int(from, bytes.length);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function insert(list: Field[], field: Field | undefined, random: Random): void {
  if (field !== undefined) list.splice(random.int(0, list.length), 0, field);
}

function unknown(random: Random): Field {
  const no = Number(random.logUniform(1n << 29n));
  return { no, wire: random.pick([0, 2]), payload: writeVarint(random.logUniform(1n << 64n)) };
}

function cut(field: Field, random: Random): void {
  const payload = field.nested === undefined ? field.payload : writeFields(field.nested);
  delete field.nested;
  field.payload = payload.slice(0, random.int(0, Math.max(0, payload.length - 1)));
  // With its old length it swallows what follows.
  if (random.chance(0.5)) field.length = BigInt(payload.length);
}

function lengthen(list: Field[], random: Random): void {
  const field = oneOf(random, list);
  if (field === undefined) return;
  const copies = Array.from({ length: random.pick([2, 8, 16, 17, 100]) }, () => field);
  list.splice(list.indexOf(field), 0, ...copies);
}

function numberIn({ payload }: Field): bigint {
  return payload.reduceRight((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
}

function step(bytes: Uint8Array, by: bigint): Uint8Array {
  const bits = bytes.length * 8;
  const value = BigInt.asUintN(bits, BigInt(`0x0${Buffer.from(bytes).toString('hex')}`) + by);
  return bits === 0 ? bytes : Buffer.from(value.toString(16).padStart(bytes.length * 2, '0'), 'hex');
}

/** Takes the bytes of a field as wide from the other message: its signature, its hash, its account. */
function swap(field: Field, random: Random, other: Field[]): void {
  const alike = other.filter(
    ({ wire, payload, nested }) =>
      wire === 2 && nested === undefined && payload.length === field.payload.length,
  );
  field.payload = oneOf(random, alike)?.payload ?? field.payload;
}

function malleate(list: Field[]): void {
  for (const field of list.filter(({ payload }) => payload.length === 65)) {
    const hex = Buffer.from(field.payload).toString('hex');
    const s = (N - BigInt(`0x${hex.slice(64, 128)}`)).toString(16).padStart(64, '0');
    field.payload = Buffer.from(`${hex.slice(0, 64)}${s}${hex.slice(128) === '1b' ? '1c' : '1b'}`, 'hex');
  }
}

/** Puts a message of the other message in the place of one of this. */
function graft(list: Field[], random: Random, other: Field[]): void {
  const place = oneOf(
    random,
    list.filter(({ nested }) => nested !== undefined),
  );
  const from = oneOf(
    random,
    other.filter(({ nested }) => nested !== undefined),
  );
  if (place !== undefined && from?.nested !== undefined) place.nested = from.nested;
}
