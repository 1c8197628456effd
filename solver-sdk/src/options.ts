import { addressProblem } from '@gavel/protocol';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Address, getAddress } from 'viem';
import { z } from 'zod';
import { SdkError } from './errors.ts';

/**
 * Parses raw options by a schema of any library that implements Standard Schema (zod, valibot, arktype …). No
 * options at all count as an empty object, and only an object's own fields count.
 *
 * @throws SdkError BAD_OPTIONS with every fault in `meta.faults`, or if the schema is asynchronous.
 */
export function parseOptions<O>(schema: StandardSchemaV1<unknown, O>, raw: unknown): O {
  const given = raw ?? {};
  const own = typeof given === 'object' && !Array.isArray(given) ? { ...given } : given;
  const result = schema['~standard'].validate(own);
  if (result instanceof Promise) throw badOptions(['the schema is asynchronous; options are parsed at once']);
  if (result.issues === undefined) return result.value;
  throw badOptions(result.issues.map(faultOf));
}

/**
 * The schema of an object with exactly these fields. `.default` gives a field a default, `.refine` relates
 * fields.
 */
export function optionsOf<S extends z.ZodRawShape>(fields: S): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(fields);
}

/** A schema of whole basis points from 0 to `max`, 10,000 (the whole) unless given. */
export function basisPoints({ max = 10_000 }: { max?: number } = {}): z.ZodType<number> {
  return z.custom<number>(
    (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max,
    { error: ({ input }) => `expected whole basis points from 0 to ${max}, got ${show(input)}` },
  );
}

/**
 * A schema of an amount in whole tokens, such as `"2.5"`: a decimal string, or a number that JavaScript
 * writes as one. {@link toUnits} turns the amount into token units.
 */
export function wholeTokens(): z.ZodType<string> {
  return z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.custom<string>((value) => typeof value === 'string' && DECIMAL.test(value), {
      error: ({ input }) => `expected an amount in whole tokens from 0, such as "2.5", got ${show(input)}`,
    }),
  );
}

/**
 * A schema of a contract's address, checksummed once parsed. An address in capitals and small letters must
 * have its checksum; the zero address is refused.
 */
export function contractAddress(): z.ZodType<Address> {
  return z
    .custom<Address>((value) => typeof value === 'string' && addressProblem(value) === undefined, {
      error: ({ input }) => {
        const problem = typeof input === 'string' ? addressProblem(input) : 'Expected an address as text';
        return `${problem}, got ${show(input)}`;
      },
    })
    .transform((value) => getAddress(value.toLowerCase()));
}

/**
 * Turns an amount in whole tokens into the token's smallest units, rounded up: `toUnits("2.5", 6)` is
 * `2500000n`.
 *
 * @throws SdkError BAD_AMOUNT when `amount` is no decimal number from 0.
 */
export function toUnits(amount: string, decimals: number): bigint {
  const [, whole, fraction = ''] = DECIMAL.exec(amount) ?? [];
  if (whole === undefined) {
    throw new SdkError('BAD_AMOUNT', 'An amount is a decimal number from 0, such as 2.5', {
      meta: { amount },
    });
  }
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return /[1-9]/.test(fraction.slice(decimals)) ? kept + 1n : kept;
}

const DECIMAL = /^(\d{1,60})(?:\.(\d{1,60}))?$/;

function faultOf({ path = [], message }: StandardSchemaV1.Issue): string {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return place === '' ? message : `${place}: ${message}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : `a ${typeof value}`;
}

function badOptions(faults: readonly string[]): SdkError {
  return new SdkError('BAD_OPTIONS', 'The options do not parse', { meta: { faults } });
}
