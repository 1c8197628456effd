import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBill, encodeFillerData, type Order, orderIdOf } from '@gavel/protocol';
import { anyOrder } from '@gavel/protocol/testing';
import { Mailbox__factory as MailboxFactory } from '@hyperlane-xyz/core';
import fc from 'fast-check';
import { type Address, BaseError, ContractFunctionRevertedError, maxUint128 } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devAccount } from '../src/accounts.ts';
import { type Artifact, gavelArtifact } from '../src/artifacts.ts';
import { type Chain, startChain } from '../src/chain.ts';
import { createSender } from '../src/sender.ts';
import { askOf } from './amounts-model.ts';

const DOMAIN = 1001;
const stack = new AsyncDisposableStack();
let chain: Chain;
let escrow: Address;
let artifact: Artifact;

beforeAll(async () => {
  const logDir = await mkdtemp(join(tmpdir(), 'gavel-ask-curve-'));
  stack.defer(() => rm(logDir, { recursive: true, force: true }));
  chain = await startChain({ name: 'alpha', chainId: 31337, domain: DOMAIN, blockTime: 1, stack, logDir });
  const deployer = createSender(chain, devAccount(0).privateKey);
  const { abi, bytecode } = MailboxFactory;
  const mailbox = await deployer.deploy({ name: 'Mailbox', abi, bytecode, linkReferences: {} }, [DOMAIN]);
  artifact = await gavelArtifact('RepaymentEscrow');
  escrow = await deployer.deploy(artifact, [mailbox, deployer.address]);
});

afterAll(() => stack.disposeAsync());

/** Times of an order that can be paid, and one to pay at: exclusive, public, or at an edge of either. */
const anyTimes = fc
  .record({
    exclusiveUntil: fc.bigInt({ min: 2n ** 31n, max: 2n ** 33n }),
    window: fc.bigInt({ min: 1n, max: 1_000_000n }),
    place: fc.oneof(fc.constantFrom(0n, 1n, 10_000n), fc.bigInt({ min: -2_000n, max: 10_000n })),
  })
  .map(({ exclusiveUntil, window, place }) => ({
    exclusiveUntil,
    fillDeadline: exclusiveUntil + window,
    at: exclusiveUntil + (window * place) / 10_000n,
  }));

const anyAsks = fc
  .tuple(...Array.from({ length: 2 }, () => fc.bigInt({ min: 0n, max: maxUint128 - 1n })))
  .map(([one = 0n, other = 0n]) => (one < other ? { ask: one, maxAsk: other } : { ask: other, maxAsk: one }));

it('grants every fill the ask of a model of the specification', async () => {
  await fc.assert(
    fc.asyncProperty(anyOrder, anyAsks, anyTimes, async (any, asks, { at, ...times }) => {
      const order: Order = { ...any, ...asks, ...times, payDomain: DOMAIN, payEscrow: escrow };
      expect(await grantedAt(order, at)).toBe(askOf({ ...order, at }));
    }),
    { numRuns: 500 },
  );
});

/** The ask that the real escrow would grant, by asking for more than any payer can have. Collateral units. */
async function grantedAt(order: Order, at: bigint): Promise<bigint> {
  const filling = chain.publicClient.simulateContract({
    address: escrow,
    abi: artifact.abi,
    functionName: 'fill',
    args: [orderIdOf(order), encodeBill(order), encodeFillerData(order.payout, maxUint128)],
    blockOverrides: { time: at },
  });
  const error = await filling.then(
    () => new Error('the escrow granted an ask that nobody can have'),
    (cause: unknown) => cause,
  );
  const reverted =
    error instanceof BaseError && error.walk((one) => one instanceof ContractFunctionRevertedError);
  if (!(reverted instanceof ContractFunctionRevertedError) || reverted.data?.errorName !== 'AskBelowLeast')
    throw error;
  const [granted] = reverted.data.args as readonly [bigint, bigint];
  return granted;
}
