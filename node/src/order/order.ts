import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';

/** Everything a remote award commits to, field by field `Order` in contracts/src/types/Types.sol. Seconds are Unix. */
export type Order = {
  intent: Hex;
  quote: Hex;
  market: Hex;
  positionKey: Hex;
  homeDomain: number;
  homeEscrow: Address;
  payDomain: number;
  payEscrow: Address;
  collateral: Address;
  debt: Address;
  payToken: Address;
  treasury: Address;
  bridge: Address;
  solver: Address;
  payout: Address;
  terms: number;
  repaid: bigint;
  keeperFee: bigint;
  routeFee: bigint;
  payAmount: bigint;
  ask: bigint;
  maxAsk: bigint;
  bond: bigint;
  latePenalty: bigint;
  openBy: bigint;
  exclusiveUntil: bigint;
  fillDeadline: bigint;
  expiresAt: bigint;
};

/** What a pay chain says of a payment; its order is known from the home chain. `filledAt` in its Unix seconds. */
export type Payment = {
  payer: Address;
  beneficiary: Address;
  ask: bigint;
  filledAt: bigint;
};

/** One payment for one order, field by field `Fill` in contracts/src/types/Types.sol. */
export type Fill = { order: Order } & Payment;

const ORDER_TUPLE = {
  name: 'order',
  type: 'tuple',
  components: [
    { name: 'intent', type: 'bytes32' },
    { name: 'quote', type: 'bytes32' },
    { name: 'market', type: 'bytes32' },
    { name: 'positionKey', type: 'bytes32' },
    { name: 'homeDomain', type: 'uint32' },
    { name: 'homeEscrow', type: 'address' },
    { name: 'payDomain', type: 'uint32' },
    { name: 'payEscrow', type: 'address' },
    { name: 'collateral', type: 'address' },
    { name: 'debt', type: 'address' },
    { name: 'payToken', type: 'address' },
    { name: 'treasury', type: 'address' },
    { name: 'bridge', type: 'address' },
    { name: 'solver', type: 'address' },
    { name: 'payout', type: 'address' },
    { name: 'terms', type: 'uint32' },
    { name: 'repaid', type: 'uint128' },
    { name: 'keeperFee', type: 'uint128' },
    { name: 'routeFee', type: 'uint128' },
    { name: 'payAmount', type: 'uint128' },
    { name: 'ask', type: 'uint128' },
    { name: 'maxAsk', type: 'uint128' },
    { name: 'bond', type: 'uint128' },
    { name: 'latePenalty', type: 'uint128' },
    { name: 'openBy', type: 'uint64' },
    { name: 'exclusiveUntil', type: 'uint64' },
    { name: 'fillDeadline', type: 'uint64' },
    { name: 'expiresAt', type: 'uint64' },
  ],
} as const;

/** ABI-encode an order as `RepaymentEscrow.fill` takes it. */
export function encodeOrder(order: Order): Hex {
  return encodeAbiParameters([ORDER_TUPLE], [order]);
}

/** Compute an order's id: `keccak256(abi.encode(order))`. */
export function orderIdOf(order: Order): Hex {
  return keccak256(encodeOrder(order));
}

/** ABI-encode what a filler asks for: the beneficiary on the home chain and the least ask accepted, collateral units. */
export function encodeFillerData(beneficiary: Address, leastAsk: bigint): Hex {
  return encodeAbiParameters([{ type: 'address' }, { type: 'uint128' }], [beneficiary, leastAsk]);
}
