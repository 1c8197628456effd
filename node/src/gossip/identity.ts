import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { GossipError } from './errors.ts';

/**
 * Reads the node's network identity from `file`; on first use create one (Ed25519, libp2p's protobuf form,
 * readable by the owner alone). Throws BAD_IDENTITY if the file holds something else or cannot be used.
 */
export async function loadIdentity(file: string): Promise<PrivateKey> {
  const bytes = await readIfThere(file);
  if (bytes === undefined) return createIdentity(file);
  try {
    return privateKeyFromProtobuf(bytes);
  } catch (cause) {
    throw new GossipError(
      'BAD_IDENTITY',
      'The identity file is not a libp2p key: remove it to get a new identity',
      {
        meta: { file },
        cause,
      },
    );
  }
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GossipError('BAD_IDENTITY', 'The identity file cannot be read', { meta: { file }, cause });
  }
}

async function createIdentity(file: string): Promise<PrivateKey> {
  const key = await generateKeyPair('Ed25519');
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(privateKeyToProtobuf(key));
    await handle.sync();
  } catch (cause) {
    throw new GossipError('BAD_IDENTITY', 'The identity file cannot be created', { meta: { file }, cause });
  }
  return key;
}
