import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { damaged } from './errors.ts';

/**
 * Remembers outside the database how far it was written: a database that lost its end, or was replaced by an
 * older copy, opens as if nothing had happened, and only something beside it can tell. A mark is never ahead
 * of what is on disk.
 */
export type Mark = {
  /** Moves the mark. Survives the end of this process at once, that of the machine a little later. */
  move(sequence: number): void;
  /** Makes the mark last, and closes its file. Idempotent. */
  close(): void;
};

const FORM = /^gavel store, written up to (\d{16}) ([0-9a-f]{8})\n$/;

/** Where the mark of the database in `dir` lies. */
export function markFile(dir: string): string {
  return `${dir}.mark`;
}

/** Reads the mark of a database; undefined if it has none. Throws DAMAGED if it is there and says nothing. */
export function readMark(dir: string): number | undefined {
  const text = readIfThere(markFile(dir));
  if (text === undefined) return undefined;
  const [, sequence, checksum] = FORM.exec(text) ?? [];
  if (sequence === undefined || checksum !== checksumOf(sequence)) {
    throw damaged('the mark beside the database is unreadable', dir);
  }
  return Number(sequence);
}

/** Opens the mark of a database, or makes it. Throws what the file system throws. */
export function openMark(dir: string, sequence: number): Mark {
  const isNew = readIfThere(markFile(dir)) === undefined;
  const file = openSync(markFile(dir), isNew ? 'w' : 'r+', 0o600);
  const move = (to: number) => {
    const digits = String(to).padStart(16, '0');
    // Always the same length, over the same bytes: no room is needed, and no moment is without a mark.
    writeSync(file, `gavel store, written up to ${digits} ${checksumOf(digits)}\n`, 0);
  };
  move(sequence);
  fsyncSync(file);
  let isOpen = true;
  return {
    move,
    close() {
      if (!isOpen) return;
      isOpen = false;
      fsyncSync(file);
      closeSync(file);
    },
  };
}

/** Takes the mark of a database away. */
export function removeMark(dir: string): void {
  rmSync(markFile(dir), { force: true });
}

function checksumOf(digits: string): string {
  return crc32(digits).toString(16).padStart(8, '0');
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
