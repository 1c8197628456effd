import fc from 'fast-check';
import { recoverAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { addressOfKey, recoverSigner, signDigest } from './signatures.ts';
import { anyBytes32, anyKey, hexOf, key } from './testing/arbitraries.ts';
import { expectCode } from './testing/expect-code.ts';

const digest = `0x${'d1'.repeat(32)}` as const;

describe('a signature', () => {
  it('is recovered to the address viem recovers, and the key’s own', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes32, anyKey, async (hash, privateKey) => {
        const signature = signDigest(hash, privateKey);
        const signer = recoverSigner(hash, signature);
        expect(signer).toBe(addressOfKey(privateKey));
        expect(signer).toBe((await recoverAddress({ hash, signature })).toLowerCase());
        expect(signer).toBe(privateKeyToAccount(privateKey).address.toLowerCase());
      }),
      { numRuns: 40 },
    );
  });

  it('is the one viem makes', async () => {
    expect(signDigest(digest, key)).toBe(await privateKeyToAccount(key).sign({ hash: digest }));
  });

  it('is accepted whatever the case of its hex', () => {
    const signature = signDigest(digest, key);
    const capitals = `0x${signature.slice(2).toUpperCase()}` as const;
    expect(recoverSigner(digest, capitals)).toBe(addressOfKey(key));
  });

  it('never crashes recovery, whatever its bytes', () => {
    fc.assert(
      fc.property(anyBytes32, hexOf(0, 70), (hash, signature) => {
        expectCode('BAD_SIGNATURE', () => recoverSigner(hash, `${signature}00`));
      }),
    );
  });

  it('by a key outside the curve is refused without showing the key', () => {
    const error = expectCode('BAD_KEY', () => signDigest(digest, `0x${'ff'.repeat(32)}`));
    expect(error.message).not.toContain('ffff');
    expectCode('BAD_KEY', () => signDigest(digest, '0x01'));
  });

  it('over anything but 32 bytes is refused', () => {
    expectCode('BAD_FIELD', () => signDigest('0x01', key));
    expectCode('BAD_FIELD', () => recoverSigner('0x01', signDigest(digest, key)));
  });
});
