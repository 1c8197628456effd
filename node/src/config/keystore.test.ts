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
const KEY = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const cheap = { n: 2 };

test('opens what another wallet encrypted, and nothing with another password', async () => {
  expect(await decryptKey(FOREIGN, 'testpassword')).toBe(KEY);
  await expect(decryptKey(FOREIGN, 'testpasswort')).rejects.toMatchObject({ code: 'BAD_SECRET' });
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
  ['too much memory', FOREIGN.replace('1024', '1073741824').replace('"r":8', '"r":64')],
])('refuses a keystore with %s', async (_, json) => {
  await expect(decryptKey(json, 'testpassword')).rejects.toMatchObject({ code: 'BAD_SECRET' });
});
