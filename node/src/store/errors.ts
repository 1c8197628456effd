import { GavelError } from '@gavel/protocol';

/** Every way in which the store can refuse. */
export type StoreErrorCode =
  /** Another process has the data directory open. */
  | 'LOCKED'
  /** Written by a version of Gavel that this one does not know. */
  | 'SCHEMA_UNKNOWN'
  /** The store was closed before this was asked of it. */
  | 'CLOSED'
  /** The database cannot be opened or read. */
  | 'UNREADABLE'
  /** Something that was on record is damaged or gone: only a repair helps. */
  | 'DAMAGED'
  /** The disk has no room, or the process may not write more. */
  | 'DISK_FULL'
  /** The disk, the directory or a file in it takes no writes. */
  | 'READ_ONLY'
  /** The disk failed in another way while it was written. */
  | 'WRITE_FAILED'
  /** Something else was written first: another version of the order, or another value under the key. */
  | 'CONFLICT'
  /** A value that has no encoding. */
  | 'UNENCODABLE';

/** A failure of the store. */
export class StoreError extends GavelError<StoreErrorCode> {
  override readonly name: string = 'StoreError';
}

/** What the system says of a disk that takes no more, and of one that takes nothing. */
const FULL = /no space left|disk quota exceeded|file too large/i;
const READ_ONLY = /read-only file system|permission denied|operation not permitted/i;

/** What the database says of itself, or of an iterator, once it is closed. */
const CLOSED = ['LEVEL_DATABASE_NOT_OPEN', 'LEVEL_ITERATOR_NOT_OPEN'];

/** Says that the store is closed: a fault of the caller's order, and none of the disk. */
export function closed(dir: string, cause?: unknown): StoreError {
  return new StoreError('CLOSED', 'The store is closed: nothing is read or written any more', {
    meta: { dir },
    cause,
  });
}

function isOfClosed(cause: unknown): boolean {
  return codesOf(cause).some((code) => CLOSED.includes(String(code)));
}

/** Puts a failed write into our words. */
export function writeFailure(cause: unknown, dir: string): StoreError {
  if (isOfClosed(cause)) return closed(dir, cause);
  const text = textOf(cause);
  const meta = { dir };
  if (FULL.test(text)) {
    return new StoreError('DISK_FULL', 'The disk is full: make room, then start again', { meta, cause });
  }
  if (READ_ONLY.test(text)) {
    return new StoreError('READ_ONLY', 'The data directory takes no writes: let this user write it', {
      meta,
      cause,
    });
  }
  return new StoreError('WRITE_FAILED', 'The data directory could not be written: check the disk', {
    meta,
    cause,
  });
}

/** Puts a failed read into our words. */
export function readFailure(cause: unknown, dir: string): StoreError {
  if (cause instanceof StoreError) return cause;
  if (isOfClosed(cause)) return closed(dir, cause);
  if (codesOf(cause).includes('LEVEL_CORRUPTION'))
    return damaged('a file does not hold together', dir, cause);
  return new StoreError('UNREADABLE', 'The data directory cannot be read: check the disk', {
    meta: { dir },
    cause,
  });
}

/** Puts a failed opening into our words. */
export function openFailure(cause: unknown, dir: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const codes = codesOf(cause);
  if (codes.includes('LEVEL_LOCKED')) {
    return new StoreError(
      'LOCKED',
      'Another process uses this data directory: stop it, or choose another dataDir',
      { meta: { dir }, cause },
    );
  }
  const text = textOf(cause);
  if (FULL.test(text) || READ_ONLY.test(text)) return writeFailure(cause, dir);
  if (
    codes.includes('LEVEL_CORRUPTION') ||
    /corruption|does not exist|missing files|no such file/i.test(text)
  ) {
    return damaged('the database does not open', dir, cause);
  }
  return new StoreError('UNREADABLE', 'The data directory cannot be opened', { meta: { dir }, cause });
}

/** Says that something on record is damaged or gone. */
export function damaged(found: string, dir: string, cause?: unknown): StoreError {
  return new StoreError('DAMAGED', 'The records are damaged or incomplete: run gavel repair', {
    meta: { found, dir },
    cause,
  });
}

function textOf(error: unknown): string {
  const texts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) texts.push(cause.message);
  return texts.join('\n');
}

function codesOf(error: unknown): unknown[] {
  const codes: unknown[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    codes.push((cause as { code?: unknown }).code);
  return codes;
}
