import { aaveMarginCallAbi } from '@gavel/abi';
import { type Address, getAbiItem, type Hex, type PublicClient, size } from 'viem';
import { aavePositions } from './aave-v3.ts';
import { morphoPositions, morphoValueInDebt } from './morpho-blue.ts';
import { hexArgument, type PositionSource, type ValueInDebt } from './source.ts';

/** What both margin-call adapters say of terms; one ABI serves for the two. */
const EVENTS = [
  getAbiItem({ abi: aaveMarginCallAbi, name: 'TermsSet' }),
  getAbiItem({ abi: aaveMarginCallAbi, name: 'TermsSuspended' }),
] as const;

/** A canonical position: how long it is, and whose. */
type Encoding = { readonly bytes: number; readonly ownerOf: PositionSource['ownerOf'] };

/**
 * Collects the positions whose borrowers agreed to a margin call on Aave v3, from the adapter's logs. One
 * that opted out stays known: `assess` answers nothing to repay for it, at the cost of one read a slot, and
 * no reorganisation can then hide one whose leaving was taken back.
 */
export function aaveMarginCalls(): PositionSource {
  return marginCalls({ bytes: 96, ownerOf: aavePositions().ownerOf });
}

/** The same on Morpho Blue. */
export function morphoMarginCalls(): PositionSource {
  return marginCalls({ bytes: 64, ownerOf: morphoPositions().ownerOf });
}

function marginCalls({ bytes, ownerOf }: Encoding): PositionSource {
  const known = new Set<Hex>();
  return {
    events: EVENTS,
    ingest(logs) {
      for (const log of logs) {
        const position = hexArgument(log, 'position');
        const isOurs = EVENTS.some(({ name }) => name === log.eventName);
        if (isOurs && position !== undefined && size(position) === bytes) known.add(position);
      }
    },
    positions: () => known.values(),
    size: () => known.size,
    ownerOf,
  };
}

/** Prices collateral of a Morpho position by the protocol that a margin-call adapter names. */
export function morphoMarginCallValue(client: PublicClient, adapter: Address): ValueInDebt {
  let value: Promise<ValueInDebt> | undefined;
  const ask = async () => {
    const morpho = await client.readContract({
      address: adapter,
      abi: aaveMarginCallAbi,
      functionName: 'PROTOCOL',
    });
    return morphoValueInDebt(client, morpho);
  };
  return async (...args) => {
    value ??= ask();
    value.catch(() => {
      value = undefined;
    });
    return (await value)(...args);
  };
}
