import { expect, test } from 'vitest';
import { createAuctions } from '../auction/auctions.ts';
import type { Core } from '../core.ts';
import { silentTelemetry } from '../observe/telemetry.ts';
import { Scope } from '../runtime/scope.ts';
import type { SolverRole } from '../solver/solver.ts';
import { drain } from './drain.ts';

type Promises = ReturnType<SolverRole['promises']>;

/** A node that has `promises` to keep, and how often it was asked for them. */
function setUp(drainMs: number, promises: () => Promises) {
  const calls = { closed: false, asked: 0 };
  const core = {
    config: { roles: ['solver'], shutdown: { drainMs }, auction: { tallyWaitMs: 1, voteWaitMs: 1 } },
    bidding: { drain: () => (calls.closed = true) },
    scope: new Scope(),
    auctions: createAuctions(),
    now: () => BigInt(Date.now()),
    telemetry: silentTelemetry(),
  } as unknown as Core;
  const solver = {
    promises() {
      calls.asked += 1;
      return promises();
    },
  };
  return { calls, core, solver };
}

const promise = { isWon: true } as Promises[number];

test('with nothing in flight it ends at once, and nothing new is promised', async () => {
  const { calls, core } = setUp(60_000, () => []);
  await drain({ core, solver: undefined });
  expect(calls.closed).toBe(true);
});

test('a payment under way is waited for', async () => {
  const { calls, core, solver } = setUp(60_000, () => (calls.asked < 3 ? [promise] : []));
  await drain({ core, solver });
  expect(calls.asked).toBe(3);
});

test('it is bounded, whatever is left', async () => {
  const { calls, core, solver } = setUp(0, () => [promise]);
  await drain({ core, solver });
  expect(calls.asked).toBe(1);
});

test('a second way of stopping ends it', async () => {
  const { core, solver } = setUp(60_000, () => [promise]);
  const draining = drain({ core, solver });
  core.scope.fail('test', new TypeError('another failure'));
  await draining;
});
