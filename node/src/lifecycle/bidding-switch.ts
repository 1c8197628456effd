import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../observe/logger.ts';

/**
 * Why a node makes no new promises: its operator said so, it is about to stop, another node uses its key, or
 * its clock is off.
 */
export type Closed = 'paused' | 'draining' | 'key' | 'clock';

/**
 * Lets new promises through, or not. What was promised is kept either way: a won order left unpaid costs the
 * bond.
 */
export type BiddingSwitch = {
  /** Why nothing new is promised; undefined while the bidding is open. */
  closed(): Closed | undefined;
  /** Promise nothing new until `resume`, over restarts too: on disk when this resolves. Idempotent. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Promise nothing new, for the rest of this process's life. */
  drain(): void;
};

/** Opens the bidding, or leaves it closed if it was paused before, which the existence of `file` records. */
export async function openBiddingSwitch({
  file,
  isKeyContested,
  isClockOff,
  log,
}: {
  readonly file: string;
  /** Whether another node uses the key that promises are signed with. */
  readonly isKeyContested: () => boolean;
  /** Whether the clock that promises are made by is off. */
  readonly isClockOff: () => boolean;
  readonly log: Logger;
}): Promise<BiddingSwitch> {
  let paused = await exists(file);
  let draining = false;
  if (paused) log.warn('paused, bids on nothing until resumed');
  return {
    closed() {
      if (draining) return 'draining';
      if (paused) return 'paused';
      if (isKeyContested()) return 'key';
      return isClockOff() ? 'clock' : undefined;
    },
    async pause() {
      // At once; the file only makes it last.
      paused = true;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, '');
      log.warn('paused, bids on nothing until resumed');
    },
    async resume() {
      await rm(file, { force: true });
      paused = false;
      log.info('resumed');
    },
    drain() {
      draining = true;
    },
  };
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
