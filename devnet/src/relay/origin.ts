import { GavelError } from '@gavel/protocol';
import {
  createPublicClient,
  type Hash,
  type Hex,
  http,
  keccak256,
  type Log,
  parseAbi,
  parseEventLogs,
} from 'viem';
import type { Checkpoint } from './checkpoint.ts';
import type { RelayedChain } from './config.ts';
import type { OnRelayerEvent } from './events.ts';
import { MerkleTree } from './merkle-tree.ts';
import { type Retrying, retried } from './retry.ts';

const originAbi = parseAbi([
  'event Dispatch(address indexed sender, uint32 indexed destination, bytes32 indexed recipient, bytes message)',
  'event InsertedIntoTree(bytes32 messageId, uint32 index)',
  'function latestCheckpoint() view returns (bytes32 root, uint32 index)',
]);

const MAX_BLOCKS_PER_READ = 1_000n;

/** A dispatched message that can be proven. */
export interface DispatchedMessage {
  readonly id: Hash;
  readonly origin: number;
  readonly destination: number;
  /** The message as the destination's Mailbox takes it. */
  readonly bytes: Hex;
  readonly checkpoint: Checkpoint;
}

/**
 * Follows a chain's dispatched messages in order until the signal aborts, handing each to `onMessage`.
 *
 * Each comes with the checkpoint of its own leaf, from a tree that is rebuilt from the hook's insertions and
 * compared with the chain's. RPC failures are reported and retried. Throws DEVNET_CHECKPOINT_MISMATCH if the
 * trees differ.
 */
export async function followOrigin(
  chain: RelayedChain,
  {
    pollMs,
    signal,
    onEvent,
    onMessage,
  }: Retrying & { readonly onMessage: (message: DispatchedMessage) => void },
): Promise<void> {
  const client = createPublicClient({ transport: http(chain.rpcUrl), cacheTime: 0 });
  const tree = new MerkleTree();
  const read = retried(chain.name, { pollMs, signal, onEvent });
  let next = BigInt(chain.fromBlock);
  for await (const head of read.poll(() => client.getBlockNumber())) {
    while (next <= head && !signal.aborted) {
      const last = head - next >= MAX_BLOCKS_PER_READ ? next + MAX_BLOCKS_PER_READ - 1n : head;
      const range = { fromBlock: next, toBlock: last };
      const logs = await read.once(() =>
        client.getLogs({ address: [chain.mailbox, chain.merkleTreeHook], ...range }),
      );
      if (logs === undefined) return;
      if (logs.length > 0) {
        const latest = {
          address: chain.merkleTreeHook,
          abi: originAbi,
          functionName: 'latestCheckpoint',
        } as const;
        const insertions = parseEventLogs({ abi: originAbi, eventName: 'InsertedIntoTree', logs });
        const stated =
          insertions.length === 0
            ? undefined
            : await read.once(() => client.readContract({ ...latest, blockNumber: last }));
        if (signal.aborted) return;
        const checkpoints = grow(
          tree,
          chain,
          insertions.map(({ args }) => args),
        );
        if (stated !== undefined) compare(tree, chain, stated[0]);
        for (const message of dispatches(chain, logs, checkpoints, onEvent)) onMessage(message);
      }
      next = last + 1n;
    }
  }
}

function grow(
  tree: MerkleTree,
  chain: RelayedChain,
  insertions: readonly { readonly messageId: Hash; readonly index: number }[],
): Map<Hash, Checkpoint> {
  const checkpoints = new Map<Hash, Checkpoint>();
  for (const { messageId, index } of insertions) {
    if (index !== tree.count) {
      throw new GavelError(
        'DEVNET_CHECKPOINT_MISMATCH',
        'a leaf is not the next of its tree; start from a block before the first leaf',
        { meta: { chain: chain.name, index, expected: tree.count } },
      );
    }
    tree.insert(messageId);
    checkpoints.set(messageId, {
      origin: chain.domain,
      merkleTreeHook: chain.merkleTreeHook,
      root: tree.root(),
      index,
      messageId,
    });
  }
  return checkpoints;
}

function compare(tree: MerkleTree, chain: RelayedChain, stated: Hash): void {
  const root = tree.root();
  if (root === stated) return;
  throw new GavelError(
    'DEVNET_CHECKPOINT_MISMATCH',
    'the chain states another root than its own insertions give; nothing of it is signed',
    { meta: { chain: chain.name, stated, expected: root, leaves: tree.count } },
  );
}

function* dispatches(
  chain: RelayedChain,
  logs: readonly Log[],
  checkpoints: ReadonlyMap<Hash, Checkpoint>,
  onEvent: OnRelayerEvent,
): Generator<DispatchedMessage> {
  for (const { args, blockNumber } of parseEventLogs({
    abi: originAbi,
    eventName: 'Dispatch',
    logs: [...logs],
  })) {
    const id = keccak256(args.message);
    const summary = { id, origin: chain.domain, destination: args.destination };
    onEvent({ event: 'dispatched', message: summary, block: blockNumber });
    const checkpoint = checkpoints.get(id);
    if (checkpoint === undefined) {
      onEvent({ event: 'undeliverable', message: summary, reason: 'not in the merkle tree' });
    } else {
      yield { ...summary, bytes: args.message, checkpoint };
    }
  }
}
