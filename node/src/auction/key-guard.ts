import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import type { Telemetry } from '../observe/telemetry.ts';

/** The roles that sign with a key. */
export const KEY_ROLES = ['solver', 'auctioneer'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/**
 * Tells whether another node uses a key of this node: then what it signs here may contradict what is
 * signed there.
 */
export type KeyGuard = {
  /** False once something signed by the key was seen that this node has no record of; until it is claimed. */
  isOurs(): boolean;
  /**
   * Unix milliseconds at which the operator chose this node: what the key signed before may be the other's.
   */
  claimedAt(): bigint | undefined;
  /**
   * Judges something that the key signed: `isRecorded` says whether this node has it on record. Resolves with
   * `lost` to the caller by whose word the key was lost, for that caller to disavow the subject.
   */
  saw(subject: Hex, isRecorded: () => Promise<boolean>): Promise<'ours' | 'lost'>;
};

/** What is remembered of one key: Unix milliseconds. */
export type KeyState = {
  readonly contestedAt?: bigint | undefined;
  readonly claimedAt?: bigint | undefined;
};

/** The guards of a node's keys. */
export type KeyGuards = {
  of(role: KeyRole): KeyGuard;
  /** The roles whose key another node uses: they sign nothing new. */
  contested(): readonly KeyRole[];
  /**
   * Goes on with the contested keys: the operator has stopped the other node for good. Returns their roles;
   * on disk when this resolves.
   */
  claim(): Promise<readonly KeyRole[]>;
};

const NEXT = 'Stop the other node for good, then run gavel claim-key here';

/** Creates the guard of one key. `role` names it in the log; the key itself is never told. */
export function createKeyGuard(options: {
  readonly role: KeyRole;
  readonly telemetry: Telemetry;
  readonly state?: () => KeyState;
  /** Remembers that the key is contested. */
  readonly contest?: () => Promise<void>;
}): KeyGuard {
  const { role } = options;
  const { log, metrics } = options.telemetry;
  let ours = true;
  const { state = (): KeyState => ({}), contest } = options;
  const isOurs = () => ours && state().contestedAt === undefined;
  return {
    isOurs,
    claimedAt: () => state().claimedAt,
    async saw(subject, isRecorded) {
      if (!isOurs() || (await isRecorded()) || !isOurs()) return 'ours';
      // At once; the record only makes it last.
      if (contest === undefined) ours = false;
      const remembered = contest?.();
      metrics.count('key_used_elsewhere', { role });
      const what = role === 'solver' ? 'quotes' : 'votes';
      log.error({ role, subject }, `key used elsewhere: no more ${what}. ${NEXT}`);
      await remembered;
      return 'lost';
    },
  };
}

const time = z.coerce.bigint().optional();
const file = z.partialRecord(z.enum(KEY_ROLES), z.strictObject({ contestedAt: time, claimedAt: time }));

/**
 * Opens the guards of a node's keys. That a key is contested holds over restarts, as `file` records: a
 * supervisor that starts the node again must not choose it. Throws if the file cannot be read.
 */
export async function openKeyGuards(options: {
  readonly file: string;
  readonly now: () => bigint;
  readonly telemetry: Telemetry;
  readonly tell: (msg: string, fields: Record<string, unknown>) => void;
}): Promise<KeyGuards> {
  const { now, telemetry, tell } = options;
  const stored = await read(options.file);
  const states = new Map<KeyRole, KeyState>(KEY_ROLES.map((role) => [role, stored[role] ?? {}]));
  let writing = Promise.resolve();
  const save = () => {
    writing = writing.then(() => write(options.file, Object.fromEntries(states)));
    return writing;
  };
  const contested = () => KEY_ROLES.filter((role) => states.get(role)?.contestedAt !== undefined);
  const guards = new Map(
    KEY_ROLES.map((role) => [
      role,
      createKeyGuard({
        role,
        telemetry,
        state: () => states.get(role) ?? {},
        contest() {
          states.set(role, { ...states.get(role), contestedAt: now() });
          tell('key used elsewhere', { role });
          return save();
        },
      }),
    ]),
  );
  if (contested().length > 0)
    telemetry.log.error({ roles: contested() }, `key used elsewhere, as found before. ${NEXT}`);
  return {
    of(role) {
      const guard = guards.get(role);
      if (guard === undefined) throw new TypeError(`no guard for ${role}`);
      return guard;
    },
    contested,
    async claim() {
      const roles = contested();
      for (const role of roles) states.set(role, { claimedAt: now() });
      await save();
      if (roles.length > 0) telemetry.log.warn({ roles }, 'key claimed: this node goes on with it');
      return roles;
    },
  };
}

async function read(path: string): Promise<z.output<typeof file>> {
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

async function write(path: string, states: Record<string, KeyState>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const text = JSON.stringify(states, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  await writeFile(`${path}.new`, text, { flush: true });
  await rename(`${path}.new`, path);
}
