import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import { z } from 'zod';
import type { Logger } from '../observe/logger.ts';
import { peerOf } from './gater.ts';

/** Peers remembered, and addresses of each. */
const MOST_PEERS = 64;
const MOST_ADDRESSES = 4;

const file = z.strictObject({
  peers: z.array(z.strictObject({ peer: z.string(), addresses: z.array(z.string()) })).max(MOST_PEERS),
});

/** Remembers over restarts where peers were that behaved. */
export type KnownPeers = {
  /** Addresses, each ending in its peer id, of the peer seen last first. */
  addresses(): { readonly peer: string; readonly addresses: readonly string[] }[];
  /** Takes a peer as seen now. The peer seen longest ago is forgotten when there are too many. */
  saw(peer: string, addresses: readonly string[]): void;
  /** Resolves when everything taken so far is on disk, or could not be written, which the log reports. */
  saved(): Promise<void>;
};

/**
 * Opens the list in `path`. A list that cannot be read is reported and begun anew: the bootstrap peers are
 * enough to join, and nothing else depends on it.
 */
export async function openKnownPeers({
  path,
  log,
}: {
  readonly path: string;
  readonly log: Logger;
}): Promise<KnownPeers> {
  const known = new Map<string, readonly string[]>();
  for (const { peer, addresses } of (await read(path, log)).toReversed()) known.set(peer, addresses);
  let writing: Promise<void> | undefined;
  let changed = false;

  const newestFirst = () => [...known].toReversed().map(([peer, addresses]) => ({ peer, addresses }));
  const write = async () => {
    while (changed) {
      changed = false;
      try {
        await replace(path, JSON.stringify({ peers: newestFirst() }));
      } catch (err) {
        log.warn({ err }, 'known peers not written');
      }
    }
    writing = undefined;
  };
  const change = () => {
    changed = true;
    writing ??= write();
  };
  return {
    addresses: newestFirst,
    saw(peer, addresses) {
      const usable = addresses.filter((address) => isAddressOf(peer, address)).slice(0, MOST_ADDRESSES);
      if (usable.length === 0) return;
      known.delete(peer);
      known.set(peer, usable);
      const [oldest] = known.keys();
      if (known.size > MOST_PEERS && oldest !== undefined) known.delete(oldest);
      change();
    },
    saved: async () => writing,
  };
}

async function read(path: string, log: Logger) {
  try {
    const { peers } = file.parse(JSON.parse(await readFile(path, 'utf8')));
    return peers
      .map(({ peer, addresses }) => ({
        peer,
        addresses: addresses.filter((address) => isAddressOf(peer, address)),
      }))
      .filter(({ addresses }) => addresses.length > 0);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err }, 'known peers not read, begun anew');
    return [];
  }
}

async function replace(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  {
    await using handle = await open(draft, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  }
  await rename(draft, path);
}

function isAddressOf(peer: string, address: string): boolean {
  try {
    return peerOf(multiaddr(address)) === peer;
  } catch {
    return false;
  }
}
