import { type Abi, type Address, isAddress, isHex, parseAbi } from 'viem';
import { adapterLabel, type Placed } from './placement.ts';
import type { MarketConfig } from './types.ts';

/** The largest bonus of a market's protocol, and where it comes from. */
export interface Bonus {
  readonly bps: number;
  readonly of: string;
}

/** Modes with collaterals are numbered without gaps larger than this. */
const MOST_GAP = 8;

/**
 * Reads the largest bonus that the protocol behind a market's adapter pays for its collaterals; undefined for
 * protocols that are not known here. `problem` is told what the protocol does not list.
 */
export async function protocolBonus(
  placed: Placed,
  market: MarketConfig,
  problem: (text: string) => void,
): Promise<Bonus | undefined> {
  const parts = await partsOf(placed, market);
  if (parts.maxPenaltyBps !== undefined) {
    return { bps: parts.maxPenaltyBps, of: 'the largest penalty of the margin calls' };
  }
  if (parts.provider !== undefined) return aaveBonus(placed, market, parts.provider, problem);
  if (parts.morpho !== undefined) return morphoBonus(placed, parts.morpho, parts.ids);
  return undefined;
}

interface Parts {
  readonly maxPenaltyBps?: number;
  readonly provider?: Address;
  readonly morpho?: Address;
  readonly ids: readonly `0x${string}`[];
}

/** What an adapter is made of, from the file, or from the adapter itself. */
async function partsOf({ chain, contracts }: Placed, { id, adapter }: MarketConfig): Promise<Parts> {
  if ('address' in adapter) {
    const address = contracts[adapterLabel(id)];
    if (address === undefined) return { ids: [] };
    const read = (functionName: string) => chain.read({ address, abi: ADAPTER, functionName });
    const bounds = await read('bounds');
    const provider = await read('ADDRESSES_PROVIDER');
    const most =
      typeof bounds === 'object' && bounds !== null && 'maxPenaltyBps' in bounds
        ? bounds.maxPenaltyBps
        : undefined;
    return {
      ids: [],
      ...addressAs('provider', provider),
      ...(typeof most === 'number' ? { maxPenaltyBps: most } : {}),
    };
  }
  const { provider, morpho, ids, bounds } = adapter.args;
  const most =
    typeof bounds === 'object' && !Array.isArray(bounds) && 'maxPenaltyBps' in bounds
      ? Number(bounds.maxPenaltyBps)
      : undefined;
  return {
    ids: Array.isArray(ids) ? ids.filter((one): one is `0x${string}` => isHex(one) && one.length === 66) : [],
    ...addressAs('provider', provider),
    ...addressAs('morpho', morpho),
    ...(most === undefined || Number.isNaN(most) ? {} : { maxPenaltyBps: most }),
  };
}

function addressAs<K extends string>(name: K, value: unknown): { [key in K]?: Address } {
  return (typeof value === 'string' && isAddress(value) ? { [name]: value } : {}) as { [key in K]?: Address };
}

async function aaveBonus(
  { chain }: Placed,
  market: MarketConfig,
  provider: Address,
  problem: (text: string) => void,
): Promise<Bonus | undefined> {
  const pool = await chain.read({ address: provider, abi: AAVE, functionName: 'getPool' });
  if (typeof pool !== 'string') return undefined; // no provider: the adapter's constructor reverts, and that is told
  const read = (functionName: string, ...args: readonly unknown[]) =>
    chain.read({ address: pool as Address, abi: AAVE, functionName, args });
  for (const { token } of market.debts) {
    const asset = chain.config.tokens[token];
    if (asset !== undefined && (await read('getConfiguration', asset)) === 0n) {
      problem(`Aave's pool ${pool} does not list the debt token ${token}, ${asset}`);
    }
  }
  let most: Bonus | undefined;
  const consider = (bonus: number, of: string) => {
    if (bonus > 10_000 && bonus - 10_000 > (most?.bps ?? 0)) most = { bps: bonus - 10_000, of };
  };
  const ids = new Map<string, number>();
  for (const token of market.collaterals) {
    const asset = chain.config.tokens[token];
    if (asset === undefined) continue;
    const configuration = await read('getConfiguration', asset);
    if (typeof configuration !== 'bigint') continue;
    if (configuration === 0n) {
      problem(`Aave's pool ${pool} does not list the collateral ${token}, ${asset}`);
      continue;
    }
    consider(Number((configuration >> 32n) & 0xffffn), `Aave's bonus of ${token}`);
    const reserve = await read('getReserveData', asset);
    const id: unknown = Array.isArray(reserve) ? reserve[RESERVE_ID] : undefined;
    if (typeof id === 'number') ids.set(token, id);
  }
  for (let [mode, blank] = [1, 0]; ids.size > 0 && mode < 256 && blank < MOST_GAP; mode += 1) {
    const bitmap = await read('getEModeCategoryCollateralBitmap', mode);
    if (typeof bitmap !== 'bigint') break;
    blank = bitmap === 0n ? blank + 1 : 0;
    const [token] = [...ids].find(([, id]) => (bitmap >> BigInt(id)) & 1n) ?? [];
    if (token === undefined) continue;
    const rules = await read('getEModeCategoryCollateralConfig', mode);
    if (typeof rules !== 'object' || rules === null || !('liquidationBonus' in rules)) continue;
    consider(Number(rules.liquidationBonus), `Aave's bonus of ${token} in e-mode ${mode}`);
  }
  return most;
}

async function morphoBonus(
  { chain }: Placed,
  morpho: Address,
  ids: readonly `0x${string}`[],
): Promise<Bonus | undefined> {
  let most: Bonus | undefined;
  for (const id of ids) {
    const params = await chain.read({
      address: morpho,
      abi: MORPHO,
      functionName: 'idToMarketParams',
      args: [id],
    });
    const lltv = Array.isArray(params) ? params[4] : undefined;
    if (typeof lltv !== 'bigint' || lltv === 0n) continue; // no such market: the constructor reverts
    const bps = incentiveBps(lltv);
    if (bps > (most?.bps ?? 0)) most = { bps, of: `Morpho's incentive of market ${id}` };
  }
  return most;
}

const WAD = 10n ** 18n;

/**
 * Morpho's incentive beyond the debt, basis points rounded up: at most 15 %, less the closer to one the
 * threshold.
 */
function incentiveBps(lltv: bigint): number {
  const factor = (WAD * WAD) / (WAD - (3n * (WAD - lltv)) / 10n);
  const incentive = (factor < (115n * WAD) / 100n ? factor : (115n * WAD) / 100n) - WAD;
  return Number((incentive * 10_000n + WAD - 1n) / WAD);
}

const ADAPTER: Abi = parseAbi([
  'struct Bounds { uint16 maxTriggerBps; uint16 minTargetBps; uint16 maxTargetBps; uint16 minPenaltyBps; uint16 maxPenaltyBps; }',
  'function bounds() view returns (Bounds)',
  'function ADDRESSES_PROVIDER() view returns (address)',
]);
const AAVE: Abi = parseAbi([
  'struct CollateralConfig { uint16 ltv; uint16 liquidationThreshold; uint16 liquidationBonus; }',
  'function getPool() view returns (address)',
  'function getConfiguration(address asset) view returns (uint256)',
  // a reserve's state, of which only its id is read
  'function getReserveData(address asset) view returns (uint256, uint256, uint256, uint256, uint256, uint256, uint256, uint16, address, address, address, address, uint256, uint256, uint256)',
  'function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)',
  'function getEModeCategoryCollateralConfig(uint8 id) view returns (CollateralConfig)',
]);
/** Place of the id among the values of `getReserveData`. */
const RESERVE_ID = 7;
const MORPHO: Abi = parseAbi([
  'function idToMarketParams(bytes32 id) view returns (address, address, address, address, uint256)',
]);
