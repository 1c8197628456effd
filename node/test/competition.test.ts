import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAddress } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scope } from '../src/runtime/scope.ts';
import { AUCTIONEER_KEYS, createWorld, keyFile, type Person, type TestNode, type World } from './world.ts';

/*
 * The record of one competition as two of its nodes witnessed it: a watcher that also keeps, two auctioneers
 * of three, and two solvers with money on the other chain, over TCP and real chains.
 */

let scope: Scope;
let dir: string;
let world: World;
let auctioneer: TestNode;
const auctioneers: TestNode[] = [];
let cheap: { node: TestNode; person: Person };
let dear: { node: TestNode; person: Person };

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-competition-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  const api = { listen: '127.0.0.1:0' };
  const keeper = { key: await keyFile(dir, await world.person('keeper')) };
  const nodes = [await world.startNode('watcher', { roles: ['watcher', 'keeper'], keeper })];
  for (const [index, key] of AUCTIONEER_KEYS.slice(0, 2).entries()) {
    const { file } = await keyFile(dir, { key, address: world.dollar });
    const sections = { api, roles: ['auctioneer'], auctioneer: { key: { file } } };
    auctioneer = await world.startNode(`auctioneer-${index}`, sections, nodes);
    auctioneers.push(auctioneer);
    nodes.push(auctioneer);
  }
  const startSolver = async (name: string, spreadBps: number) => {
    const person = await world.person(name);
    await world.bond(person, 50_000n);
    await world.endow(person, 50_000n);
    const examples = new URL('../examples/', import.meta.resolve('@gavel/solver-sdk'));
    const solver = {
      key: await keyFile(dir, person),
      account: person.address,
      payout: person.address,
      strategy: new URL('constant-spread.ts', examples).pathname,
      options: { spreadBps },
      confirmations: 0,
    };
    const node = await world.startNode(name, { api, roles: ['solver'], solver }, nodes);
    return { node, person };
  };
  cheap = await startSolver('cheap', 20);
  dear = await startSolver('dear', 60);
  await world.borrow(await world.person('borrower'), 20_000n, 6_000n);
});

afterAll(async () => {
  await scope.close();
});

async function ask({ api }: TestNode, path: string) {
  const response = await fetch(new URL(path, api));
  return (await response.json()) as {
    items: { intent: string }[];
    quotes: Record<string, unknown>[];
    certificate: { ranked: unknown[] };
    order: Record<string, unknown>;
    record: Record<string, Record<string, unknown>[]>;
  };
}

test('a competition is on record with whoever witnessed it, from the intent to what became of the award', async () => {
  await world.price(3_750n);
  const { intent } = await dear.node.logged.until('quote sent');
  await world.hold(intent, auctioneers, 2);
  await cheap.node.logged.until('landed', { intent });
  await cheap.node.logged.until('filled', { intent });
  const path = `/auctions/${intent}`;

  const witnessed = await ask(dear.node, path);
  expect(witnessed.quotes).toHaveLength(2);
  const [first, second] = [cheap, dear].map(({ person }) =>
    witnessed.quotes.find(({ solver }) => getAddress(String(solver)) === person.address),
  );
  expect(first).toMatchObject({ place: 1, inTime: true, at: expect.any(Number) });
  expect(second).toMatchObject({ place: 2, inTime: true, from: dear.node.peerId });
  expect(first?.from).not.toBe(dear.node.peerId);
  expect(witnessed.record.votes?.length).toBeGreaterThanOrEqual(2);
  expect(witnessed.record.tallies).toHaveLength(2);
  expect(witnessed.record.rankings).toMatchObject([{ own: false }]);
  expect(witnessed.certificate.ranked).toHaveLength(2);
  expect(witnessed.order).toMatchObject({ mode: 'remote' });
  expect(getAddress(String(witnessed.order.solver))).toBe(cheap.person.address);

  const voted = await ask(auctioneer, path);
  expect(voted.record.rankings?.[0]).toMatchObject({ own: true, ranked: [first?.digest, second?.digest] });
  expect(voted.quotes.map(({ place }) => place).sort()).toEqual([1, 2]);
  expect((await ask(auctioneer, '/auctions?limit=200')).items.map((item) => item.intent)).toContain(intent);
});
