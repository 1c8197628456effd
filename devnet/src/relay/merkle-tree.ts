import { concat, type Hash, keccak256, zeroHash } from 'viem';

const DEPTH = 32;

/** Roots of empty subtrees, by height. */
const EMPTY: readonly Hash[] = Array.from({ length: DEPTH - 1 }).reduce<Hash[]>(
  (roots) => {
    const below = roots.at(-1) ?? zeroHash;
    return [...roots, keccak256(concat([below, below]))];
  },
  [zeroHash],
);

/**
 * The append-only tree of a Hyperlane merkle tree hook: depth 32, keccak256, only the branch kept.
 *
 * Validators rebuild it from insertions and sign its root only while the chain's own agrees.
 */
export class MerkleTree {
  readonly #branch: Hash[] = [];
  #count = 0;

  /** Number of leaves. */
  get count(): number {
    return this.#count;
  }

  /** Appends a message id. */
  insert(leaf: Hash): void {
    this.#count += 1;
    let node = leaf;
    let size = this.#count;
    let height = 0;
    while (size % 2 === 0) {
      node = keccak256(concat([this.#branch[height] ?? zeroHash, node]));
      size /= 2;
      height += 1;
    }
    this.#branch[height] = node;
  }

  /** Computes the root. */
  root(): Hash {
    return EMPTY.reduce<Hash>((node, empty, height) => {
      const filled = Math.floor(this.#count / 2 ** height) % 2 === 1;
      const pair: [Hash, Hash] = filled ? [this.#branch[height] ?? zeroHash, node] : [node, empty];
      return keccak256(concat(pair));
    }, zeroHash);
  }
}
