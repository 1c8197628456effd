import { StoreError } from './errors.ts';

const BIGINT = 'bigint:';
const BYTES = 'bytes:';
const TEXT = 'text:';

/**
 * Encodes plain data as JSON with object keys in order, so that equal values have equal encodings. Bigints
 * become `"bigint:…"`, bytes `"bytes:<base64>"`, and text that starts like either is marked `"text:"`.
 * Properties that are undefined are left out. Throws UNENCODABLE on anything else: functions, maps, dates,
 * numbers that are not finite.
 */
export function encode(value: unknown): string {
  return JSON.stringify(pack(value, '$'));
}

/** Decodes what `encode` made. Throws UNREADABLE. */
export function decode(text: string): unknown {
  try {
    return unpack(JSON.parse(text));
  } catch (cause) {
    throw new StoreError('UNREADABLE', 'A stored value is damaged', { cause });
  }
}

function pack(value: unknown, path: string): unknown {
  switch (typeof value) {
    case 'bigint':
      return `${BIGINT}${value}`;
    case 'string':
      return [BIGINT, BYTES, TEXT].some((mark) => value.startsWith(mark)) ? `${TEXT}${value}` : value;
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'object':
      return packObject(value, path);
  }
  throw unencodable(value, path);
}

function packObject(value: object | null, path: string): unknown {
  if (value === null) return null;
  if (value instanceof Uint8Array) return `${BYTES}${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return value.map((item, index) => pack(item, `${path}[${index}]`));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unencodable(value, path);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, pack(item, `${path}.${key}`)]));
}

/**
 * Undo `pack`, in place: a restart reads every record, and a reviver would be called for every value of each.
 */
function unpack(value: unknown): unknown {
  if (typeof value === 'string') return unpackText(value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = unpack(item);
  } else if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) record[key] = unpack(record[key]);
  }
  return value;
}

function unpackText(value: string): unknown {
  if (value.startsWith(BIGINT)) return BigInt(value.slice(BIGINT.length));
  if (value.startsWith(BYTES)) return new Uint8Array(Buffer.from(value.slice(BYTES.length), 'base64'));
  return value.startsWith(TEXT) ? value.slice(TEXT.length) : value;
}

function unencodable(value: unknown, path: string): StoreError {
  return new StoreError('UNENCODABLE', 'Only plain data can be stored', {
    meta: { path, got: typeof value },
  });
}
