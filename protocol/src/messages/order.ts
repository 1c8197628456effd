import { type Address, concat, encodeAbiParameters, encodePacked, type Hex, keccak256, toHex } from 'viem';
import type {
  Domain,
  IntentDigest,
  MarketId,
  OrderId,
  PositionKey,
  QuoteDigest,
  Seconds,
} from '../brands.ts';

/**
 * Everything a remote award commits to, field by field `Order` in contracts/src/types/Types.sol. Seconds are
 * Unix.
 */
export type Order = {
  intent: IntentDigest;
  quote: QuoteDigest;
  market: MarketId;
  positionKey: PositionKey;
  homeDomain: Domain;
  homeEscrow: Address;
  payDomain: Domain;
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
  openBy: Seconds;
  exclusiveUntil: Seconds;
  fillDeadline: Seconds;
  expiresAt: Seconds;
};

/**
 * What a pay chain says of a payment; its order is known from the home chain. `filledAt` in its Unix seconds.
 */
export type Payment = {
  payer: Address;
  beneficiary: Address;
  ask: bigint;
  filledAt: Seconds;
};

/** One payment for one order, field by field `Fill` in contracts/src/types/Types.sol. */
export type Fill = { order: Order } & Payment;

/** The most payments that a run can count. */
const MOST_IN_RUN = 255;

/**
 * Computes an order's id. The layout of this and of all else here is `OrderParts` in contracts/src/libraries:
 * packed, without padding.
 */
export function orderIdOf(order: Order): OrderId {
  const { homeDomain, homeEscrow, payDomain, payEscrow } = order;
  const parties = encodePacked(
    ['uint32', 'address', 'uint32', 'address'],
    [homeDomain, homeEscrow, payDomain, payEscrow],
  );
  const homePart = keccak256(concat([encodeLane(order), encodeLot(order)]));
  return keccak256(concat([parties, encodeOffer(order), homePart, keccak256(encodePayPart(order))]));
}

/** Encodes an order's bill: the `originData` of `RepaymentEscrow.fill`. */
export function encodeBill(order: Order): Hex {
  const home = encodePacked(['uint32', 'address'], [order.homeDomain, order.homeEscrow]);
  const homePart = keccak256(concat([encodeLane(order), encodeLot(order)]));
  return concat([home, encodeOffer(order), homePart, encodePayPart(order)]);
}

/**
 * ABI-encode what a filler asks for: the beneficiary on the home chain and the least ask accepted, collateral
 * units.
 */
export function encodeFillerData(beneficiary: Address, leastAsk: bigint): Hex {
  return encodeAbiParameters([{ type: 'address' }, { type: 'uint128' }], [beneficiary, leastAsk]);
}

/**
 * Encodes payments as `RepaymentEscrow.report` takes them. Those of one solver and market in a row share
 * their lane.
 */
export function encodePayments(fills: readonly Fill[]): Hex {
  return encodeRuns(fills, (fill) => concat([fill.payer, encodePayment(fill)]));
}

/** Encodes the message in which a pay escrow reports payments home. */
export function encodeReport(fills: readonly Fill[], reporter: Address): Hex {
  return concat([reporter, encodeRuns(fills, encodePayment)]);
}

/** Encodes the message that answers payments: yes to those that are accepted. At most 64. */
export function encodeVerdicts(
  answers: readonly { readonly orderId: OrderId; readonly accepted: boolean }[],
): Hex {
  const bits = answers.reduce(
    (sum, { accepted }, index) => (accepted ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
  return concat([toHex(bits, { size: 8 }), ...answers.map(({ orderId }) => orderId)]);
}

function encodeRuns(fills: readonly Fill[], encode: (fill: Fill) => Hex): Hex {
  const runs: { readonly lane: Hex; readonly payments: Hex[] }[] = [];
  for (const fill of fills) {
    const lane = encodeLane(fill.order);
    const last = runs.at(-1);
    if (last?.lane === lane && last.payments.length < MOST_IN_RUN) last.payments.push(encode(fill));
    else runs.push({ lane, payments: [encode(fill)] });
  }
  return concat(
    runs.flatMap(({ lane, payments }) => [lane, toHex(payments.length, { size: 1 }), ...payments]),
  );
}

function encodePayment({ order, beneficiary, ask, filledAt }: Fill): Hex {
  const granted = encodePacked(['address', 'uint128', 'uint64'], [beneficiary, ask, filledAt]);
  return concat([encodeLot(order), encodeOffer(order), keccak256(encodePayPart(order)), granted]);
}

function encodeOffer({ ask, maxAsk, exclusiveUntil }: Order): Hex {
  return encodePacked(['uint128', 'uint128', 'uint64'], [ask, maxAsk, exclusiveUntil]);
}

/** Encodes what orders of one solver and market have in common. */
export function encodeLane({ market, collateral, debt, terms, solver }: Order): Hex {
  return encodePacked(
    ['bytes32', 'address', 'address', 'uint32', 'address'],
    [market, collateral, debt, terms, solver],
  );
}

function encodeLot({ positionKey, repaid, keeperFee, routeFee, bond, latePenalty, openBy }: Order): Hex {
  return encodePacked(
    ['bytes32', 'uint128', 'uint128', 'uint128', 'uint128', 'uint128', 'uint64'],
    [positionKey, repaid, keeperFee, routeFee, bond, latePenalty, openBy],
  );
}

function encodePayPart(order: Order): Hex {
  const { intent, quote, treasury, bridge, expiresAt, payToken, payAmount, payout, fillDeadline } = order;
  const rest = encodePacked(
    ['bytes32', 'bytes32', 'address', 'address', 'uint64'],
    [intent, quote, treasury, bridge, expiresAt],
  );
  return encodePacked(
    ['address', 'uint128', 'address', 'uint64', 'bytes32'],
    [payToken, payAmount, payout, fillDeadline, keccak256(rest)],
  );
}
