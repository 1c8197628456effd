import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  awardDigest,
  encodeBill,
  type Home,
  intentDigest,
  orderIdOf,
  positionKey,
  quoteDigest,
} from '@gavel/protocol';
import { anyAddress, anyBytes32, anyIntent, anyOrder, anyQuote } from '@gavel/protocol/testing';
import fc from 'fast-check';
import type { Abi, Address, Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devAccount } from '../src/accounts.ts';
import { type Artifact, loadArtifact } from '../src/artifacts.ts';
import { type Chain, startChain } from '../src/chain.ts';
import { createSender } from '../src/sender.ts';

/** Messages of each kind; each is a call of the real library on a real chain. */
const RUNS = { numRuns: 250 };

describe('digests in Solidity and TypeScript', () => {
  const stack = new AsyncDisposableStack();
  let chain: Chain;
  let harness: Address;
  let artifact: Artifact;

  beforeAll(async () => {
    const logDir = await mkdtemp(join(tmpdir(), 'gavel-digests-'));
    stack.defer(() => rm(logDir, { recursive: true, force: true }));
    chain = await startChain({ name: 'alpha', chainId: 31337, domain: 1001, blockTime: 1, stack, logDir });
    artifact = await loadArtifact('@gavel/contracts/artifacts/DigestsHarness.sol/DigestsHarness.json');
    harness = await createSender(chain, devAccount(0).privateKey).deploy(artifact);
  });

  afterAll(() => stack.disposeAsync());

  const call = (functionName: string, ...args: unknown[]): Promise<unknown> =>
    chain.publicClient.readContract({ address: harness, abi: artifact.abi as Abi, functionName, args });

  const onChain = async (home: Home, hasher: string, message: unknown): Promise<unknown> => {
    const [separator, structHash] = await Promise.all([
      call('domainSeparator', BigInt(home.chainId), home.escrow),
      call(hasher, message),
    ]);
    return call('digest', separator, structHash);
  };

  const anyHome: fc.Arbitrary<Home> = fc.record({
    chainId: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
    escrow: anyAddress,
  });

  it('agree on every intent', async () => {
    await fc.assert(
      fc.asyncProperty(anyHome, anyIntent, async (home, drawn) => {
        const intent = { ...drawn, escrow: home.escrow };
        expect(intentDigest(intent, home)).toBe(await onChain(home, 'hashIntent', intent));
      }),
      RUNS,
    );
  });

  it('agree on every quote', async () => {
    await fc.assert(
      fc.asyncProperty(anyHome, anyQuote, async (home, quote) => {
        expect(quoteDigest(quote, home)).toBe(await onChain(home, 'hashQuote', quote));
      }),
      RUNS,
    );
  });

  it('agree on every award', async () => {
    const anyAward = fc.record({
      intent: anyBytes32,
      attempt: fc.constantFrom(1 as const, 2 as const),
      first: anyBytes32,
      second: anyBytes32,
      third: anyBytes32,
    });
    await fc.assert(
      fc.asyncProperty(anyHome, anyAward, async (home, award) => {
        expect(awardDigest(award, home)).toBe(await onChain(home, 'hashAward', award));
      }),
      RUNS,
    );
  });

  it("agree on every order's id and bill", async () => {
    await fc.assert(
      fc.asyncProperty(anyOrder, async (order) => {
        expect(orderIdOf(order)).toBe(await call('orderId', order));
        expect(encodeBill(order)).toBe(await call('bill', order));
      }),
      RUNS,
    );
  });

  it('agree on every position key', async () => {
    const anyPosition = fc.uint8Array({ minLength: 1, maxLength: 256 }).map(hex);
    await fc.assert(
      fc.asyncProperty(anyBytes32, anyPosition, async (market, position) => {
        expect(positionKey(market, position)).toBe(await call('positionKey', market, position));
      }),
      RUNS,
    );
  });
});

function hex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
