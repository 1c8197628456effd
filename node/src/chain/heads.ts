import type { Seconds } from '@gavel/protocol';
import type { Hex } from 'viem';
import type { Logger } from '../observe/logger.ts';
import { backoffMs, createBackoff, pause } from '../runtime/backoff.ts';
import type { Chain } from './client.ts';
import type { Endpoint } from './endpoints.ts';

/** One block: `timestamp` in seconds. */
export type Head = { readonly number: bigint; readonly hash: Hex; readonly timestamp: Seconds };

type Block = Head & { readonly parentHash: Hex };

/** Blocks remembered to find where a chain forked. */
const MEMORY = 128n;
/** Blocks asked for at once when catching up. */
const STRIDE = 32n;
/** Milliseconds between looks at a chain that does not answer. */
const AGAIN_MS = { leastMs: 1_000, mostMs: 5_000 };

/**
 * Yield every block in order, starting from the present head: at once where a websocket tells of it, else by
 * asking. After a reorganisation the replacing blocks follow, so a number may come again with another hash.
 * RPC failures are reported and retried, never skipped over. Ends when `signal` aborts.
 */
export async function* followHeads(options: {
  readonly chain: Chain;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): AsyncGenerator<Head, void, void> {
  const { chain, signal, log } = options;
  const seen = new Map<bigint, Hex>();
  let last: Block | undefined;
  const news = listenForHeads(chain, signal, log);
  let failures = 0;

  while (!signal.aborted) {
    let blocks: Block[];
    try {
      blocks = await nextBlocks(chain, last, seen);
    } catch (cause) {
      if (signal.aborted) return;
      // Once, not at every attempt: an outage of hours would drown the rest.
      if (failures > 0) log.debug({ err: cause, chain: chain.name }, 'rpc still failing');
      else log.warn({ err: cause, chain: chain.name }, 'rpc failing, heads delayed');
      const leastMs = Math.min(chain.config.pollMs, AGAIN_MS.leastMs);
      // A websocket that is renewed meanwhile ends the pause.
      await news.wait(backoffMs(failures, { ...AGAIN_MS, leastMs }));
      failures += 1;
      continue;
    }
    if (failures > 0) log.info({ chain: chain.name }, 'rpc answers again');
    failures = 0;
    for (const block of blocks) {
      if (last !== undefined && block.number <= last.number) {
        log.warn({ chain: chain.name, from: last.number, to: block.number }, 'chain reorganised');
      }
      remember(seen, block);
      last = block;
      yield { number: block.number, hash: block.hash, timestamp: block.timestamp };
      if (signal.aborted) return;
    }
    if (blocks.length === 0) await news.wait();
    else news.found();
  }
}

/** Finds the blocks that come after `last`: none, the next ones, or those of another branch. */
async function nextBlocks(chain: Chain, last: Block | undefined, seen: Map<bigint, Hex>): Promise<Block[]> {
  const head = await blockAt(chain);
  if (last === undefined) return [head];
  if (head.hash === last.hash) return [];
  if (head.number <= last.number) {
    // An endpoint that lags shows a block we know; one that forked shows a block we don't.
    if (seen.get(head.number) === head.hash) return [];
    return fromFork(chain, head, seen);
  }
  const to = head.number < last.number + STRIDE ? head.number : last.number + STRIDE;
  const first = last.number + 1n;
  const numbers = Array.from({ length: Number(to - first) + 1 }, (_, index) => first + BigInt(index));
  const blocks = await Promise.all(
    numbers.map((number) => (number === head.number ? head : blockAt(chain, number))),
  );
  const [next] = blocks;
  if (next !== undefined && next.parentHash !== last.hash) return fromFork(chain, next, seen);
  return linked(blocks);
}

/** Goes back from a block of another branch to the fork. Returns the branch, oldest first. */
async function fromFork(chain: Chain, tip: Block, seen: Map<bigint, Hex>): Promise<Block[]> {
  const branch = [tip];
  let oldest = tip;
  while (seen.has(oldest.number - 1n) && seen.get(oldest.number - 1n) !== oldest.parentHash) {
    oldest = await blockAt(chain, oldest.number - 1n);
    branch.unshift(oldest);
  }
  return linked(branch);
}

/**
 * Keeps the blocks up to the first that does not follow from the one before: the chain changed while we read.
 */
function linked(blocks: Block[]): Block[] {
  const broken = blocks.findIndex(
    (block, index) => index > 0 && block.parentHash !== blocks[index - 1]?.hash,
  );
  return broken === -1 ? blocks : blocks.slice(0, broken);
}

async function blockAt(chain: Chain, blockNumber?: bigint): Promise<Block> {
  const { number, hash, parentHash, timestamp } = await chain.agreed.getBlock(
    blockNumber === undefined ? { blockTag: 'latest' } : { blockNumber },
  );
  return { number, hash, parentHash, timestamp };
}

function remember(seen: Map<bigint, Hex>, block: Block): void {
  for (const number of seen.keys()) {
    if (number > block.number || number + MEMORY < block.number) seen.delete(number);
  }
  seen.set(block.number, block.hash);
}

/**
 * Times `pollMs` that a chain is left unasked while a websocket tells of its heads, milliseconds after which
 * its word is old, and finds of new blocks in a row that a websocket may miss before it is made anew.
 */
const TRUST = 4;
const OLD_MS = 60_000;
const MISSES = 3;

/** What one websocket has told. */
type Teller = { readonly endpoint: Endpoint; heardAt: number; isHeard: boolean; missed: number };

/** Tells when to look again: at a websocket's word that there is a block, or when it is time to ask. */
type News = {
  /** Waits `ms` at most, milliseconds; the time between two looks unless given. */
  wait(ms?: number): Promise<void>;
  /** Reports that new blocks were found: a websocket that did not tell of them is watched. */
  found(): void;
};

function listenForHeads(chain: Chain, signal: AbortSignal, log: Logger): News {
  const { pollMs } = chain.config;
  let wake = () => {};
  let isNew = false;
  const tellers: Teller[] = [];
  for (const endpoint of chain.endpoints) {
    const { heads, label } = endpoint;
    if (heads === undefined) continue;
    const teller = { endpoint, heardAt: Number.NEGATIVE_INFINITY, isHeard: false, missed: 0 };
    tellers.push(teller);
    const backoff = createBackoff({ leastMs: pollMs, mostMs: Math.max(pollMs, 15_000), signal });
    const onHead = () => {
      teller.heardAt = performance.now();
      teller.isHeard = true;
      isNew = true;
      wake();
    };
    const listen = async () => {
      while (!signal.aborted) {
        try {
          await heads(onHead, signal);
          return; // the socket renews it by itself
        } catch (cause) {
          log.warn({ err: cause, chain: chain.name, rpc: label }, 'heads not told by websocket, asked for');
          await backoff.wait();
        }
      }
    };
    void listen();
  }
  return {
    async wait(ms) {
      const isTold = tellers.some(
        ({ heardAt, missed }) => missed === 0 && performance.now() - heardAt < OLD_MS,
      );
      if (!isNew) {
        const waiting = new AbortController();
        const stop = () => waiting.abort();
        wake = stop;
        signal.addEventListener('abort', stop, { once: true });
        await pause(ms ?? (isTold ? pollMs * TRUST : pollMs), waiting.signal);
        signal.removeEventListener('abort', stop);
      }
      wake = () => {};
      isNew = false;
    },
    found() {
      for (const teller of tellers) {
        teller.missed = teller.isHeard ? 0 : teller.missed + 1;
        teller.isHeard = false;
        if (teller.missed < MISSES) continue;
        teller.missed = 1;
        const { endpoint } = teller;
        log.info({ chain: chain.name, rpc: endpoint.label }, 'websocket tells of no heads, made anew');
        endpoint.renew();
      }
    },
  };
}
