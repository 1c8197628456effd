import { aaveMarginCallAbi } from '@gavel/abi';
import { defineProtocol } from '@gavel/solver-sdk';
import { getAbiItem, type Hex, size } from 'viem';
import { ownerOfAave, valueOnAave } from './aave-v3.ts';
import { valueOnMorpho } from './morpho-blue.ts';

/** What both margin-call adapters say of terms; one ABI serves for the two. */
const EVENTS = [
  getAbiItem({ abi: aaveMarginCallAbi, name: 'TermsSet' }),
  getAbiItem({ abi: aaveMarginCallAbi, name: 'TermsSuspended' }),
] as const;

/**
 * Finds the positions whose borrowers agreed to a margin call, from the adapter's logs. A position that opted
 * out stays known: `assess` answers nothing to repay for it, at the cost of one read a slot, and no
 * reorganisation can then hide a position whose opting out was undone.
 */
const termsOf =
  (bytes: number) =>
  () =>
  ({ args: { position } }: { readonly args: { readonly position: Hex } }) =>
    size(position) === bytes ? [position] : [];

/** Margin calls on Aave v3. `source` is the adapter, which names Aave's addresses provider too. */
export const aaveMarginCall = defineProtocol({
  events: EVENTS,
  positions: termsOf(96),
  ownerOf: ownerOfAave,
  valueInDebt: valueOnAave,
});

/** Margin calls on Morpho Blue. `source` is the adapter. */
export const morphoMarginCall = defineProtocol({
  events: EVENTS,
  positions: termsOf(64),
  async valueInDebt(position, amount, chain) {
    const call = { address: chain.source, abi: aaveMarginCallAbi, functionName: 'PROTOCOL' } as const;
    return valueOnMorpho(position, amount, { ...chain, source: await chain.readFixed(call) });
  },
});
