import { BaseValidator } from '@hyperlane-xyz/utils';
import { type Address, bytesToHex, type Hex, hashMessage, pad, recoverAddress, size, sliceHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { validatorAccount } from '../accounts.ts';
import { type Checkpoint, checkpointDigest, createValidator, multisigMetadata } from './checkpoint.ts';

const checkpoint: Checkpoint = {
  origin: 1001,
  merkleTreeHook: '0x2dE080e97B0caE9825375D31f5D0eD5751fDf16D',
  root: pad('0x12'),
  index: 7,
  messageId: pad('0x77'),
};
const validators = [0, 1, 2].map((index) => createValidator(validatorAccount(index).privateKey));

async function signersOf(metadata: Hex, of: Checkpoint): Promise<Address[]> {
  const hash = hashMessage({ raw: checkpointDigest(of) });
  const signatures = Array.from({ length: (size(metadata) - 68) / 65 }, (_, at) =>
    sliceHex(metadata, 68 + at * 65, 68 + (at + 1) * 65),
  );
  return Promise.all(signatures.map((signature) => recoverAddress({ hash, signature })));
}

test('has the digest that Hyperlane computes', () => {
  const theirs = BaseValidator.messageHash(
    {
      root: checkpoint.root,
      index: checkpoint.index,
      mailbox_domain: checkpoint.origin,
      merkle_tree_hook_address: checkpoint.merkleTreeHook,
    },
    checkpoint.messageId,
  );
  expect(checkpointDigest(checkpoint)).toBe(bytesToHex(Uint8Array.from(theirs)));
});

describe('metadata', () => {
  test('names the tree, its root and the index', async () => {
    const metadata = await multisigMetadata(checkpoint, validators, 2);
    expect(sliceHex(metadata, 0, 32)).toBe(pad(checkpoint.merkleTreeHook));
    expect(sliceHex(metadata, 32, 64)).toBe(checkpoint.root);
    expect(sliceHex(metadata, 64, 68)).toBe('0x00000007');
  });

  test('carries a threshold of signatures, ascending by validator', async () => {
    const signers = await signersOf(await multisigMetadata(checkpoint, validators, 2), checkpoint);
    expect(signers).toHaveLength(2);
    expect(signers).toEqual([...signers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  });

  test('takes turns, so that every validator signs', async () => {
    const everyone = new Set<Address>();
    for (const index of [0, 1, 2]) {
      const one = { ...checkpoint, index };
      for (const signer of await signersOf(await multisigMetadata(one, validators, 2), one))
        everyone.add(signer);
    }
    expect([...everyone].sort()).toEqual(validators.map(({ address }) => address).sort());
  });

  test('is refused above the number of validators', async () => {
    await expect(multisigMetadata(checkpoint, validators, 4)).rejects.toMatchObject({
      code: 'DEVNET_TOO_FEW_VALIDATORS',
    });
  });
});
