import { aaveViewHelperAbi } from '@gavel/abi';
import { addressKey, sameAddress } from '@gavel/protocol';
import {
  type Address,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  type PublicClient,
  parseAbi,
} from 'viem';
import {
  hexArgument,
  type PositionSource,
  type Propose,
  type SourceLog,
  type ValueInDebt,
} from './source.ts';

const EVENTS = parseAbi([
  'event Supply(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint16 indexed referralCode)',
  'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)',
  'event ReserveUsedAsCollateralEnabled(address indexed reserve, address indexed user)',
]);

const READS = parseAbi([
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getPriceOracle() view returns (address)',
  'function getAssetPrice(address asset) view returns (uint256)',
  'function decimals() view returns (uint8)',
]);

const POSITION = [
  { name: 'user', type: 'address' },
  { name: 'collateral', type: 'address' },
  { name: 'debt', type: 'address' },
] as const;

type Reserves = { readonly collaterals: Set<Address>; readonly debts: Set<Address> };

/** Encodes an Aave position: abi.encode(user, collateral, debt), 96 bytes. */
export function encodeAavePosition(user: Address, collateral: Address, debt: Address): Hex {
  return encodeAbiParameters(POSITION, [user, collateral, debt]);
}

/**
 * Collects Aave v3 positions from a Pool's logs: every pair of an asset a user supplied and one it borrowed.
 */
export function aavePositions(): PositionSource {
  const users = new Map<Address, Reserves>();
  const known = new Set<Hex>();

  const add = (user: Address, collaterals: Iterable<Address>, debts: Iterable<Address>) => {
    for (const collateral of collaterals) {
      for (const debt of debts) known.add(encodeAavePosition(user, collateral, debt));
    }
  };
  const ingest = (log: SourceLog) => {
    const reserve = hexArgument(log, 'reserve');
    const user = hexArgument(log, log.eventName === 'ReserveUsedAsCollateralEnabled' ? 'user' : 'onBehalfOf');
    if (reserve === undefined || user === undefined) return;
    const reserves = users.get(user) ?? { collaterals: new Set(), debts: new Set() };
    users.set(user, reserves);
    if (log.eventName === 'Borrow') {
      reserves.debts.add(reserve);
      add(user, reserves.collaterals, [reserve]);
    } else {
      reserves.collaterals.add(reserve);
      add(user, [reserve], reserves.debts);
    }
  };

  return {
    events: EVENTS,
    ingest(logs) {
      for (const log of logs) if (EVENTS.some(({ name }) => name === log.eventName)) ingest(log);
    },
    positions: () => known.values(),
    size: () => known.size,
    ownerOf: (position) => addressKey(decodeAbiParameters(POSITION, position)[0]),
  };
}

/** Prices Aave collateral by the Pool's own oracle. Token decimals and the provider are read once. */
export function aaveValueInDebt(client: PublicClient, pool: Address): ValueInDebt {
  const decimals = new Map<Address, Promise<bigint>>();
  let provider: Promise<Address> | undefined;
  const providerOf = () => {
    provider ??= client.readContract({ address: pool, abi: READS, functionName: 'ADDRESSES_PROVIDER' });
    provider.catch(() => {
      provider = undefined;
    });
    return provider;
  };
  const unitOf = (token: Address) => {
    const known = decimals.get(token);
    if (known !== undefined) return known;
    const asked = client
      .readContract({ address: token, abi: READS, functionName: 'decimals' })
      .then((value) => 10n ** BigInt(value));
    decimals.set(token, asked);
    asked.catch(() => decimals.delete(token));
    return asked;
  };
  return async (position, amount, blockNumber) => {
    const [, collateral, debt] = decodeAbiParameters(POSITION, position);
    const oracle = await client.readContract({
      address: await providerOf(),
      abi: READS,
      functionName: 'getPriceOracle',
      blockNumber,
    });
    const price = (asset: Address) =>
      client.readContract({
        address: oracle,
        abi: READS,
        functionName: 'getAssetPrice',
        args: [asset],
        blockNumber,
      });
    const [collateralPrice, debtPrice, collateralUnit, debtUnit] = await Promise.all([
      price(collateral),
      price(debt),
      unitOf(collateral),
      unitOf(debt),
    ]);
    if (debtPrice === 0n) return 0n;
    return (amount * collateralPrice * debtUnit) / (debtPrice * collateralUnit);
  };
}

/**
 * Propose what the `AaveViewHelper` at an address does: the collateral of the lowest liquidation threshold
 * first, for it lifts health most for what it costs, then the largest debt.
 */
export function aaveProposal(client: PublicClient, viewHelper: Address): Propose {
  return async (positions, blockNumber) => {
    const [first] = positions;
    if (first === undefined) return undefined;
    const [user] = decodeAbiParameters(POSITION, first);
    const [, collaterals, debts] = await client.readContract({
      address: viewHelper,
      abi: aaveViewHelperAbi,
      functionName: 'suggest',
      args: [user],
      blockNumber,
    });
    const placeIn = (list: readonly { readonly asset: Address }[], asset: Address) =>
      list.findIndex((entry) => sameAddress(entry.asset, asset));
    const ranked = positions.flatMap((position) => {
      const [, collateral, debt] = decodeAbiParameters(POSITION, position);
      const places = [placeIn(collaterals, collateral), placeIn(debts, debt)] as const;
      return places.includes(-1) ? [] : [{ position, places }];
    });
    ranked.sort(({ places: a }, { places: b }) => a[0] - b[0] || a[1] - b[1]);
    return ranked[0]?.position;
  };
}
