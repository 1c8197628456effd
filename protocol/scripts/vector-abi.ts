/** Encode the vectors' structs as Solidity's `abi.encode` does, so that its tests can decode them whole. */
import { encodeAbiParameters, type Hex } from 'viem';
import { type Intent, type Landing, type Quote, TYPES } from '../src/index.ts';

const intentTuple = { name: 'intent', type: 'tuple', components: TYPES.Intent } as const;
const quoteTuple = { name: 'quote', type: 'tuple', components: TYPES.Quote } as const;
const landingTuple = {
  name: 'landing',
  type: 'tuple',
  components: [
    intentTuple,
    { name: 'attempt', type: 'uint8' },
    { name: 'quotes', type: 'tuple[]', components: [quoteTuple, { name: 'signature', type: 'bytes' }] },
    { name: 'signatures', type: 'bytes' },
  ],
} as const;

/** Return `abi.encode(intent)`. */
export function abiOfIntent(intent: Intent): Hex {
  return encodeAbiParameters([intentTuple], [intent]);
}

/** Return `abi.encode(quote)`. */
export function abiOfQuote(quote: Quote): Hex {
  return encodeAbiParameters([quoteTuple], [quote]);
}

/** Return `abi.encode(landing)`. */
export function abiOfLanding(landing: Landing): Hex {
  return encodeAbiParameters([landingTuple], [landing]);
}
