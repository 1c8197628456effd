import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode } from './encoding.ts';

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom('bigint:1', 'text:', 'bytes:AA==', 'text:bigint:5'),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(decode(encode(value))).toEqual(value);
    }),
  );
});

test('equal values have one encoding, whatever the order of their keys', () => {
  expect(encode({ b: 1n, a: [2n], c: undefined })).toBe(encode({ a: [2n], b: 1n }));
});

test.each([[() => 0], [new Map()], [new Date(0)], [Number.NaN], [undefined], [Symbol('s')]])(
  'what has no encoding is refused: %s',
  (value) => {
    expect(() => encode({ deep: [value] })).toThrowError(expect.objectContaining({ code: 'UNENCODABLE' }));
  },
);

test('damage is reported', () => {
  expect(() => decode('{"a":')).toThrowError(expect.objectContaining({ code: 'UNREADABLE' }));
});
