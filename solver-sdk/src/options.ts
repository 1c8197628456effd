import { SdkError } from './errors.ts';

/**
 * Parse one option: return its value, or a {@link Fault} saying what was expected. `undefined` means not given.
 */
export type OptionParser<T> = (value: unknown) => T | Fault;

/** Why an option does not parse, in words that complete "expected …". */
export class Fault {
  readonly expected: string;

  constructor(expected: string) {
    this.expected = expected;
  }
}

/**
 * Parse raw options by one parser a field. Strict: a field without a parser is a fault. No options at all count as
 * an empty object.
 *
 * @throws SdkError BAD_OPTIONS with every fault in `meta.faults`.
 */
export function parseOptions<T extends object>(
  raw: unknown,
  fields: { readonly [K in keyof T]: OptionParser<T[K]> },
): T {
  const given = raw ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw badOptions([`expected an object of options, got ${show(raw)}`]);
  }
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(fields, key)) {
      faults.push(`${key}: unknown, expected only ${Object.keys(fields).join(', ')}`);
    }
  }
  for (const [key, parse] of Object.entries<OptionParser<unknown>>(fields)) {
    const value: unknown = Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined;
    const result = parse(value);
    if (result instanceof Fault) faults.push(`${key}: expected ${result.expected}, got ${show(value)}`);
    else values[key] = result;
  }
  if (faults.length > 0) throw badOptions(faults);
  return values as T;
}

/**
 * Parse a whole number of basis points from 0 to `max`, `fallback` where it is not given.
 *
 * @param max default 10 000, a whole.
 */
export function bpsOption({
  max = 10_000,
  fallback,
}: {
  max?: number;
  fallback?: number;
} = {}): OptionParser<number> {
  return (value = fallback) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= max
      ? value
      : new Fault(`whole basis points from 0 to ${max}`);
}

/**
 * Parse an amount in whole tokens, such as `"2.5"`: a decimal string, or a number that JavaScript writes as one.
 * `fallback` where it is not given. Turn it into units with {@link toUnits}.
 */
export function tokenOption({ fallback }: { fallback?: string } = {}): OptionParser<string> {
  return (value = fallback) => {
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && DECIMAL.test(text)
      ? text
      : new Fault('an amount in whole tokens from 0, such as "2.5"');
  };
}

/**
 * Turn an amount in whole tokens into the token's smallest units, rounded up: `toUnits("2.5", 6)` is `2500000n`.
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

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : `a ${typeof value}`;
}

function badOptions(faults: string[]): SdkError {
  return new SdkError('BAD_OPTIONS', 'The options of the strategy do not parse', { meta: { faults } });
}
