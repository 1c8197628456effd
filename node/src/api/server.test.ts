import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marketId } from '@gavel/protocol';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createArena, keyOf } from '../../test/arena.ts';
import { createWon } from '../../test/orders.ts';
import { addQuote, createAuctions } from '../auction/auctions.ts';
import type { KeyRole } from '../auction/key-guard.ts';
import { createRecorder } from '../auction/recorder.ts';
import type { ClockState } from '../clock/watch.ts';
import { type BiddingSwitch, openBiddingSwitch } from '../lifecycle/bidding-switch.ts';
import { createCounters } from '../observe/counters.ts';
import { createRegistry, registerGauges } from '../observe/gauges.ts';
import { silentLogger } from '../observe/logger.ts';
import { apply, emptyOrder, fold } from '../order/fold.ts';
import { openStore, type Store } from '../store/store.ts';
import { createEventStream, type EventStream } from './events.ts';
import { nodeGauges } from './gauges.ts';
import { showOrder } from './present.ts';
import type { NodeReader } from './reader.ts';
import * as schemas from './schemas.ts';
import { type Api, type ApiOptions, createApp, startApi } from './server.ts';

const TOKEN = 'a-token-of-the-operator';
const log = silentLogger();
const registry = createRegistry();
const counters = createCounters(registry);
const now = () => BigInt(Date.now());

let directory: string;
let bidding: BiddingSwitch;
let store: Store<object, object, { intent: Hex }>;
let stream: EventStream;
let reader: NodeReader;
let intent: Hex;
let headAgeMs: bigint | undefined = 2_000n;
let clockState: ClockState = 'right';
let api: Api | undefined;
let contested: KeyRole[] = [];
const keys = {
  claim: async () => contested.splice(0),
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-api-'));
  bidding = await openBiddingSwitch({
    file: join(directory, 'paused'),
    isKeyContested: () => contested.length > 0,
    isClockOff: () => clockState === 'off',
    log,
  });
  stream = createEventStream(now);
  const arena = createArena();
  const auctions = createAuctions();
  const derived = await arena.intent();
  intent = derived.digest;
  const { observe } = await import('../auction/derive.ts');
  const result = await observe(arena.market, derived.intent.position, arena.block);
  if ('none' in result) throw new TypeError(result.none);
  const auction = auctions.add(arena.market, result.observed, now());
  const signed = arena.quote('x', intent);
  addQuote(auction, `0x${'01'.repeat(32)}`, signed, true);
  store = await openStore({ dir: join(directory, 'store'), log });
  const recorder = createRecorder({
    competitions: store.competitions,
    rank: async () => ({ ranked: [], excluded: [] }),
    now,
    telemetry: { log, metrics: counters },
  });
  recorder.onIntent(auction);
  const arrival = { at: now(), from: 'other' };
  recorder.onQuote(auction, `0x${'01'.repeat(32)}`, signed, { ...arrival, inTime: true });
  recorder.onRefused(auction, signed, 'OFF_TICK', arrival);
  recorder.onRanked(auction, 1, {
    ranked: [],
    excluded: [{ digest: `0x${'01'.repeat(32)}` as const, reason: 'NOT_COVERED' }],
  });
  await recorder.written();
  const seen = { chain: 'alpha', tx: keyOf('tx'), block: 7n };
  const orders = Array.from({ length: 5 }, (_, index) => {
    const id: Hex = `0x${String(index + 1).repeat(64)}`;
    return apply(emptyOrder(id), {
      type: 'liquidated',
      seen,
      quote: id,
      positionKey: id,
      solver: `0x${'0a'.repeat(20)}`,
      repaid: 10n ** 20n,
      seized: 5n,
      ask: 4n,
    });
  });
  reader = {
    version: '1.2.3',
    network: 'test',
    peerId: 'peer',
    roles: ['solver', 'watcher'],
    startedAt: now(),
    now,
    bidding: () => bidding.closed() ?? 'on',
    contestedKeys: () => contested,
    clock: () => ({ state: clockState, offsetMs: -12, uncertaintyMs: 3, chains: 2, peers: 4 }),
    heads: () => [
      { chain: 'alpha', block: headAgeMs === undefined ? undefined : 7n, time: 1_000n, ageMs: headAgeMs },
    ],
    rpc: () => [
      { chain: 'alpha', rpc: 'https://one', reasons: [], forMs: undefined, batchSize: 3, head: 7n },
      {
        chain: 'alpha',
        rpc: 'wss://two',
        reasons: ['rate limited'],
        forMs: 60_000,
        batchSize: undefined,
        head: undefined,
      },
    ],
    peers: () => [{ peerId: 'other', topics: ['quotes'] }],
    hasBootstrap: true,
    orders: () => orders,
    isOwn: () => true,
    flags: () => [
      {
        chain: 'alpha',
        market: marketId('arena'),
        position: '0xb0',
        positionKey: `0x${'0d'.repeat(32)}` as const,
        takeableFrom: 900n,
        lapsesAt: 1_200n,
        isCleared: false,
        taken: { taker: `0x${'0c'.repeat(20)}`, tx: keyOf('take'), repaid: 7n, lot: 3n },
      },
    ],
    order: (id) => orders.find((view) => view.intent === id),
    events: async () => [{ type: 'abandoned', reason: 'test', at: 5n }],
    auctions: auctions.all,
    auction: auctions.get,
    competitions: store.competitions,
    watched: [
      {
        market: 'arena',
        chain: 'alpha',
        source: {
          positions: () => ['0xb0', '0xb1'],
          size: () => 2,
          ownerOf: (position) => `owner of ${position}`,
        },
      },
    ],
    solver: {
      quotes: () => [],
      async *quotesFor() {},
      holdings: async () => [
        {
          chain: 'alpha',
          purpose: 'payment',
          token: { address: `0x${'0b'.repeat(20)}`, symbol: 'USDx', decimals: 6 },
          holder: `0x${'0c'.repeat(20)}`,
          balance: 3_500_000n,
          promised: 1_000_000n,
          available: 2_500_000n,
        },
      ],
    },
  };
  registerGauges(registry, nodeGauges(reader), (gauge, error) => expect.fail(`${gauge}: ${error}`));
});

afterAll(async () => {
  await api?.close();
  await store.close();
  await rm(directory, { recursive: true });
});

function appWith(options: Partial<ApiOptions> = {}) {
  return createApp({
    listen: '127.0.0.1:0',
    token: undefined,
    reader,
    bidding,
    keys,
    stream,
    registry,
    log,
    ...options,
  });
}

async function read(url: string, options: Partial<ApiOptions> = {}) {
  const response = await appWith(options).inject({ url, headers: { host: 'localhost:9750' } });
  return { status: response.statusCode, text: response.body, json: () => response.json() };
}

test('health and readiness; a chain that stands still is not ready', async () => {
  expect((await read('/health')).json()).toMatchObject({ status: 'ok', bidding: 'on', version: '1.2.3' });
  expect((await read('/ready')).status).toBe(200);
  headAgeMs = 200_000n;
  const late = await read('/ready');
  expect(late.status).toBe(503);
  expect(late.json().checks).toContainEqual({
    check: 'chain alpha',
    ok: false,
    found: 'newest block 200 s old',
  });
  headAgeMs = undefined;
  expect((await read('/ready')).status).toBe(503);
  headAgeMs = 2_000n;
});

test('a key that another node uses is one state everywhere, until the operator claims it', async () => {
  contested = ['solver'];
  expect((await read('/health')).json()).toMatchObject({ bidding: 'key', contestedKeys: ['solver'] });
  const ready = await read('/ready');
  expect(ready.status).toBe(503);
  expect(ready.json()).toMatchObject({
    checks: expect.arrayContaining([{ check: 'keys', ok: false, found: 'used elsewhere: solver' }]),
  });
  const metrics = await registry.metrics();
  expect(metrics).toContain('gavel_key_contested{role="solver"} 1');
  expect(metrics).toContain('gavel_bidding 0');
  const claim = await appWith({ token: 'secret' }).inject({
    method: 'POST',
    url: '/claim-key',
    headers: { authorization: 'Bearer secret' },
  });
  expect(claim.json()).toEqual({ claimed: ['solver'], bidding: 'on' });
  expect((await read('/ready')).status).toBe(200);
  expect(await registry.metrics()).toContain('gavel_key_contested{role="solver"} 0');
});

test('a clock that is off is told, with its offset, and is not ready', async () => {
  expect((await read('/health')).json().rpc).toEqual([
    { chain: 'alpha', rpc: 'https://one', inUse: true, reasons: [], batchSize: 3, head: 7 },
    { chain: 'alpha', rpc: 'wss://two', inUse: false, reasons: ['rate limited'], forMs: 60_000 },
  ]);
  expect((await read('/health')).json().clock).toEqual({
    state: 'right',
    offsetMs: -12,
    uncertaintyMs: 3,
    chains: 2,
    peers: 4,
  });
  clockState = 'off';
  expect((await read('/health')).json()).toMatchObject({ bidding: 'clock', clock: { state: 'off' } });
  const off = await read('/ready');
  expect(off.status).toBe(503);
  expect(off.json().checks).toContainEqual({
    check: 'clock',
    ok: false,
    found: '0.012 s behind, give or take 0.003 s, by 2 chains and 4 peers',
  });
  clockState = 'right';
});

test('pages follow each other without gap or repetition', async () => {
  const found: string[] = [];
  let path = '/orders?limit=2';
  for (let pages = 0; pages < 3; pages++) {
    const { items, next } = (await read(path)).json();
    found.push(...items.map((item: { intent: string }) => item.intent.slice(2, 3)));
    path = `/orders?limit=2&cursor=${next}`;
    if (next === undefined) break;
  }
  expect(found).toEqual(['5', '4', '3', '2', '1']);
});

test('amounts are text, an order comes with its record', async () => {
  const id = `0x${'1'.repeat(64)}`;
  expect((await read(`/orders/${id}`)).json()).toMatchObject({
    intent: id,
    state: 'liquidated',
    mode: 'local',
    repaid: '100000000000000000000',
    transactions: [{ event: 'liquidated', chain: 'alpha', block: 7 }],
    events: [{ type: 'abandoned', at: '5' }],
  });
  expect((await read(`/orders/0x${'9'.repeat(64)}`)).status).toBe(404);
});

test('auctions, positions, inventory and peers', async () => {
  const [auction] = (await read('/auctions?phase=live')).json().items;
  expect(auction).toMatchObject({ intent, market: 'arena', quotes: [{ inTime: true, payDomain: 1003 }] });
  const [listed] = (await read('/auctions?since=1&market=arena')).json().items;
  expect(listed).toMatchObject({ intent, quotes: [{ from: 'other', excluded: 'NOT_COVERED' }] });
  expect((await read('/auctions?phase=over')).json().items).toEqual([]);
  expect((await read('/auctions?market=other')).json().items).toEqual([]);
  expect((await read(`/auctions?since=${Date.now() + 60_000}`)).json().items).toEqual([]);
  expect((await read(`/auctions/${intent}`)).json()).toMatchObject({
    intent,
    round: '0',
    record: {
      refused: [{ code: 'OFF_TICK', from: 'other' }],
      refusedMissing: false,
      talliesNeeded: 2,
      rankings: [{ own: true, excluded: [{ reason: 'NOT_COVERED' }] }],
      votes: [],
    },
  });
  expect((await read(`/auctions/0x${'9'.repeat(64)}`)).status).toBe(404);
  expect((await read('/positions?limit=1')).json()).toMatchObject({
    items: [{ market: 'arena', owner: 'owner of 0xb1' }],
    next: expect.any(String),
  });
  expect((await read('/inventory')).json().items).toMatchObject([{ symbol: 'USDx', available: '2500000' }]);
  expect((await read('/peers')).json().items).toEqual([{ peerId: 'other', topics: ['quotes'] }]);
  expect((await read('/quotes')).json()).toEqual({ items: [] });
});

test('flagged positions, with what became of them by their chain’s own time', async () => {
  const { items } = (await read('/flags')).json();
  expect(items).toMatchObject([
    { market: 'arena', state: 'takeable', takeableFrom: 900, taken: { lot: '3' } },
  ]);
  expect((await read('/flags?market=other')).json().items).toEqual([]);
});

test('an order on sale shows its price, its buyer, and what is held of the bond', async () => {
  const won = await createWon();
  const seen = { chain: 'alpha', tx: keyOf('sale'), block: 9n };
  const buyer = `0x${'0e'.repeat(20)}` as const;
  const opened = { type: 'opened', seen, orderId: won.orderId, order: won.order, seized: 5n } as const;
  const expired = { type: 'expired', seen, debt: 100n, floor: 70n, restUntil: 99n } as const;
  const held = { type: 'bondHeld', seen, amount: 10n, readyAt: 50n, bountyTo: buyer } as const;
  const sold = { type: 'sold', seen, buyer, recipient: buyer, lot: 4n, price: 90n, surplus: 1n } as const;
  const shown = showOrder(fold(won.order.intent, [opened, expired, held, sold]));
  expect(shown).toMatchObject({
    state: 'sold',
    closed: false,
    sale: { debt: '100', floor: '70', restUntil: 99, sold: { buyer, lot: '4', price: '90' } },
    heldBond: { amount: '10', readyAt: 50, outcome: 'held' },
  });
  expect(schemas.order.parse(shown)).toEqual(shown);
});

test('what is asked wrongly is refused in words', async () => {
  const bad = await read('/orders?limit=999&colour=red');
  expect(bad.status).toBe(400);
  expect(bad.json().error.code).toBe('BAD_REQUEST');
  expect(bad.text).toContain('limit');
  expect(bad.text).toContain('colour');
  expect((await read('/orders/7')).status).toBe(400);
  expect((await read('/nowhere')).json().error).toMatchObject({ code: 'NOT_FOUND' });
});

test('every response is what the description says', async () => {
  const { paths, openapi } = (await read('/openapi.json')).json();
  expect(openapi).toBe('3.1.0');
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/orders/{intent}', '/events', '/metrics']));
  expect(paths['/pause']).toBeUndefined();
  expect(paths['/orders'].get.parameters.map(({ name }: { name: string }) => name)).toContain('cursor');
  for (const path of Object.keys(paths).filter((path) => path !== '/events')) {
    const known = path.startsWith('/auctions') ? intent : `0x${'1'.repeat(64)}`;
    // An answer that is not as described is refused with 500.
    expect((await read(path.replace('{intent}', known))).status, path).toBe(200);
  }
});

test('metrics hold counters and gauges', async () => {
  counters.count('quote_sent', { mode: 'remote' });
  const { text } = await read('/metrics');
  for (const line of [
    'gavel_quote_sent_total{mode="remote"} 1',
    'gavel_peers 1',
    'gavel_positions_watched{market="arena",chain="alpha"} 2',
    'gavel_orders_open{state="opened",own="true"} 0',
    'gavel_flags{state="takeable"} 1',
    'gavel_auctions_live 1',
    'gavel_chain_head_age_seconds{chain="alpha"} 2',
    'gavel_bidding 1',
    'gavel_clock_offset_seconds -0.012',
    'gavel_clock_off 0',
    'gavel_clock_witnesses{kind="peer"} 4',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toMatch(/gavel_inventory_available_tokens\{.*symbol="USDx".*\} 2\.5/);
});

test('nothing can be changed without a token in the configuration', async () => {
  const response = await appWith().inject({ method: 'POST', url: '/pause', headers: { host: 'localhost' } });
  expect(response.statusCode).toBe(403);
  expect(bidding.closed()).toBeUndefined();
});

test('the kill switch takes the token and nothing else', async () => {
  const app = appWith({ token: TOKEN });
  const post = (url: string, authorization?: string) =>
    app.inject({
      method: 'POST',
      url,
      headers: { host: 'localhost', ...(authorization === undefined ? {} : { authorization }) },
    });
  expect((await post('/pause')).statusCode).toBe(401);
  expect((await post('/pause', 'Bearer wrong')).statusCode).toBe(401);
  expect(bidding.closed()).toBeUndefined();
  expect((await post('/pause', `Bearer ${TOKEN}`)).json()).toEqual({ bidding: 'paused' });
  expect(bidding.closed()).toBe('paused');
  expect((await post('/resume', `Bearer ${TOKEN}`)).json()).toEqual({ bidding: 'on' });
});

test('open to others, reading takes the token as well, but for health', async () => {
  const app = appWith({ listen: '0.0.0.0:9750', token: TOKEN });
  const status = async (url: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url, headers: { host: 'node.example', ...headers } })).statusCode;
  expect(await status('/health')).toBe(200);
  expect(await status('/inventory')).toBe(401);
  expect(await status('/inventory', { authorization: `Bearer ${TOKEN}` })).toBe(200);
});

test.each(['evil.example', 'localhost.evil.example:9750', '127.0.0.1.evil.example'])(
  'a browser that was told that this machine is %s is refused',
  async (host) => {
    const response = await appWith().inject({ url: '/inventory', headers: { host } });
    expect(response.statusCode).toBe(403);
  },
);

test('events stream as they come, and after a break from where it was', async () => {
  const options = { listen: '127.0.0.1:0', token: undefined, reader, bidding, keys, stream, registry, log };
  api = await startApi(options);
  stream.tell('quote sent', { ask: 1n });
  stream.tell('certificate', { ask: 2n });
  const seen = await new Promise<string>((resolve, reject) => {
    const request = get(`${api?.url}/events`, { headers: { 'last-event-id': '1' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('certificate') && !text.includes('landed')) stream.tell('landed', { ask: 3n });
        if (!text.includes('landed')) return;
        request.destroy();
        resolve(text);
      });
    });
    request.on('error', reject);
  });
  expect(seen).not.toContain('quote sent');
  expect(seen).toMatch(/id: 2\ndata: \{"id":2,"at":\d+,"msg":"certificate","ask":"2"\}\n\n/);
  expect(seen).toContain('"msg":"landed","ask":"3"');
  await expect(startApi({ ...options, listen: api.url.replace('http://', '') })).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
  });
});
