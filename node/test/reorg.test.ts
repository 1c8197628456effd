import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Address,
  concatHex,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  parseAbi,
  toEventSelector,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Chain } from '../src/chain/client.ts';
import { type Anvil, FUNDED_KEY, startAnvil } from '../src/chain/testing/anvil.ts';
import { deploy, localChain, testClient } from '../src/chain/testing/local-chain.ts';
import { type Counters, createCounters } from '../src/observe/counters.ts';
import { silentLogger } from '../src/observe/logger.ts';
import type { OrderEvent } from '../src/order/events.ts';
import { createEngine, type Engine } from '../src/orders/engine.ts';
import { createHomeEvidence } from '../src/orders/evidence.ts';
import { HOME_EVENTS } from '../src/orders/facts.ts';
import { followEvidence } from '../src/orders/follow-logs.ts';
import { createUndo } from '../src/orders/reorg.ts';
import type { QuoteRecord, VoteRecord } from '../src/store/records.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { createWon, lifeOf, type Won } from './orders.ts';

/**
 * A contract that logs `FillRefused(orderId)` for every order it is told: an escrow's voice without its
 * state.
 */
const abi = parseAbi(['function refuse(bytes32 orderId)']);
const REFUSER: Hex = concatHex(['0x6004357f', toEventSelector('FillRefused(bytes32)'), '0x60006000a200']);

let dir: string;
let anvil: Anvil;
let chain: Chain;
let escrow: Address;
let store: Store<OrderEvent, VoteRecord, QuoteRecord>;
let engine: Engine;
let metrics: Counters;
let won: Won;
let stopping: AbortController;
let changed = () => {};
let following: Promise<void> | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-reorg-'));
  anvil = await startAnvil();
  chain = localChain([anvil.url]);
  escrow = await deploy(anvil.url, REFUSER);
  await testClient(anvil.url).mine({ blocks: 80 });
  won = await createWon();
  await start();
  const [awarded, opened, filling, filled] = lifeOf(won);
  if (!awarded || !opened || !filling || !filled) throw new TypeError('life is incomplete');
  await engine.record(won.order.intent, [awarded, opened, filling, filled]);
});

afterEach(async () => {
  await stop();
  await anvil.stop();
  await rm(dir, { recursive: true });
});

/** Opens the store, fold it, and follow the escrow. */
async function start(): Promise<void> {
  stopping = new AbortController();
  metrics = createCounters();
  const { signal } = stopping;
  const log = silentLogger();
  store = await openStore({ dir: join(dir, 'store'), log });
  engine = createEngine({
    orders: store.orders,
    onRecorded: () => undefined,
    onChanged: () => changed(),
    telemetry: { log, metrics },
  });
  await engine.load();
  const ingest = createHomeEvidence({
    chain: 'local',
    engine,
    keeps: () => true,
    award: async () => undefined,
    onLanded: () => undefined,
    onPassedOver: () => undefined,
  });
  const now = () => BigInt(Date.now());
  const undo = createUndo({ engine, chain, address: escrow, side: 'home', now, telemetry: { log, metrics } });
  following = followEvidence({
    chain,
    address: escrow,
    events: HOME_EVENTS,
    fromBlock: 0n,
    confirmations: 0,
    cursor: { name: 'home', cursors: store.cursors },
    ingest: async (logs, range) => {
      await undo(logs, range);
      await ingest(logs);
    },
    signal,
    log,
  });
}

async function stop(): Promise<void> {
  stopping.abort();
  await following;
  await store.close();
}

/** Resolves once the order is in a state, seen in a block if one is given. */
function reaches(state: string, block?: bigint): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const view = engine.get(won.order.intent);
      const fact = view?.facts.find(({ type }) => type === 'refused');
      const isThere = block === undefined || (fact?.type === 'refused' && fact.seen.block === block);
      if (view?.state === state && isThere) resolve();
    };
    changed = look;
    look();
  });
}

async function signed(): Promise<Hex> {
  const account = privateKeyToAccount(FUNDED_KEY);
  const wallet = createWalletClient({ account, transport: http(anvil.url) });
  const request = await wallet.prepareTransactionRequest({
    chain: null,
    to: escrow,
    gas: 100_000n,
    data: encodeFunctionData({ abi, functionName: 'refuse', args: [won.orderId] }),
  });
  return wallet.signTransaction(request as never);
}

/** Refuses the fill in a block of its own; returns the block's number and the transaction's bytes. */
async function refuse(): Promise<{ raw: Hex; block: bigint }> {
  const raw = await signed();
  await chain.client.sendRawTransaction({ serializedTransaction: raw });
  await testClient(anvil.url).mine({ blocks: 1 });
  return { raw, block: await chain.client.getBlockNumber() };
}

/**
 * Replace the last `depth` blocks by others, with these transactions at these places, and mine one more on
 * top.
 */
async function reorganise(depth: number, transactions: readonly [Hex, number][] = []): Promise<void> {
  await chain.client.request({ method: 'anvil_reorg' as never, params: [depth, transactions] as never });
  await testClient(anvil.url).mine({ blocks: 1 });
}

test.each([1, 2, 3, 6, 12])(
  'a fact whose block is %i deep in a reorganisation is taken back, and comes again',
  async (depth) => {
    const { block, raw } = await refuse();
    await testClient(anvil.url).mine({ blocks: depth - 1 || 0 });
    await reaches('refused', block);

    await reorganise(depth);
    await reaches('filled');
    const view = engine.get(won.order.intent);
    expect(view?.facts.map(({ type }) => type)).toEqual(['awarded', 'opened', 'filling', 'filled']);
    expect(metrics.snapshot()).toMatchObject({ 'order_event_reverted{event="refused"}': 1 });

    await chain.client.sendRawTransaction({ serializedTransaction: raw });
    await testClient(anvil.url).mine({ blocks: 1 });
    await reaches('refused', await chain.client.getBlockNumber());
  },
);

test('a fact that a reorganisation moved to another block is known there, and stays', async () => {
  const { block, raw } = await refuse();
  await testClient(anvil.url).mine({ blocks: 3 });
  await reaches('refused', block);
  await reorganise(4, [[raw, 2]]);
  await reaches('refused', block + 2n);
  await reorganise(4, [[raw, 0]]);
  await reaches('refused', block + 1n);
});

test('what vanished while the node was down is taken back when it starts again', async () => {
  const { block } = await refuse();
  await reaches('refused', block);
  await stop();
  await reorganise(1);
  await start();
  expect(engine.get(won.order.intent)?.state).toBe('refused');
  await reaches('filled');
});

test('a record with a fact taken back folds to the same after a restart', async () => {
  await reaches('filled');
  const { block } = await refuse();
  await reaches('refused', block);
  await reorganise(1);
  await reaches('filled');
  const before = engine.get(won.order.intent);
  await stop();
  await start();
  expect(engine.get(won.order.intent)).toEqual(before);
});
