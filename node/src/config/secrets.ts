import { readFile } from 'node:fs/promises';
import type { Hex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { ConfigError } from './errors.ts';
import type { SecretRef } from './schema.ts';

/** Hold environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Read a referenced secp256k1 private key: 32 bytes in hexadecimal, 0x or not, surrounding space ignored.
 * Throws BAD_SECRET, which never quotes the value. Keep the result out of logs and long-lived objects.
 */
export async function readKey(ref: SecretRef, env: Env = process.env): Promise<Hex> {
  const value = (await readSecret(ref, env)).trim();
  const key: Hex = `0x${value.replace(/^0x/i, '')}`;
  if (!/^0x[0-9a-fA-F]{64}$/.test(key) || !isPrivateKey(key)) {
    throw new ConfigError('BAD_SECRET', 'The secret is not a private key: expected 32 bytes in hexadecimal', {
      meta: describeRef(ref),
    });
  }
  return key;
}

async function readSecret(ref: SecretRef, env: Env): Promise<string> {
  if ('env' in ref) {
    const value = env[ref.env];
    if (value !== undefined && value !== '') return value;
    throw new ConfigError('BAD_SECRET', `The environment variable ${ref.env} is not set`, {
      meta: describeRef(ref),
    });
  }
  try {
    return await readFile(ref.file, 'utf8');
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
  return 'env' in ref ? { env: ref.env } : { file: ref.file };
}
