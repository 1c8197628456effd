import {
  type AbiParameter,
  getAddress,
  isAddress,
  isHex,
  maxUint128,
  parseUnits,
  size,
  zeroAddress,
} from 'viem';
import type { Note } from './faults.ts';

/** Values from a file, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** The fields of a struct. */
export function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return 'components' in parameter ? (parameter.components as readonly AbiParameter[]) : [];
}

/** A parameter's name as files write it: `authority_` is `authority`. */
export function nameOf(parameter: AbiParameter): string {
  return (parameter.name ?? '').replace(/_$/, '');
}

/**
 * Returns a value as the encoder wants it: numbers by width, arrays item by item, structs field by field.
 * Notes each value that does not fit its type.
 */
export function fit(parameter: AbiParameter, value: unknown, path: string, note: Note): unknown {
  const refuse = (expected: string): undefined =>
    note(path, `expected ${expected}, got ${show(value)}`) as undefined;
  const { type } = parameter;
  const item = /^(.*)\[(\d*)\]$/.exec(type);
  if (item !== null) {
    if (!Array.isArray(value)) return refuse('a list');
    return value.map((one, index) =>
      fit({ ...parameter, type: item[1] ?? '' }, one, `${path}[${index}]`, note),
    );
  }
  if (type === 'tuple') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('a mapping');
    return fitFields(componentsOf(parameter), value as Values, path, note);
  }
  if (type === 'address') {
    if (typeof value !== 'string' || !isAddress(value)) return refuse(ADDRESS);
    return value === zeroAddress ? refuse('an address that is not zero') : getAddress(value);
  }
  if (type === 'bool') return typeof value === 'boolean' ? value : refuse('true or false');
  if (type === 'string') return String(value);
  const bytes = /^bytes(\d*)$/.exec(type)?.[1];
  if (bytes !== undefined) {
    const fits =
      isHex(value, { strict: true }) &&
      (bytes === '' ? value.length % 2 === 0 : size(value) === Number(bytes));
    return fits ? value : refuse(bytes === '' ? 'bytes in hexadecimal' : `${bytes} bytes in hexadecimal`);
  }
  return fitInteger(type, value, refuse);
}

/** What an address must look like. */
export const ADDRESS = 'an address (0x and 40 hex digits, checksummed or lower case)';

/** Returns a struct's fields from values by name. Notes values without a field and fields without a value. */
export function fitFields(
  fields: readonly AbiParameter[],
  values: Values,
  path: string,
  note: Note,
): Record<string, unknown> {
  const names = fields.map(nameOf);
  for (const name of Object.keys(values)) {
    if (!names.includes(name)) note(`${path}.${name}`, `not among ${names.join(', ')}`);
  }
  return Object.fromEntries(
    fields.map((field) => {
      const at = `${path}.${nameOf(field)}`;
      const value = values[nameOf(field)];
      if (value === undefined) note(at, `expected a value (${field.type}), which has no default`);
      return [field.name ?? '', value === undefined ? undefined : fit(field, value, at, note)];
    }),
  );
}

function fitInteger(type: string, value: unknown, refuse: (expected: string) => undefined): unknown {
  const [, sign, width] = /^(u?)int(\d+)$/.exec(type) ?? [];
  if (width === undefined) return refuse(`a value of a known type, not ${type}`);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    return refuse('a whole number; write a large one in quotes, with all its digits');
  }
  const text = String(value);
  if (typeof value === 'boolean' || !/^-?\d{1,78}$/.test(text)) return refuse('a whole number');
  const number = BigInt(text);
  const bits = BigInt(width);
  const [least, most] = sign === 'u' ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  if (number < least || number > most) return refuse(`a whole number from ${least} to ${most}`);
  return bits > 48n ? number : Number(number);
}

/**
 * Returns whole units of a token in its smallest units. Notes an amount that is negative, no decimal number,
 * finer than the token's decimals, or wider than 128 bits.
 */
export function wholeUnits(value: unknown, decimals: number, path: string, note: Note): bigint | undefined {
  const text = decimalText(value);
  const [, whole, fraction = ''] = /^(\d{1,60})(?:\.(\d{1,60}))?$/.exec(text ?? '') ?? [];
  if (whole === undefined) {
    note(path, `expected an amount of whole units, such as 2.5, got ${show(value)}`);
    return undefined;
  }
  if (fraction.replace(/0+$/, '').length > decimals) {
    note(path, `expected at most ${decimals} decimals, as many as the token has, got ${show(value)}`);
    return undefined;
  }
  const amount = parseUnits(`${whole}.${fraction}`, decimals);
  if (amount <= maxUint128) return amount;
  note(path, `expected less than ${2n ** 128n / 10n ** BigInt(decimals)} whole units, got ${show(value)}`);
  return undefined;
}

/** Writes a number without an exponent: YAML reads 0.0000001 as a number that JavaScript prints as 1e-7. */
function decimalText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined; // digits are lost already
  const [, mantissa, exponent] = /^(.+)e-(\d+)$/.exec(String(value)) ?? [];
  if (mantissa === undefined) return String(value);
  return value.toFixed(Number(exponent) + (mantissa.split('.')[1]?.length ?? 0));
}

/** Shows a value of the file within a message. */
export function show(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
