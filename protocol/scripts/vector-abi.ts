/** Encode the vectors' structs as Solidity's `abi.encode` does, so that its tests can decode them whole. */
import { encodeAbiParameters, type Hex, parseAbiParameters } from 'viem';
import { type Fill, type Intent, type Landing, type Order, type Quote, TYPES } from '../src/index.ts';

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

/** `Order` and `Fill` of contracts/src/types/Types.sol. */
const structs = [
  'struct Order { bytes32 intent; bytes32 quote; bytes32 market; bytes32 positionKey; uint32 homeDomain; address homeEscrow; uint32 payDomain; address payEscrow; address collateral; address debt; address payToken; address treasury; address bridge; address solver; address payout; uint32 terms; uint128 repaid; uint128 keeperFee; uint128 routeFee; uint128 payAmount; uint128 ask; uint128 maxAsk; uint128 bond; uint128 latePenalty; uint64 openBy; uint64 exclusiveUntil; uint64 fillDeadline; uint64 expiresAt; }',
  'struct Fill { Order order; address payer; address beneficiary; uint128 ask; uint64 filledAt; }',
] as const;
const orderTuple = parseAbiParameters(['Order order', ...structs]);
const fillTuple = parseAbiParameters(['Fill fill', ...structs]);

/** Returns `abi.encode(order)`. */
export function abiOfOrder(order: Order): Hex {
  return encodeAbiParameters(orderTuple, [order]);
}

/** Returns `abi.encode(fill)`. */
export function abiOfFill(fill: Fill): Hex {
  return encodeAbiParameters(fillTuple, [fill]);
}

/** Returns `abi.encode(intent)`. */
export function abiOfIntent(intent: Intent): Hex {
  return encodeAbiParameters([intentTuple], [intent]);
}

/** Returns `abi.encode(quote)`. */
export function abiOfQuote(quote: Quote): Hex {
  return encodeAbiParameters([quoteTuple], [quote]);
}

/** Returns `abi.encode(landing)`. */
export function abiOfLanding(landing: Landing): Hex {
  return encodeAbiParameters([landingTuple], [landing]);
}
