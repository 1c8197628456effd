import type { Hex } from 'viem';
import type { Telemetry } from '../observe/telemetry.ts';

/**
 * Tells whether another node uses a key of this node: then what it signs here may contradict what is
 * signed there.
 */
export type KeyGuard = {
  /**
   * False once something signed by the key was seen that this node has no record of; until it is started
   * again.
   */
  isOurs(): boolean;
  /** Judges something that the key signed: `isRecorded` says whether this node has it on record. */
  saw(subject: Hex, isRecorded: () => Promise<boolean>): Promise<void>;
};

/** Creates the guard of one key. `role` names it in the log; the key itself is never told. */
export function createKeyGuard(options: {
  readonly role: 'solver' | 'auctioneer';
  readonly telemetry: Telemetry;
}): KeyGuard {
  const { role } = options;
  const { log, metrics } = options.telemetry;
  let ours = true;
  return {
    isOurs: () => ours,
    async saw(subject, isRecorded) {
      if (!ours || (await isRecorded())) return;
      ours = false;
      metrics.count('key_used_elsewhere', { role });
      log.error(
        { role, subject },
        role === 'solver'
          ? 'key used elsewhere: no more quotes. Stop the other node, or restore the data directory, then start again'
          : 'key used elsewhere: no more votes. Stop the other node, or restore the data directory, then start again',
      );
    },
  };
}
