import { aaveViewHelperAbi } from '@gavel/abi';
import { addressKey, sameAddress } from '@gavel/protocol';
import { contractAddress, defineProtocol, type LendingChain, optionsOf } from '@gavel/solver-sdk';
import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex, parseAbi } from 'viem';

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

/** Aave v3: every pair of an asset a user supplied and one the user borrowed. `source` is the Pool. */
export const aaveV3 = defineProtocol({
  events: EVENTS,
  options: optionsOf({
    /** The `AaveViewHelper` that proposes which collateral and debt of an account to take first. */
    viewHelper: contractAddress().optional(),
  }),
  positions() {
    const users = new Map<string, { collaterals: Set<Address>; debts: Set<Address> }>();
    return (log) => {
      const { reserve } = log.args;
      const user = log.eventName === 'ReserveUsedAsCollateralEnabled' ? log.args.user : log.args.onBehalfOf;
      const { collaterals, debts } = users.get(user) ?? { collaterals: new Set(), debts: new Set() };
      users.set(user, { collaterals, debts });
      if (log.eventName === 'Borrow') {
        debts.add(reserve);
        return [...collaterals].map((collateral) => encodeAavePosition(user, collateral, reserve));
      }
      collaterals.add(reserve);
      return [...debts].map((debt) => encodeAavePosition(user, reserve, debt));
    };
  },
  ownerOf: ownerOfAave,
  valueInDebt: valueOnAave,
  /** The collateral of the lowest liquidation threshold first, then the largest debt. */
  async propose(positions, { read }, { viewHelper }) {
    const [first] = positions;
    if (viewHelper === undefined || first === undefined) return undefined;
    const [user] = decodeAbiParameters(POSITION, first);
    const call = {
      address: viewHelper,
      abi: aaveViewHelperAbi,
      functionName: 'suggest',
      args: [user],
    } as const;
    const [, collaterals, debts] = await read(call);
    const placeIn = (list: readonly { readonly asset: Address }[], asset: Address) =>
      list.findIndex((entry) => sameAddress(entry.asset, asset));
    const ranked = positions.flatMap((position) => {
      const [, collateral, debt] = decodeAbiParameters(POSITION, position);
      const places = [placeIn(collaterals, collateral), placeIn(debts, debt)] as const;
      return places.includes(-1) ? [] : [{ position, places }];
    });
    ranked.sort(({ places: a }, { places: b }) => a[0] - b[0] || a[1] - b[1]);
    return ranked[0]?.position;
  },
});

/** Encodes an Aave position: abi.encode(user, collateral, debt), 96 bytes. */
export function encodeAavePosition(user: Address, collateral: Address, debt: Address): Hex {
  return encodeAbiParameters(POSITION, [user, collateral, debt]);
}

/** Names the user of an Aave position. */
export function ownerOfAave(position: Hex): string {
  return addressKey(decodeAbiParameters(POSITION, position)[0]);
}

/**
 * Prices Aave collateral by the oracle of the Pool. `source` is the Pool, or another contract that names the
 * Pool's addresses provider.
 */
export async function valueOnAave(
  position: Hex,
  amount: bigint,
  { source, read, readFixed }: LendingChain,
): Promise<bigint> {
  const [, collateral, debt] = decodeAbiParameters(POSITION, position);
  const unitOf = async (token: Address) =>
    10n ** BigInt(await readFixed({ address: token, abi: READS, functionName: 'decimals' }));
  const provider = await readFixed({ address: source, abi: READS, functionName: 'ADDRESSES_PROVIDER' });
  const oracle = await read({ address: provider, abi: READS, functionName: 'getPriceOracle' });
  const priceOf = (asset: Address) =>
    read({ address: oracle, abi: READS, functionName: 'getAssetPrice', args: [asset] });
  const [collateralPrice, debtPrice, collateralUnit, debtUnit] = await Promise.all([
    priceOf(collateral),
    priceOf(debt),
    unitOf(collateral),
    unitOf(debt),
  ]);
  if (debtPrice === 0n) return 0n;
  return (amount * collateralPrice * debtUnit) / (debtPrice * collateralUnit);
}
