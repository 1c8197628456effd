import { expect, test } from 'vitest';
import { addressIn, decryptKey, encryptKey } from './keystore.ts';

/** Encrypted by ethers 5, with the password `testpassword`. */
const FOREIGN = JSON.stringify({
  address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b',
  id: '6282c43c-f4ce-44f8-93a2-0b7d29d0bf03',
  version: 3,
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: 'b744400e4b6674c3f2671804077a296e' },
    ciphertext: '91d2481c546bf7ae9c97acfcfe1de1e07faf25e23923f107363e13695e0e87d1',
    kdf: 'scrypt',
    kdfparams: {
      salt: '69c8f5ba12d52ee114dfcaab5f53205c8d9d74aa4f97fe3ed1c38571f8755dbe',
      n: 1_024,
      dklen: 32,
      p: 1,
      r: 8,
    },
    mac: '8596016ffe4638bd8c2b53f1730f7a6fab157d6f5fb15e02bc289b11b7ea39d0',
  },
});
const ADDRESS = '0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b';
const KEY = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';

/**
 * The test vectors of the Web3 Secret Storage definition; the password of both is `testpassword`, the key is
 * KEY.
 */
const DEFINITION = {
  scrypt: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 262_144,
      p: 8,
      r: 1,
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
  pbkdf2: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
};
const cheap = { n: 2 };

test('opens what another wallet encrypted, and nothing with another password', async () => {
  expect(await decryptKey(FOREIGN, 'testpassword')).toBe(KEY);
  await expect(decryptKey(FOREIGN, 'testpasswort')).rejects.toMatchObject({ code: 'BAD_SECRET' });
});

test.each(['scrypt', 'pbkdf2'] as const)('opens the vector of the definition with %s', async (kdf) => {
  const json = JSON.stringify({ crypto: DEFINITION[kdf], version: 3 });
  expect(await decryptKey(json, 'testpassword')).toBe(KEY);
  await expect(decryptKey(json, 'testpasswort')).rejects.toMatchObject({ code: 'BAD_SECRET' });
});

test.each(['scrypt', 'pbkdf2'] as const)(
  'opens a keystore with %s, a byte order mark, and a section named Crypto',
  async (kdf) => {
    const json = JSON.stringify({ Crypto: DEFINITION[kdf], Version: 3, Address: ADDRESS.slice(2) });
    expect(await decryptKey(`\uFEFF${json}`, 'testpassword')).toBe(KEY);
    expect(addressIn(`\uFEFF${json}`)).toBe(ADDRESS);
  },
);

test('opens a keystore whose password was taken as it was typed, and one whose password was normalised', async () => {
  const typed = 'ﬁve™ cafe\u0301s';
  // Made by the definition with the bytes of the password, as geth does.
  const crypto = {
    ...DEFINITION.pbkdf2,
    ciphertext: 'fa4b8f7fa2ee0ae5c78dd42ae2d73225e061ef4758d1c1af1e7ebb0de958b3f8',
    kdfparams: { ...DEFINITION.pbkdf2.kdfparams, c: 1_000 },
    mac: 'd19f3727471ad4ea60fa3819c5c910c5e7b97fd8e899e2d802caa38faeee15a6',
  };
  const json = JSON.stringify({ crypto, version: 3 });
  expect(await decryptKey(json, typed)).toBe(KEY);
  await expect(decryptKey(json, typed.normalize('NFKC'))).rejects.toMatchObject({ code: 'BAD_SECRET' });
  const ours = await encryptKey(KEY, typed, cheap);
  for (const form of ['NFC', 'NFD', 'NFKC'] as const)
    expect(await decryptKey(ours, typed.normalize(form))).toBe(KEY);
});

test('refuses a keystore that names the address of another key, or none', async () => {
  const named = (address: string) => JSON.stringify({ crypto: DEFINITION.pbkdf2, version: 3, address });
  const other = decryptKey(named('11'.repeat(20)), 'testpassword');
  await expect(other).rejects.toMatchObject({
    code: 'BAD_SECRET',
    shortMessage: expect.stringContaining('address'),
  });
  expect(() => addressIn(named('hot key'))).toThrow(expect.objectContaining({ code: 'BAD_SECRET' }));
});

test('what is encrypted opens again, shows its address, and never the key', async () => {
  const json = await encryptKey(KEY, 'pässword', cheap);
  expect(json).not.toContain(KEY.slice(2));
  expect(await decryptKey(json, 'pässword')).toBe(KEY);
  expect(addressIn(json)).toMatch(/^0x[0-9a-f]{40}$/);
  expect(await encryptKey(KEY, 'pässword', cheap)).not.toBe(json);
});

test.each([
  ['no JSON', '{'],
  ['another version', FOREIGN.replace('"version":3', '"version":1')],
  ['another cipher', FOREIGN.replace('aes-128-ctr', 'aes-128-cbc')],
  ['impossible work', FOREIGN.replace('1024', '1023')],
  [
    'another hash in pbkdf2',
    JSON.stringify({
      crypto: { ...DEFINITION.pbkdf2, kdfparams: { ...DEFINITION.pbkdf2.kdfparams, prf: 'hmac-sha512' } },
      version: 3,
    }),
  ],
  [
    'too many rounds of pbkdf2',
    JSON.stringify({
      crypto: { ...DEFINITION.pbkdf2, kdfparams: { ...DEFINITION.pbkdf2.kdfparams, c: 1e9 } },
      version: 3,
    }),
  ],
  ['too much memory', FOREIGN.replace('1024', '1073741824').replace('"r":8', '"r":64')],
])('refuses a keystore with %s', async (_, json) => {
  await expect(decryptKey(json, 'testpassword')).rejects.toMatchObject({ code: 'BAD_SECRET' });
});
