import { createCipheriv, createDecipheriv, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concat, type Hex, hexToBytes, isAddressEqual, keccak256 } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { z } from 'zod';
import { GavelError } from './errors.ts';

/**
 * Cost of guessing a password, as other wallets choose it: 128 MiB and about half a second for each guess.
 */
const COST = { n: 1 << 17, r: 8, p: 1, dklen: 32 } as const;

/** A keystore that cannot be opened. */
export class KeystoreError extends GavelError<'BAD_SECRET'> {
  override readonly name: string = 'KeystoreError';
}

/** The most memory a keystore may make us use, bytes. */
const MOST_MEMORY = 1 << 30;

const hex = (bytes: number) => z.string().regex(new RegExp(`^(0x)?[0-9a-fA-F]{${bytes * 2}}$`));

/** The most rounds of PBKDF2 that a keystore may ask for: about ten seconds. */
const MOST_ROUNDS = 10_000_000;

const derivedLength = z.int().min(32).max(64);
const saltText = z.string().regex(/^(0x)?([0-9a-fA-F]{2}){8,64}$/);
const encrypted = {
  cipher: z.literal('aes-128-ctr'),
  ciphertext: hex(32),
  cipherparams: z.object({ iv: hex(16) }),
  mac: hex(32),
};

/**
 * A key encrypted by the Web3 Secret Storage definition, version 3, with one of its two key derivation
 * functions.
 */
const keystore = z.object({
  version: z.literal(3),
  address: hex(20).optional(),
  crypto: z.discriminatedUnion('kdf', [
    z.object({
      ...encrypted,
      kdf: z.literal('scrypt'),
      kdfparams: z.object({
        n: z.int().min(2),
        r: z.int().min(1).max(64),
        p: z.int().min(1).max(16),
        dklen: derivedLength,
        salt: saltText,
      }),
    }),
    z.object({
      ...encrypted,
      kdf: z.literal('pbkdf2'),
      kdfparams: z.object({
        c: z.int().min(1).max(MOST_ROUNDS),
        dklen: derivedLength,
        prf: z.literal('hmac-sha256'),
        salt: saltText,
      }),
    }),
  ]),
});
type Derivation = Pick<z.output<typeof keystore>['crypto'], 'kdf' | 'kdfparams'>;

/**
 * Encrypts a private key as a version 3 keystore with scrypt and AES-128-CTR, which other Ethereum wallets
 * can read. `cost` lowers the work for tests.
 */
export async function encryptKey(
  key: Hex,
  password: string,
  cost: { readonly n: number } = COST,
): Promise<string> {
  const iv = randomBytes(16);
  const kdfparams = { ...COST, n: cost.n, salt: randomBytes(32).toString('hex') };
  const derived = await derive(normalised(password), { kdf: 'scrypt', kdfparams });
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(key)), cipher.final()]);
  const content = {
    version: 3,
    id: randomUUID(),
    address: privateKeyToAddress(key).slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      ciphertext: ciphertext.toString('hex'),
      cipherparams: { iv: iv.toString('hex') },
      kdf: 'scrypt',
      kdfparams,
      mac: macOf(derived, ciphertext).toString('hex'),
    },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Decrypts a version 3 keystore of any wallet. Throws BAD_SECRET: the text is no such keystore, the password
 * is wrong, or the key is not that of the address which the keystore names.
 */
export async function decryptKey(json: string, password: string): Promise<Hex> {
  const { crypto, address } = parseKeystore(json);
  const ciphertext = bytes(crypto.ciphertext);
  // Some wallets normalise a password before they encrypt, as we do, and some take its bytes.
  for (const form of new Set([normalised(password), password])) {
    const derived = await derive(form, crypto);
    if (!timingSafeEqual(macOf(derived, ciphertext), bytes(crypto.mac))) continue;
    const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), bytes(crypto.cipherparams.iv));
    const key = bytesToHex(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
    if (address !== undefined && !isKeyOf(key, address)) {
      throw new KeystoreError('BAD_SECRET', 'The keystore names an address that is not that of its key');
    }
    return key;
  }
  throw new KeystoreError('BAD_SECRET', 'The password does not open the keystore');
}

/**
 * Returns the address that a keystore names, without its password; undefined if it names none. Throws
 * BAD_SECRET.
 */
export function addressIn(json: string): Hex | undefined {
  const { address } = parseKeystore(json);
  return address === undefined ? undefined : `0x${address.replace(/^0x/, '').toLowerCase()}`;
}

function parseKeystore(json: string): z.output<typeof keystore> {
  let value: unknown;
  try {
    // Some wallets write a byte order mark, and some write Crypto or Address.
    value = withSmallKeys(JSON.parse(json.replace(/^\uFEFF/, '')));
  } catch (cause) {
    throw new KeystoreError('BAD_SECRET', 'The keystore is not JSON', { cause });
  }
  const parsed = keystore.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new KeystoreError(
    'BAD_SECRET',
    'Expected a version 3 keystore with scrypt or pbkdf2, and aes-128-ctr',
    {
      meta: { at: issue?.path.join('.') },
    },
  );
}

function withSmallKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toLowerCase(), withSmallKeys(item)]),
  );
}

function normalised(password: string): string {
  return password.normalize('NFKC');
}

function isKeyOf(key: Hex, address: string): boolean {
  try {
    return isAddressEqual(privateKeyToAddress(key), `0x${address.replace(/^0x/, '').toLowerCase()}`);
  } catch {
    // Not every 32 bytes are a key.
    return false;
  }
}

async function derive(secret: string, { kdfparams }: Derivation): Promise<Buffer> {
  const salt = bytes(kdfparams.salt);
  const dkLen = kdfparams.dklen;
  try {
    if ('c' in kdfparams)
      return Buffer.from(await pbkdf2Async(sha256, secret, salt, { c: kdfparams.c, dkLen }));
    const { n: N, r, p } = kdfparams;
    return Buffer.from(await scryptAsync(secret, salt, { N, r, p, dkLen, maxmem: MOST_MEMORY }));
  } catch (cause) {
    throw new KeystoreError('BAD_SECRET', 'The keystore asks for impossible or too costly key derivation', {
      cause,
    });
  }
}

function macOf(derived: Buffer, ciphertext: Uint8Array): Buffer {
  return Buffer.from(keccak256(concat([derived.subarray(16, 32), ciphertext]), 'bytes'));
}

function bytes(text: string): Buffer {
  return Buffer.from(text.replace(/^0x/, ''), 'hex');
}
