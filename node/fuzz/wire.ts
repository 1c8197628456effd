/** Which fields of a message are messages themselves. */
export type Schema = { readonly [no: number]: Schema };

/** One field as it lies on the wire. `payload` is what follows the tag, and the length if it has one. */
export type Field = {
  no: number;
  wire: number;
  payload: Uint8Array;
  /** Instead of `payload`, for a field that is a message. */
  nested?: Field[];
  /** Written as the length instead of the true one. */
  length?: bigint;
};

const SIGNED_QUOTE: Schema = { 1: {} };

/** The three topics' messages, as in protocol/proto. */
export const SCHEMAS = {
  intents: {},
  quotes: SIGNED_QUOTE,
  awards: { 1: { 1: {}, 3: SIGNED_QUOTE }, 2: { 1: {} }, 3: { 1: {}, 2: {}, 3: SIGNED_QUOTE } },
} as const satisfies Record<string, Schema>;

/** Reads a well-formed message into fields that can be bent and written again. */
export function readFields(bytes: Uint8Array, schema: Schema): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): { value: bigint; raw: Uint8Array } => {
    const start = at;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the message ends inside a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return { value, raw: bytes.slice(start, at) };
    }
  };
  while (at < bytes.length) {
    const tag = varint().value;
    const [no, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    if (wire === 0) {
      fields.push({ no, wire, payload: varint().raw });
      continue;
    }
    if (wire !== 2) throw new RangeError(`our messages have no fields of wire type ${wire}`);
    const length = Number(varint().value);
    const payload = bytes.slice(at, at + length);
    at += length;
    const inner = schema[no];
    fields.push(
      inner === undefined ? { no, wire, payload } : { no, wire, payload, nested: readFields(payload, inner) },
    );
  }
  return fields;
}

/** Writes fields, mutated or not. */
export function writeFields(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(({ no, wire, payload, nested, length }) => {
      const tag = writeVarint((BigInt(no) << 3n) | BigInt(wire));
      const body = nested === undefined ? payload : writeFields(nested);
      return wire === 2 ? [tag, writeVarint(length ?? BigInt(body.length)), body] : [tag, body];
    }),
  );
}

/** Writes a number in as few bytes as it takes, and `spare` more that add nothing. */
export function writeVarint(value: bigint, spare = 0): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push(Number(left & 0x7fn));
    left >>= 7n;
  } while (left > 0n);
  for (let extra = 0; extra < spare; extra++) bytes.push(0);
  return Uint8Array.from(bytes, (byte, index) => (index < bytes.length - 1 ? byte | 0x80 : byte));
}

/** Every list of fields in a message, its own first. */
export function listsOf(fields: Field[]): Field[][] {
  return [fields, ...fields.flatMap(({ nested }) => (nested === undefined ? [] : listsOf(nested)))];
}
