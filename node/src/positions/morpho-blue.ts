import {
  type Address,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  type PublicClient,
  parseAbi,
} from 'viem';
import { hexArgument, type PositionSource, type SourceLog, type ValueInDebt } from './source.ts';

const EVENTS = parseAbi([
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event SupplyCollateral(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets)',
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

/** Encodes a Morpho position: abi.encode(id, borrower), 64 bytes. */
export function encodeMorphoPosition(id: Hex, borrower: Address): Hex {
  return encodeAbiParameters(POSITION, [id, borrower]);
}

/**
 * Collects Morpho Blue positions from its logs: every (market, account) that borrowed and has put up
 * collateral.
 */
export function morphoPositions(): PositionSource {
  const borrowed = new Set<Hex>();
  const secured = new Set<Hex>();
  const known = new Set<Hex>();

  const ingest = (log: SourceLog) => {
    const id = hexArgument(log, 'id');
    const borrower = hexArgument(log, 'onBehalf');
    if (id === undefined || borrower === undefined) return;
    const position = encodeMorphoPosition(id, borrower);
    (log.eventName === 'Borrow' ? borrowed : secured).add(position);
    if (borrowed.has(position) && secured.has(position)) known.add(position);
  };

  return {
    events: EVENTS,
    ingest(logs) {
      for (const log of logs) if (EVENTS.some(({ name }) => name === log.eventName)) ingest(log);
    },
    positions: () => known.values(),
    size: () => known.size,
    // Morpho's markets are isolated: each position of an account stands for itself.
    ownerOf: (position) => position.toLowerCase(),
  };
}

/**
 * Prices Morpho collateral by the market's own oracle. A market's parameters never change and are read once.
 */
export function morphoValueInDebt(client: PublicClient, morpho: Address): ValueInDebt {
  const oracles = new Map<Hex, Promise<Address>>();
  const oracleOf = (id: Hex) => {
    const known = oracles.get(id);
    if (known !== undefined) return known;
    const asked = client
      .readContract({ address: morpho, abi: READS, functionName: 'idToMarketParams', args: [id] })
      .then(([, , oracle]) => oracle);
    oracles.set(id, asked);
    asked.catch(() => oracles.delete(id));
    return asked;
  };
  return async (position, amount, blockNumber) => {
    const [id] = decodeAbiParameters(POSITION, position);
    const price = await client.readContract({
      address: await oracleOf(id),
      abi: READS,
      functionName: 'price',
      blockNumber,
    });
    return (amount * price) / PRICE_SCALE;
  };
}
