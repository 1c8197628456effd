import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Abi, Address } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devAccount } from '../src/accounts.ts';
import { type Artifact, loadArtifact } from '../src/artifacts.ts';
import { type Chain, startChain } from '../src/chain.ts';
import { createSender } from '../src/sender.ts';
import {
  ceiling,
  floor,
  inDecimals,
  type Late,
  leastPenalty,
  lotOf,
  part,
  priceOf,
  proRata,
  type Sale,
} from './amounts-model.ts';

/** Cases of one call; a property draws as many calls. */
const CASES = { minLength: 250, maxLength: 250 };
const RUNS = { numRuns: 16 };

const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 96n }),
  fc.bigInt({ min: 0n, max: 1000n }),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
);
const bps = fc.oneof(fc.bigInt({ min: 0n, max: 10_000n }), fc.constantFrom(0n, 1n, 9999n, 10_000n));

const anySale: fc.Arbitrary<Sale> = fc
  .record({
    seized: amount,
    debt: amount,
    floorBps: bps,
    leastBps: bps,
    start: fc.bigInt({ min: 0n, max: 2n ** 40n }),
    length: fc.bigInt({ min: 1n, max: 100_000n }),
    after: fc.oneof(fc.bigInt({ min: 0n, max: 300_000n }), fc.bigInt({ min: 0n, max: 20_000_000n })),
  })
  .map(({ floorBps, after, ...sale }) => ({
    ...sale,
    floor: ceiling(part(sale.debt, floorBps)),
    at: sale.start + after,
  }));

const anyDerived = fc
  .record({
    amount,
    bps,
    ask: amount,
    repay: fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
    seizable: amount,
    part: bps,
    from: fc.integer({ min: 0, max: 36 }),
    to: fc.integer({ min: 0, max: 36 }),
  })
  .map(({ part: taken, ...one }) => ({ ...one, repaid: floor(part(one.repay, taken)) }));

const anyLate: fc.Arbitrary<Late> = fc
  .record({
    repaid: amount,
    seizable: fc.bigInt({ min: 1n, max: 2n ** 96n }),
    risePart: bps,
    part: bps,
    bountyBps: bps,
    bonusBps: bps,
  })
  .map(({ risePart, part: reached, ...one }) => {
    const fullRise = floor(part(one.seizable, risePart));
    return { ...one, fullRise, rise: floor(part(fullRise, reached)) };
  });

describe('amounts in Solidity and in a model of the specification', () => {
  const stack = new AsyncDisposableStack();
  let chain: Chain;
  let harness: Address;
  let artifact: Artifact;

  beforeAll(async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'gavel-amounts-'));
    stack.defer(() => rm(logDir, { recursive: true, force: true }));
    chain = await startChain({ name: 'alpha', chainId: 31337, domain: 1001, blockTime: 1, stack, logDir });
    artifact = await loadArtifact('@gavel/contracts/artifacts/AmountsHarness.sol/AmountsHarness.json');
    harness = await createSender(chain, devAccount(0).privateKey).deploy(artifact);
  });

  afterAll(() => stack.disposeAsync());

  const call = (functionName: string, cases: readonly unknown[]): Promise<unknown> =>
    chain.publicClient.readContract({
      address: harness,
      abi: artifact.abi as Abi,
      functionName,
      args: [cases],
    });

  it('agree on every lot and price of a sale', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySale, CASES), async (sales) => {
        expect(await call('sales', sales)).toEqual([sales.map(lotOf), sales.map(priceOf)]);
      }),
      RUNS,
    );
  });

  it('agree on every part, scaled amount and conversion', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyDerived, CASES), async (cases) => {
        expect(await call('derive', cases)).toEqual(
          cases.map((one) => [
            floor(part(one.amount, one.bps)),
            ceiling(part(one.amount, one.bps)),
            ceiling(proRata(one.ask, one.repaid, one.repay)),
            floor(proRata(one.seizable, one.repaid, one.repay)),
            inDecimals(one.amount, one.from, one.to),
          ]),
        );
      }),
      RUNS,
    );
  });

  it('forfeit for a late fill no less than it gains, and at most four units more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLate, CASES), async (fills) => {
        const [full, due] = (await call('penalties', fills)) as [bigint[], bigint[]];
        fills.forEach((fill, index) => {
          for (const [got, least] of [
            [due[index] ?? -1n, leastPenalty(fill)],
            [full[index] ?? -1n, leastPenalty({ ...fill, rise: fill.fullRise })],
          ] as const) {
            expect(got).toBeGreaterThanOrEqual(least);
            expect(got).toBeLessThanOrEqual(least + 4n);
          }
        });
      }),
      RUNS,
    );
  });
});
