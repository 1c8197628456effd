import { concat, type Hash, keccak256, toHex, zeroHash } from 'viem';
import { expect, test } from 'vitest';
import { MerkleTree } from './merkle-tree.ts';

/** The same root, computed level by level from all leaves. */
function rootOf(leaves: readonly Hash[]): Hash {
  let level = [...leaves];
  let empty: Hash = zeroHash;
  for (let height = 0; height < 32; height += 1) {
    const below = empty;
    const next: Hash[] = [];
    for (let at = 0; at < level.length; at += 2) {
      next.push(keccak256(concat([level[at] ?? below, level[at + 1] ?? below])));
    }
    level = next;
    empty = keccak256(concat([below, below]));
  }
  return level[0] ?? empty;
}

test('has the root of a full tree after every insertion', () => {
  const tree = new MerkleTree();
  const leaves: Hash[] = [];
  expect(tree.root()).toBe(rootOf(leaves));
  for (let leaf = 1; leaf <= 17; leaf += 1) {
    const id = keccak256(toHex(leaf));
    leaves.push(id);
    tree.insert(id);
    expect(tree.count).toBe(leaf);
    expect(tree.root()).toBe(rootOf(leaves));
  }
});
