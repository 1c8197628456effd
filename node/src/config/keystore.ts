import {
  createCipheriv,
  createDecipheriv,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { bytesToHex, concat, type Hex, hexToBytes, keccak256 } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { z } from 'zod';
import { ConfigError } from './errors.ts';

/** Cost of guessing a password, as other wallets choose it: 128 MiB and about half a second for each guess. */
const COST = { n: 1 << 17, r: 8, p: 1, dklen: 32 } as const;

/** The most memory a keystore may make us use, bytes. */
const MOST_MEMORY = 1 << 30;

const hex = (bytes: number) => z.string().regex(new RegExp(`^(0x)?[0-9a-fA-F]{${bytes * 2}}$`));

/** A key encrypted by the Web3 Secret Storage definition, version 3, as far as it is read here. */
const keystore = z.object({
  version: z.literal(3),
  address: z.string().optional(),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr'),
    ciphertext: hex(32),
    cipherparams: z.object({ iv: hex(16) }),
    kdf: z.literal('scrypt'),
    kdfparams: z.object({
      n: z.int().min(2),
      r: z.int().min(1).max(64),
      p: z.int().min(1).max(16),
      dklen: z.int().min(32).max(64),
      salt: z.string().regex(/^(0x)?([0-9a-fA-F]{2}){8,64}$/),
    }),
    mac: hex(32),
  }),
});

/**
 * Encrypt a private key as a version 3 keystore: scrypt and AES-128-CTR, readable by other Ethereum wallets. `cost` lowers
 * the work for tests.
 */
export async function encryptKey(
  key: Hex,
  password: string,
  cost: { readonly n: number } = COST,
): Promise<string> {
  const params = { ...COST, n: cost.n };
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const derived = await derive(password, salt, params);
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
      kdfparams: { ...params, salt: salt.toString('hex') },
      mac: macOf(derived, ciphertext).toString('hex'),
    },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Decrypt a version 3 keystore. Throws BAD_SECRET: not a keystore we read, or the wrong password. */
export async function decryptKey(json: string, password: string): Promise<Hex> {
  const { crypto } = parseKeystore(json);
  const { salt, ...params } = crypto.kdfparams;
  const derived = await derive(password, bytes(salt), params);
  const ciphertext = bytes(crypto.ciphertext);
  if (!timingSafeEqual(macOf(derived, ciphertext), bytes(crypto.mac))) {
    throw new ConfigError('BAD_SECRET', 'The password does not open the keystore');
  }
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), bytes(crypto.cipherparams.iv));
  return bytesToHex(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

/** Read the address a keystore says it holds, without its password; undefined if it keeps that to itself. Throws BAD_SECRET. */
export function addressIn(json: string): Hex | undefined {
  const { address } = parseKeystore(json);
  return address === undefined ? undefined : `0x${address.replace(/^0x/, '').toLowerCase()}`;
}

function parseKeystore(json: string): z.output<typeof keystore> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ConfigError('BAD_SECRET', 'The keystore is not JSON', { cause });
  }
  const parsed = keystore.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError('BAD_SECRET', 'Expected a version 3 keystore with scrypt and aes-128-ctr', {
    meta: { at: issue?.path.join('.') },
  });
}

function derive(
  password: string,
  salt: Uint8Array,
  { n, r, p, dklen }: { readonly n: number; readonly r: number; readonly p: number; readonly dklen: number },
): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: MOST_MEMORY };
  return new Promise((resolve, reject) => {
    try {
      scrypt(password.normalize('NFKC'), salt, dklen, options, (error, key) =>
        error === null ? resolve(key) : reject(refused(error)),
      );
    } catch (error) {
      reject(refused(error));
    }
  });
}

function refused(cause: unknown): ConfigError {
  return new ConfigError('BAD_SECRET', 'The keystore asks for impossible or too costly scrypt parameters', {
    cause,
  });
}

function macOf(derived: Buffer, ciphertext: Uint8Array): Buffer {
  return Buffer.from(keccak256(concat([derived.subarray(16, 32), ciphertext]), 'bytes'));
}

function bytes(text: string): Buffer {
  return Buffer.from(text.replace(/^0x/, ''), 'hex');
}
