import { type Address, encodeAbiParameters, parseAbi, parseAbiParameters, zeroAddress } from 'viem';
import { loadArtifact } from '../artifacts.ts';
import type { Chain } from '../chain.ts';
import type { Sender } from '../sender.ts';
import { aaveReadAbi } from './aave.ts';
import { FEED_DECIMALS } from './price-feed.ts';

/** One token of the market. Parts are basis points. */
export interface AaveReserve {
  readonly token: Address;
  readonly symbol: string;
  /** Its dollar price, 8 decimals. */
  readonly feed: Address;
  /** Most debt per collateral value; 0 makes a reserve that is no collateral. */
  readonly ltvBps: number;
  readonly liquidationThresholdBps: number;
  /** What a liquidator gets on top: 500 is 5 %. */
  readonly liquidationBonusBps: number;
  /** Aave's own part of that bonus. */
  readonly protocolFeeBps: number;
  readonly borrowable: boolean;
}

/** A deployed Aave v3 market. */
export interface Aave {
  readonly chain: string;
  readonly addressesProvider: Address;
  readonly pool: Address;
  readonly configurator: Address;
  readonly oracle: Address;
  readonly dataProvider: Address;
  /** The first block worth reading logs from. */
  readonly fromBlock: bigint;
  readonly reserves: readonly AaveReserveTokens[];
}

/** The tokens Aave keeps a reserve's books with. */
export interface AaveReserveTokens {
  readonly token: Address;
  readonly aToken: Address;
  readonly variableDebtToken: Address;
}

const setupAbi = parseAbi([
  'struct InitReserveInput { address aTokenImpl; address variableDebtTokenImpl; address underlyingAsset; string aTokenName; string aTokenSymbol; string variableDebtTokenName; string variableDebtTokenSymbol; bytes params; bytes interestRateData; }',
  'function setACLAdmin(address newAclAdmin)',
  'function setACLManager(address newAclManager)',
  'function setPriceOracle(address newPriceOracle)',
  'function setPoolDataProvider(address newDataProvider)',
  'function setPoolImpl(address newPoolImpl)',
  'function setPoolConfiguratorImpl(address newPoolConfiguratorImpl)',
  'function getPool() view returns (address)',
  'function getPoolConfigurator() view returns (address)',
  'function addPoolAdmin(address admin)',
  'function initReserves(InitReserveInput[] input)',
  'function configureReserveAsCollateral(address asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus)',
  'function setReserveBorrowing(address asset, bool enabled)',
  'function setReserveFactor(address asset, uint256 newReserveFactor)',
  'function setLiquidationProtocolFee(address asset, uint256 newFee)',
]);

/** Basis points a year: optimal usage 80 %, no base rate, slopes of 4 % and 75 %. */
const INTEREST = encodeAbiParameters(
  parseAbiParameters('uint16 optimalUsage, uint32 base, uint32 slope1, uint32 slope2'),
  [8_000, 0, 400, 7_500],
);
const RESERVE_FACTOR_BPS = 1_000n;

/**
 * Deploys Aave v3 itself, compiled from its npm sources, and lists the reserves.
 *
 * The deployer becomes its administrator; `treasury` gets Aave's fees. Throws DEVNET_TX_FAILED, and
 * DEVNET_NO_ARTIFACT before the contracts are built.
 */
export async function deployAave(
  deployer: Sender,
  { reserves, treasury }: { readonly reserves: readonly AaveReserve[]; readonly treasury: Address },
): Promise<Aave> {
  const fromBlock = await deployer.chain.publicClient.getBlockNumber();
  const provider = await create(deployer, 'PoolAddressesProvider', ['Gavel local', deployer.address]);
  const configure = registryCalls(deployer, provider);
  await configure('setACLAdmin', deployer.address);
  const [poolCode, configuratorCode, access, oracle] = await Promise.all([
    deployPool(deployer, provider),
    deployConfigurator(deployer),
    create(deployer, 'ACLManager', [provider]),
    deployOracle(deployer, provider, reserves),
  ]);
  await Promise.all([
    configure('setACLManager', access),
    configure('setPriceOracle', oracle),
    deployer.write({
      address: access,
      abi: setupAbi,
      functionName: 'addPoolAdmin',
      args: [deployer.address],
    }),
  ]);
  await configure('setPoolImpl', poolCode);
  await configure('setPoolConfiguratorImpl', configuratorCode);
  const read = { address: provider, abi: setupAbi } as const;
  const [pool, configurator, dataProvider] = await Promise.all([
    deployer.chain.publicClient.readContract({ ...read, functionName: 'getPool' }),
    deployer.chain.publicClient.readContract({ ...read, functionName: 'getPoolConfigurator' }),
    create(deployer, 'AaveProtocolDataProvider', [provider]), // asks the provider for its pool
  ]);
  await configure('setPoolDataProvider', dataProvider);
  await listReserves(deployer, { pool, configurator, treasury, reserves });
  return {
    chain: deployer.chain.name,
    addressesProvider: provider,
    pool,
    configurator,
    oracle,
    dataProvider,
    fromBlock,
    reserves: await Promise.all(
      reserves.map(({ token }) => readReserveTokens(deployer.chain, dataProvider, token)),
    ),
  };
}

async function create(
  deployer: Sender,
  name: string,
  args: readonly unknown[] = [],
  libraries: Readonly<Record<string, Address>> = {},
): Promise<Address> {
  const artifact = await loadArtifact(`@gavel/contracts/artifacts/aave/${name}.sol/${name}.json`);
  return deployer.deploy(artifact, args, libraries);
}

async function deployPool(deployer: Sender, provider: Address): Promise<Address> {
  const library = async (name: string, libraries = {}): Promise<readonly [string, Address]> => [
    name,
    await create(deployer, name, [], libraries),
  ];
  const independent = ['BorrowLogic', 'LiquidationLogic', 'PoolLogic', 'SupplyLogic'];
  const [rates, ...created] = await Promise.all([
    create(deployer, 'DefaultReserveInterestRateStrategyV2', [provider]),
    ...independent.map((name) => library(name)),
  ]);
  const libraries = Object.fromEntries(created);
  const [name, address] = await library('FlashLoanLogic', libraries);
  return create(deployer, 'PoolInstance', [provider, rates], { ...libraries, [name]: address });
}

async function deployConfigurator(deployer: Sender): Promise<Address> {
  const ConfiguratorLogic = await create(deployer, 'ConfiguratorLogic');
  return create(deployer, 'PoolConfiguratorInstance', [], { ConfiguratorLogic });
}

function deployOracle(
  deployer: Sender,
  provider: Address,
  reserves: readonly AaveReserve[],
): Promise<Address> {
  const tokens = reserves.map(({ token }) => token);
  const feeds = reserves.map(({ feed }) => feed);
  const unit = 10n ** BigInt(FEED_DECIMALS);
  return create(deployer, 'AaveOracle', [provider, tokens, feeds, zeroAddress, zeroAddress, unit]);
}

type RegistrySetter =
  | 'setACLAdmin'
  | 'setACLManager'
  | 'setPriceOracle'
  | 'setPoolDataProvider'
  | 'setPoolImpl'
  | 'setPoolConfiguratorImpl';

function registryCalls(deployer: Sender, provider: Address) {
  return async (functionName: RegistrySetter, value: Address): Promise<void> => {
    await deployer.write({ address: provider, abi: setupAbi, functionName, args: [value] });
  };
}

async function listReserves(
  deployer: Sender,
  market: {
    readonly pool: Address;
    readonly configurator: Address;
    readonly treasury: Address;
    readonly reserves: readonly AaveReserve[];
  },
): Promise<void> {
  // No rewards controller.
  const [aTokenImpl, variableDebtTokenImpl] = await Promise.all([
    create(deployer, 'ATokenInstance', [market.pool, zeroAddress, market.treasury]),
    create(deployer, 'VariableDebtTokenInstance', [market.pool, zeroAddress]),
  ]);
  const configurator = { address: market.configurator, abi: setupAbi } as const;
  await deployer.write({
    ...configurator,
    functionName: 'initReserves',
    args: [
      market.reserves.map(({ token, symbol }) => ({
        aTokenImpl,
        variableDebtTokenImpl,
        underlyingAsset: token,
        aTokenName: `Aave ${symbol}`,
        aTokenSymbol: `a${symbol}`,
        variableDebtTokenName: `Aave variable debt ${symbol}`,
        variableDebtTokenSymbol: `variableDebt${symbol}`,
        params: '0x' as const,
        interestRateData: INTEREST,
      })),
    ],
  });
  await Promise.all(
    market.reserves.map((reserve) => configureReserve(deployer, configurator.address, reserve)),
  );
}

async function configureReserve(deployer: Sender, address: Address, reserve: AaveReserve): Promise<void> {
  const configurator = { address, abi: setupAbi } as const;
  const calls: Promise<unknown>[] = [
    deployer.write({
      ...configurator,
      functionName: 'setReserveFactor',
      args: [reserve.token, RESERVE_FACTOR_BPS],
    }),
    deployer.write({
      ...configurator,
      functionName: 'setLiquidationProtocolFee',
      args: [reserve.token, BigInt(reserve.protocolFeeBps)],
    }),
  ];
  if (reserve.liquidationThresholdBps > 0) {
    const { token, ltvBps, liquidationThresholdBps, liquidationBonusBps } = reserve;
    calls.push(
      deployer.write({
        ...configurator,
        functionName: 'configureReserveAsCollateral',
        args: [token, BigInt(ltvBps), BigInt(liquidationThresholdBps), BigInt(10_000 + liquidationBonusBps)],
      }),
    );
  }
  if (reserve.borrowable) {
    calls.push(
      deployer.write({ ...configurator, functionName: 'setReserveBorrowing', args: [reserve.token, true] }),
    );
  }
  await Promise.all(calls);
}

async function readReserveTokens(
  chain: Chain,
  dataProvider: Address,
  token: Address,
): Promise<AaveReserveTokens> {
  const [aToken, , variableDebtToken] = await chain.publicClient.readContract({
    address: dataProvider,
    abi: aaveReadAbi,
    functionName: 'getReserveTokensAddresses',
    args: [token],
  });
  return { token, aToken, variableDebtToken };
}
