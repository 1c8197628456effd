import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scope } from '../src/runtime/scope.ts';
import {
  AUCTION_WAITS,
  AUCTIONEER_KEYS,
  createWorld,
  keyFile,
  type Person,
  type TestNode,
  type World,
} from './world.ts';

/*
 * Nodes over TCP, each with a clock of its own: a watcher that also keeps, three auctioneers, and a solver
 * with money on the other chain. The clocks of the third auctioneer and of the solver are set wrong, and
 * right again, while they run. Peers are the only witnesses of the time here: tests move the time of chains
 * on.
 */

const OFF = 'clock is off: no quotes and no votes until it is right. Set it by NTP';

let scope: Scope;
let dir: string;
let world: World;
let solver: Person;
let bidder: TestNode;
let voter: TestNode;
const auctioneers: TestNode[] = [];
/** How far their clocks are ahead, milliseconds. */
const ahead = { bidder: 0, voter: 0 };

beforeAll(async () => {
  scope = new Scope();
  dir = await mkdtemp(join(tmpdir(), 'gavel-clock-'));
  scope.defer(() => rm(dir, { recursive: true, force: true }), 'folder');
  world = await createWorld(scope, dir);
  solver = await world.person('solver');
  await world.bond(solver, 50_000n);
  await world.endow(solver, 50_000n);
  const api = { listen: '127.0.0.1:0' };
  const keeper = await keyFile(dir, await world.person('keeper'));
  const watcher = await world.startNode('watcher', {
    roles: ['watcher', 'keeper'],
    keeper: { key: keeper },
  });
  const nodes = [watcher];
  for (const [index, key] of AUCTIONEER_KEYS.entries()) {
    const { file } = await keyFile(dir, { key, address: solver.address });
    const sections = { api, roles: ['auctioneer'], auctioneer: { key: { file } } };
    const wall = index === 2 ? () => world.wall() + ahead.voter : undefined;
    voter = await world.startNode(`auctioneer-${index}`, sections, nodes, wall);
    auctioneers.push(voter);
    nodes.push(voter);
  }
  bidder = await world.startNode(
    'bidder',
    {
      api,
      roles: ['solver'],
      solver: {
        key: await keyFile(dir, solver),
        account: solver.address,
        payout: solver.address,
        strategy: new URL('../examples/constant-spread.ts', import.meta.resolve('@gavel/solver-sdk'))
          .pathname,
        options: { spreadBps: 20 },
        confirmations: 0,
      },
    },
    nodes,
    () => world.wall() + ahead.bidder,
  );
});

afterAll(async () => {
  await scope.close();
});

async function health(node: TestNode) {
  const response = await fetch(new URL('/health', node.api));
  return (await response.json()) as {
    bidding: string;
    clock: { state: string; offsetMs: number; uncertaintyMs: number; peers: number; chains: number };
  };
}

/** Expects a measured offset to be the true one, as exactly as the measurement claims. */
function expectOffset(clock: Readonly<Record<string, unknown>>, offset: number): void {
  expect(Number(clock.uncertaintyMs)).toBeLessThan(2_000);
  expect(Math.abs(Number(clock.offsetMs) - offset)).toBeLessThanOrEqual(Number(clock.uncertaintyMs) + 1);
}

/** Waits until enough peers have told both nodes the time. */
async function heardOfTime(): Promise<void> {
  for (const node of [voter, bidder]) {
    await expect.poll(async () => (await health(node)).clock.peers).toBeGreaterThanOrEqual(3);
  }
}

const messages = ({ logged }: TestNode) => logged.lines.map(({ msg }) => msg);

test('a node whose clock is off says so, neither bids nor votes, and does both again once it is right', async () => {
  await heardOfTime();
  // On a busy machine the answers may come too late to tell.
  const { bidding, clock } = await health(bidder);
  expect(bidding).toBe('on');
  expect(['right', 'uncertain']).toContain(clock.state);
  ahead.bidder = 4_000;
  ahead.voter = -4_000;
  const told = await Promise.all([bidder, voter].map(({ logged }) => logged.until(OFF)));
  for (const [index, offset] of [4_000, -4_000].entries()) expectOffset(told[index] ?? {}, offset);
  const shown = await health(bidder);
  expect(shown).toMatchObject({ bidding: 'clock', clock: { state: 'off' } });
  expectOffset(shown.clock, 4_000);
  expect((await fetch(new URL('/ready', bidder.api))).status).toBe(503);

  await world.borrow(await world.person('borrower'), 20_000n, 6_000n);
  await world.price(3_750n);
  const { intent: missed } = await bidder.logged.until('quote rejected', { by: 'clock' });
  const { quoteBy } = await bidder.logged.until('intent received', { intent: missed });
  await world.reach(BigInt(String(quoteBy)));
  await voter.logged.until('auction step withheld, the clock is off');
  expect(messages(bidder)).not.toContain('quote sent');
  expect(messages(voter)).not.toContain('vote sent');

  ahead.bidder = 0;
  ahead.voter = 0;
  await Promise.all([bidder, voter].map(({ logged }) => logged.until('clock is right again')));
  // Nothing is announced again before the last votes could have been cast.
  const { tallyWaitMs, voteWaitMs } = AUCTION_WAITS;
  await world.reach(BigInt(String(quoteBy)) + BigInt(tallyWaitMs + 2 * voteWaitMs));
  const { intent } = await bidder.logged.until('quote sent');
  await world.endQuotes(intent, auctioneers, 1);
  // What peers said of the time is out of date after so long; the next votes come soon enough for it.
  await heardOfTime();
  await world.bringVotes(intent, auctioneers);
  await voter.logged.until('vote sent', { intent });
});

test('what was won by a right clock is paid by a clock that is an hour ahead', async () => {
  const { intent } = await bidder.logged.until('quote sent');
  ahead.bidder = 3_600_000;
  const { orderId } = await bidder.logged.until('landed', { intent });
  await bidder.logged.until('filled', { orderId });
  expect(messages(bidder)).not.toContain('payment withheld');
  expect((await health(bidder)).bidding).toBe('clock');
});
