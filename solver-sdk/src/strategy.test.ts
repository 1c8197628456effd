import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, test } from 'vitest';
import { reject } from './decision.ts';
import { SdkError } from './errors.ts';
import { defineStrategy } from './strategy.ts';
import { anOpportunity } from './testing/index.ts';

const quote = () => reject('never');

/** A schema of no library, around a function. */
function schemaOf<O>(parse: (raw: unknown) => O): StandardSchemaV1<unknown, O> {
  return { '~standard': { version: 1, vendor: 'test', validate: (raw) => ({ value: parse(raw) }) } };
}

test('a factory parses options once and hands them frozen to quote', () => {
  let parses = 0;
  const factory = defineStrategy({
    name: 'echo',
    options: schemaOf((raw) => {
      parses += 1;
      return { raw, nested: { limit: 1 } };
    }),
    quote: (_, options) => reject(`${String(options.raw)} ${Object.isFrozen(options.nested)}`),
  });
  const strategy = factory('given');
  expect(strategy.name).toBe('echo');
  expect(strategy.quote(anOpportunity())).toEqual(reject('given true'));
  expect(strategy.quote(anOpportunity())).toEqual(reject('given true'));
  expect(parses).toBe(1);
  expect(Object.isFrozen(strategy)).toBe(true);
});

test('options that are frozen on the outside only are frozen within', () => {
  const factory = defineStrategy({
    name: 'deep',
    options: schemaOf(() => Object.freeze({ inner: { limit: 1 } })),
    quote,
  });
  expect(Object.isFrozen(factory().options.inner)).toBe(true);
});

test('what a parser throws arrives as BAD_OPTIONS with its cause', () => {
  const cause = new TypeError('no such market');
  const factory = defineStrategy({
    name: 'strict',
    options: schemaOf((): never => {
      throw cause;
    }),
    quote,
  });
  expect(() => factory({})).toThrow(
    expect.objectContaining({
      code: 'BAD_OPTIONS',
      cause,
      meta: { strategy: 'strict', faults: ['no such market'] },
    }),
  );
});

test('a BAD_OPTIONS of the parser passes as it is', () => {
  const own = new SdkError('BAD_OPTIONS', 'The options of the strategy do not parse', {
    meta: { faults: ['a'] },
  });
  const factory = defineStrategy({
    name: 'strict',
    options: schemaOf((): never => {
      throw own;
    }),
    quote,
  });
  expect(() => factory({})).toThrow(own);
});

test.each(['', 'Upper', 'two words', '-dash', 'dash-'])('the name "%s" is refused', (name) => {
  expect(() => defineStrategy({ name, options: schemaOf(() => 0), quote })).toThrow(
    expect.objectContaining({ code: 'BAD_STRATEGY' }),
  );
});

test('an asynchronous schema is refused: options are parsed at once', () => {
  const options: StandardSchemaV1<unknown, number> = {
    '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: 1 }) },
  };
  expect(() => defineStrategy({ name: 'late', options, quote })({})).toThrow(
    expect.objectContaining({ code: 'BAD_OPTIONS' }),
  );
});
