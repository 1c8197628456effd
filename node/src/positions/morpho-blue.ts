import { defineProtocol, type LendingChain } from '@gavel/solver-sdk';
import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex, parseAbi } from 'viem';

const EVENTS = parseAbi([
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
]);

const READS = parseAbi([
  'function idToMarketParams(bytes32 id) view returns (address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)',
  'function price() view returns (uint256)',
]);

const POSITION = [
  { name: 'id', type: 'bytes32' },
  { name: 'borrower', type: 'address' },
] as const;

/** What Morpho oracles scale their price by: loan units per collateral unit × 1e36. */
const PRICE_SCALE = 10n ** 36n;

/**
 * Morpho Blue: every (market, account) that borrowed; Morpho lends against collateral alone. Morpho's markets
 * are isolated, so each position of an account is its own owner. `source` is Morpho.
 */
export const morphoBlue = defineProtocol({
  events: EVENTS,
  positions:
    () =>
    ({ args: { id, onBehalf } }) => [encodeMorphoPosition(id, onBehalf)],
  valueInDebt: valueOnMorpho,
});

/** Encodes a Morpho position: abi.encode(id, borrower), 64 bytes. */
export function encodeMorphoPosition(id: Hex, borrower: Address): Hex {
  return encodeAbiParameters(POSITION, [id, borrower]);
}

/** Prices Morpho collateral by the oracle of its market. A market's parameters never change. */
export async function valueOnMorpho(
  position: Hex,
  amount: bigint,
  { source, read, readFixed }: LendingChain,
): Promise<bigint> {
  const [id] = decodeAbiParameters(POSITION, position);
  const market = { address: source, abi: READS, functionName: 'idToMarketParams', args: [id] } as const;
  const [, , oracle] = await readFixed(market);
  const price = await read({ address: oracle, abi: READS, functionName: 'price' });
  return (amount * price) / PRICE_SCALE;
}
