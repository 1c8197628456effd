import { readFile } from 'node:fs/promises';
import { decryptKey } from '@gavel/protocol/keystore';
import type { Hex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { ConfigError } from './errors.ts';
import type { SecretRef } from './schema.ts';

type KeystoreRef = Extract<SecretRef, { keystore: string }>;
type PlainRef = Exclude<SecretRef, KeystoreRef>;

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads a referenced secp256k1 private key: 32 bytes in hexadecimal, 0x or not, surrounding space ignored.
 * Throws BAD_SECRET, which never quotes the value. Keep the result out of logs and long-lived objects.
 */
export async function readKey(ref: SecretRef, env: Env = process.env): Promise<Hex> {
  const value = 'keystore' in ref ? await unlock(ref, env) : (await readSecret(ref, env)).trim();
  const key: Hex = `0x${value.replace(/^0x/i, '')}`;
  if (!/^0x[0-9a-fA-F]{64}$/.test(key) || !isPrivateKey(key)) {
    throw new ConfigError('BAD_SECRET', 'The secret is not a private key: expected 32 bytes in hexadecimal', {
      meta: describeRef(ref),
    });
  }
  return key;
}

/** Fewest characters of the token that stops this node from bidding. */
const LEAST_TOKEN = 16;

/**
 * Reads the token of the HTTP interface, surrounding space ignored. Throws BAD_SECRET, which never quotes the
 * value.
 */
export async function readToken(ref: SecretRef, env: Env = process.env): Promise<string> {
  if ('keystore' in ref) {
    throw new ConfigError('BAD_SECRET', 'A keystore holds keys: refer to a token by env or file');
  }
  const token = (await readSecret(ref, env)).trim();
  if (token.length >= LEAST_TOKEN && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new ConfigError(
    'BAD_SECRET',
    `The token is too weak: expected at least ${LEAST_TOKEN} printable characters without spaces`,
    { meta: describeRef(ref) },
  );
}

/** Reads the password of a keystore, the last line break left out. Throws BAD_SECRET. */
export function readPassword(ref: KeystoreRef, env: Env = process.env): Promise<string> {
  const source = 'passwordEnv' in ref ? { env: ref.passwordEnv } : { file: ref.passwordFile };
  return readSecret(source, env).then((password) => password.replace(/\r?\n$/, ''));
}

async function unlock(ref: KeystoreRef, env: Env): Promise<string> {
  const json = await readSecret({ file: ref.keystore }, env);
  return decryptKey(json, await readPassword(ref, env));
}

async function readSecret(ref: PlainRef, env: Env): Promise<string> {
  if ('env' in ref) {
    const value = env[ref.env];
    if (value !== undefined && value !== '') return value;
    throw new ConfigError('BAD_SECRET', `The environment variable ${ref.env} is not set`, {
      meta: describeRef(ref),
    });
  }
  try {
    // Editors of other systems begin a file with a byte order mark, which is no part of a password.
    return (await readFile(ref.file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new ConfigError('BAD_SECRET', `The file ${ref.file} cannot be read`, {
      meta: describeRef(ref),
      cause,
    });
  }
}

function isPrivateKey(key: Hex): boolean {
  try {
    privateKeyToAddress(key);
    return true;
  } catch {
    return false;
  }
}

function describeRef(ref: SecretRef): Record<string, string> {
  return { ...ref };
}
