import { type Address, getAddress, isAddress } from 'viem';
import type { Argument } from './argument.ts';

/** Reads one mapping of the configuration, noting every fault instead of stopping at the first. */
export interface Reader {
  /** Where this is in the file, dotted. */
  readonly path: string;
  /** Notes a fault of `key`. */
  fault(key: string, problem: string): void;
  /** Notes every key that none of the reads asked for. Call last. */
  finish(): void;
  has(key: string): boolean;
  text(key: string, fallback?: string): string;
  /** A non-negative integer below 2^53. */
  integer(key: string, fallback?: number): number;
  address(key: string): Address;
  addresses(key: string): Address[];
  texts(key: string): string[];
  section(key: string): Reader;
  /** Names of a mapping's entries. */
  names(key: string): string[];
  /** Every entry of a mapping of mappings, by name. */
  sections(key: string): { readonly name: string; readonly reader: Reader }[];
  /** A mapping of scalars, as they stand. */
  scalars(key: string): Readonly<Record<string, string | number | boolean>>;
  /** A mapping of scalars, lists and mappings, as they stand. */
  values(key: string): Readonly<Record<string, Argument>>;
}

const NOWHERE: Address = '0x0000000000000000000000000000000000000000';

/** Wraps a parsed mapping. `faults` collects what is wrong, each with its path. */
export function createReader(tree: unknown, path: string, faults: string[]): Reader {
  const asked = new Set<string>();
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const fault = (key: string, problem: string) => void faults.push(`${at(key)}: ${problem}`);
  const mapping = isMapping(tree) ? tree : {};
  if (!isMapping(tree)) faults.push(`${path || 'file'}: expected \`name: value\` lines`);

  const get = (key: string): unknown => {
    asked.add(key);
    return mapping[key] ?? undefined;
  };
  const list = (key: string): unknown[] => {
    const value = get(key);
    if (Array.isArray(value)) return value;
    fault(key, 'expected a list');
    return [];
  };
  const toAddress = (key: string, value: unknown): Address => {
    if (typeof value === 'string' && isAddress(value)) return getAddress(value);
    fault(key, `expected an address (0x and 40 hex digits, checksummed or lower case), got ${String(value)}`);
    return NOWHERE;
  };

  return {
    path,
    fault,
    finish: () => {
      for (const key of Object.keys(mapping)) if (!asked.has(key)) fault(key, 'unknown setting');
    },
    has: (key) => get(key) !== undefined,
    text: (key, fallback) => {
      const value = get(key) ?? fallback;
      if (typeof value === 'string' && value !== '') return value;
      if (typeof value === 'number') return String(value);
      fault(key, 'expected text');
      return '';
    },
    integer: (key, fallback) => {
      const value = get(key) ?? fallback;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
      fault(key, `expected a whole number, got ${String(value)}`);
      return 0;
    },
    address: (key) => toAddress(key, get(key)),
    addresses: (key) => list(key).map((value, index) => toAddress(`${key}[${index}]`, value)),
    texts: (key) => list(key).map(String),
    names: (key) => {
      const value = get(key);
      if (value === undefined) return [];
      if (isMapping(value)) return Object.keys(value);
      fault(key, 'expected named entries');
      return [];
    },
    section: (key) => createReader(get(key), at(key), faults),
    sections: (key) => {
      const value = get(key);
      if (value === undefined) return [];
      if (!isMapping(value)) {
        fault(key, 'expected named entries');
        return [];
      }
      return Object.entries(value).map(([name, entry]) => ({
        name,
        reader: createReader(entry, `${at(key)}.${name}`, faults),
      }));
    },
    scalars: (key) => {
      const value = get(key) ?? {};
      if (!isMapping(value)) {
        fault(key, 'expected `name: value` lines');
        return {};
      }
      const scalars: Record<string, string | number | boolean> = {};
      for (const [name, entry] of Object.entries(value)) {
        if (isScalar(entry)) scalars[name] = entry;
        else fault(`${key}.${name}`, 'expected one value');
      }
      return scalars;
    },
    values: (key) => {
      const value = get(key) ?? {};
      if (!isMapping(value)) {
        fault(key, 'expected `name: value` lines');
        return {};
      }
      const values: Record<string, Argument> = {};
      for (const [name, entry] of Object.entries(value)) {
        if (isArgument(entry)) values[name] = entry;
        else fault(`${key}.${name}`, 'expected a value, a list or a mapping of values');
      }
      return values;
    },
  };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isArgument(value: unknown): value is Argument {
  if (Array.isArray(value)) return value.every(isArgument);
  return isScalar(value) || (isMapping(value) && Object.values(value).every(isArgument));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
