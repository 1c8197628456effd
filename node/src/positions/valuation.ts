import type { LendingChain, Read } from '@gavel/solver-sdk';
import { type Address, type Hex, maxUint256, type PublicClient, stringify } from 'viem';
import { moduleFailure } from '../runtime/load-module.ts';
import { memoize } from '../runtime/memo.ts';
import { inModule, outOfModule } from '../runtime/module-context.ts';
import type { LoadedProtocol } from './protocols.ts';

/**
 * Prices collateral of a position in its debt by the lending market's own oracle at a block: debt units,
 * rounded down. Rejects if the oracle cannot be read.
 */
export type ValueInDebt = (position: Hex, collateralAmount: bigint, block: bigint) => Promise<bigint>;

/**
 * Which of one owner's positions to take first at a block; undefined if none of them is proposed. Rejects
 * if the chain cannot be asked.
 */
export type Propose = (positions: readonly Hex[], block: bigint) => Promise<Hex | undefined>;

/** Milliseconds that a protocol has for one answer, the reads of the chain included. */
const ANSWER_MS = 60_000;

/** Answers that never change and are remembered of one market. */
const MOST_FIXED = 4_096;

/** Values collateral as the protocol of a market does, of what `client` reads. Rejects if it fails to. */
export function createValuation(loaded: LoadedProtocol, client: PublicClient, source: Address): ValueInDebt {
  const chainAt = readerOf(client, source);
  return (position, amount, block) =>
    answer(loaded, async (protocol) => {
      const value: unknown = await protocol.valueInDebt(position, amount, chainAt(block));
      if (typeof value === 'bigint' && value >= 0n && value <= maxUint256) return value;
      throw new TypeError(`a value is a bigint from 0 to 2^256 - 1, not ${shown(value)}`);
    });
}

/** Proposes as the protocol of a market does, of what `client` reads. Rejects if it fails to. */
export function createProposal(loaded: LoadedProtocol, client: PublicClient, source: Address): Propose {
  const chainAt = readerOf(client, source);
  return (positions, block) =>
    answer(loaded, async (protocol) => {
      const first: unknown = await protocol.propose([...positions], chainAt(block));
      const proposed = positions.find((position) => position === first);
      if (proposed !== undefined || first === undefined) return proposed;
      throw new TypeError(`what is proposed is none of the positions: ${shown(first)}`);
    });
}

/** Asks a protocol, for so long at most; what its module throws is told by file and line. */
async function answer<T>(
  { protocol, module }: LoadedProtocol,
  ask: (protocol: LoadedProtocol['protocol']) => Promise<T>,
): Promise<T> {
  if (module === undefined) return ask(protocol);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new RangeError(`no answer within ${ANSWER_MS / 1_000} s`)),
    ANSWER_MS,
  );
  try {
    return await Promise.race([inModule(module, () => ask(protocol)), late.promise]);
  } catch (cause) {
    throw moduleFailure(module, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the chain of a market as of a block. */
function readerOf(client: PublicClient, source: Address): (block: bigint) => LendingChain {
  type Call = Parameters<PublicClient['readContract']>[0];
  const read = (call: Call, blockNumber: bigint) =>
    outOfModule(() => client.readContract({ ...call, blockNumber }));
  const readFixed = memoize(
    MOST_FIXED,
    async (call: Call, block: bigint) => ({ value: await read(call, block) }),
    // What never changes is the same at each block.
    ({ address, functionName, args }) => stringify([address, functionName, args]),
  );
  return (block) => ({
    source,
    read: ((call: Call) => read(call, block)) as Read,
    readFixed: (async (call: Call) => (await readFixed(call, block)).value) as Read,
  });
}

function shown(value: unknown): string {
  return (stringify(value) ?? String(value)).slice(0, 80);
}
