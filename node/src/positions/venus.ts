import { addressKey } from '@gavel/protocol';
import { defineProtocol } from '@gavel/solver-sdk';
import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex, parseAbi } from 'viem';

const READS = parseAbi([
  'function oracle() view returns (address)',
  'function getUnderlyingPrice(address vToken) view returns (uint256)',
]);

const POSITION = [
  { name: 'borrower', type: 'address' },
  { name: 'vTokenCollateral', type: 'address' },
  { name: 'vTokenBorrowed', type: 'address' },
] as const;

/**
 * A pool of Venus's isolated pools. `source` is the pool's Comptroller: a loan enters its market there, as
 * collateral does, so the pairs of markets an account has entered are all of its positions. Pairs without
 * debt have nothing to repay.
 */
export const venusIsolated = defineProtocol({
  events: parseAbi(['event MarketEntered(address indexed vToken, address indexed account)']),
  positions() {
    const entered = new Map<Address, Set<Address>>();
    return ({ args: { vToken, account } }) => {
      const markets = entered.get(account) ?? new Set();
      entered.set(account, markets.add(vToken));
      return [...markets]
        .filter((other) => other !== vToken)
        .flatMap((other) => [
          encodeVenusPosition(account, vToken, other),
          encodeVenusPosition(account, other, vToken),
        ]);
    };
  },
  ownerOf: (position) => addressKey(decodeAbiParameters(POSITION, position)[0]),
  /** Venus scales prices by 36 less the decimals of the token, so amounts need no scaling. */
  async valueInDebt(position, amount, { source, read }) {
    const [, collateral, debt] = decodeAbiParameters(POSITION, position);
    const oracle = await read({ address: source, abi: READS, functionName: 'oracle' });
    const priceOf = (vToken: Address) =>
      read({ address: oracle, abi: READS, functionName: 'getUnderlyingPrice', args: [vToken] });
    const [collateralPrice, debtPrice] = await Promise.all([priceOf(collateral), priceOf(debt)]);
    return debtPrice === 0n ? 0n : (amount * collateralPrice) / debtPrice;
  },
});

/** Encodes a Venus position: abi.encode(borrower, vTokenCollateral, vTokenBorrowed), 96 bytes. */
export function encodeVenusPosition(borrower: Address, collateral: Address, debt: Address): Hex {
  return encodeAbiParameters(POSITION, [borrower, collateral, debt]);
}
