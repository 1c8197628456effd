import { type Ms, sameAddress } from '@gavel/protocol';
import { type Address, BaseError, type Hex, toEventSelector } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import type { ChainFact, OrderEventType, Seen } from '../order/events.ts';
import type { Engine } from './engine.ts';
import { FACT_TYPES, FACTS, type Side } from './facts.ts';

/** A log as far as its place matters. */
type PlacedLog = {
  readonly eventName: string;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
};

/** What undoing takes. */
export type ReorgDeps = {
  readonly engine: Pick<Engine, 'factsIn' | 'forgetParked' | 'record'>;
  readonly chain: Chain;
  readonly address: Address;
  readonly side: Side;
  readonly now: () => Ms;
  readonly telemetry: Telemetry;
};

/**
 * Takes back the facts whose blocks are gone. A batch holds every log of its range, so a fact on record from
 * that range which is not in the batch is suspect; it is taken back only if the chain shows that its
 * transaction is not there, or did something else: an endpoint that merely leaves a log out undoes nothing.
 * Rejects if the chain cannot be asked.
 */
export function createUndo(
  deps: ReorgDeps,
): (logs: readonly PlacedLog[], range: { fromBlock: bigint; toBlock: bigint }) => Promise<void> {
  const { engine, chain, address, now } = deps;
  const { log, metrics } = deps.telemetry;
  const types: ReadonlySet<OrderEventType> = new Set(
    FACT_TYPES.filter((type) => FACTS[type].side === deps.side),
  );

  const stands = async (fact: ChainFact): Promise<boolean> => {
    const receipt = await receiptOf(chain, fact.seen.tx);
    if (receipt === undefined || receipt.blockNumber !== fact.seen.block) return false;
    const selector = toEventSelector(FACTS[fact.type].event);
    return receipt.logs.some((entry) => sameAddress(entry.address, address) && entry.topics[0] === selector);
  };

  return async (logs, { fromBlock, toBlock }) => {
    engine.forgetParked(chain.name, types, fromBlock, toBlock);
    const there = new Set(logs.map((entry) => placeOf(entry.eventName, entry)));
    const suspects = engine
      .factsIn(chain.name, fromBlock, toBlock)
      .filter(
        ({ fact }) => types.has(fact.type) && !there.has(placeOf(FACTS[fact.type].event.name, at(fact.seen))),
      )
      // The latest first: each step back leaves a record that makes sense.
      .reverse();
    for (const { intent, fact } of suspects) {
      const fields = {
        intent,
        chain: chain.name,
        event: fact.type,
        tx: fact.seen.tx,
        block: fact.seen.block,
      };
      if (await stands(fact)) {
        metrics.count('log_left_out', { chain: chain.name });
        log.warn(fields, 'a log on record was left out by the rpc, kept');
        continue;
      }
      metrics.count('order_event_reverted', { event: fact.type });
      await engine.record(intent, [{ type: 'reverted', event: fact.type, seen: fact.seen, at: now() }]);
    }
  };
}

async function receiptOf(chain: Chain, hash: Hex) {
  try {
    return await chain.agreed.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof BaseError && error.name === 'TransactionReceiptNotFoundError') return undefined;
    throw error;
  }
}

function at({ tx, block }: Seen): Omit<PlacedLog, 'eventName'> {
  return { transactionHash: tx, blockNumber: block };
}

function placeOf(name: string, { transactionHash, blockNumber }: Omit<PlacedLog, 'eventName'>): string {
  return `${name}:${transactionHash.toLowerCase()}:${blockNumber}`;
}
