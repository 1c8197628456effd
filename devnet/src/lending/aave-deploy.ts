import { type Address, parseAbi, zeroAddress } from 'viem';
import { type Artifact, loadArtifact } from '../artifacts.ts';
import type { Chain } from '../chain.ts';
import type { Sender } from '../sender.ts';
import { aaveReadAbi } from './aave.ts';
import { FEED_DECIMALS } from './price-feed.ts';

/** One token of the market. Parts are basis points. */
export interface AaveReserve {
  readonly token: Address;
  readonly symbol: string;
  readonly decimals: number;
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
  'struct InitReserveInput { address aTokenImpl; address stableDebtTokenImpl; address variableDebtTokenImpl; uint8 underlyingAssetDecimals; address interestRateStrategyAddress; address underlyingAsset; address treasury; address incentivesController; string aTokenName; string aTokenSymbol; string variableDebtTokenName; string variableDebtTokenSymbol; string stableDebtTokenName; string stableDebtTokenSymbol; bytes params; }',
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

const RAY = 10n ** 27n;
/** Optimal use 80 %, no base rate, slopes of 4 % and 75 % a year; the stable rate is not offered. */
const INTEREST = [(8n * RAY) / 10n, 0n, (4n * RAY) / 100n, (75n * RAY) / 100n, 0n, 0n, 0n, 0n, 0n] as const;
const RESERVE_FACTOR_BPS = 1_000n;

/**
 * Deploys the real Aave v3 from its own build, and lists the reserves.
 *
 * The deployer becomes its administrator; `treasury` gets Aave's fees. Throws DEVNET_TX_FAILED.
 */
export async function deployAave(
  deployer: Sender,
  { reserves, treasury }: { readonly reserves: readonly AaveReserve[]; readonly treasury: Address },
): Promise<Aave> {
  const fromBlock = await deployer.chain.publicClient.getBlockNumber();
  const provider = await deployer.deploy(await build('protocol/configuration/PoolAddressesProvider'), [
    'Gavel local',
    deployer.address,
  ]);
  const configure = registryCalls(deployer, provider);
  await configure('setACLAdmin', deployer.address);
  const [poolCode, configuratorCode, access, oracle, dataProvider] = await Promise.all([
    deployPool(deployer, provider),
    deployConfigurator(deployer),
    build('protocol/configuration/ACLManager').then((code) => deployer.deploy(code, [provider])),
    deployOracle(deployer, provider, reserves),
    build('misc/AaveProtocolDataProvider').then((code) => deployer.deploy(code, [provider])),
  ]);
  await Promise.all([
    configure('setACLManager', access),
    configure('setPriceOracle', oracle),
    configure('setPoolDataProvider', dataProvider),
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
  const [pool, configurator] = await Promise.all([
    deployer.chain.publicClient.readContract({ ...read, functionName: 'getPool' }),
    deployer.chain.publicClient.readContract({ ...read, functionName: 'getPoolConfigurator' }),
  ]);
  await listReserves(deployer, { provider, pool, configurator, treasury, reserves });
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

function build(path: string): Promise<Artifact> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return loadArtifact(`@aave/core-v3/artifacts/contracts/${path}.sol/${name}.json`);
}

async function deployPool(deployer: Sender, provider: Address): Promise<Address> {
  const library = async (name: string, libraries = {}): Promise<readonly [string, Address]> => [
    name,
    await deployer.deploy(await build(`protocol/libraries/logic/${name}`), [], libraries),
  ];
  const independent = [
    'BorrowLogic',
    'BridgeLogic',
    'EModeLogic',
    'LiquidationLogic',
    'PoolLogic',
    'SupplyLogic',
  ];
  const libraries = Object.fromEntries(await Promise.all(independent.map((name) => library(name))));
  const [name, address] = await library('FlashLoanLogic', libraries);
  return deployer.deploy(await build('protocol/pool/Pool'), [provider], { ...libraries, [name]: address });
}

async function deployConfigurator(deployer: Sender): Promise<Address> {
  const ConfiguratorLogic = await deployer.deploy(await build('protocol/libraries/logic/ConfiguratorLogic'));
  return deployer.deploy(await build('protocol/pool/PoolConfigurator'), [], { ConfiguratorLogic });
}

async function deployOracle(
  deployer: Sender,
  provider: Address,
  reserves: readonly AaveReserve[],
): Promise<Address> {
  const tokens = reserves.map(({ token }) => token);
  const feeds = reserves.map(({ feed }) => feed);
  const unit = 10n ** BigInt(FEED_DECIMALS);
  const code = await build('misc/AaveOracle');
  return deployer.deploy(code, [provider, tokens, feeds, zeroAddress, zeroAddress, unit]);
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
    readonly provider: Address;
    readonly pool: Address;
    readonly configurator: Address;
    readonly treasury: Address;
    readonly reserves: readonly AaveReserve[];
  },
): Promise<void> {
  const tokenCode = async (name: string) =>
    deployer.deploy(await build(`protocol/tokenization/${name}`), [market.pool]);
  const [aTokenImpl, stableDebtTokenImpl, variableDebtTokenImpl, interestRateStrategyAddress] =
    await Promise.all([
      tokenCode('AToken'),
      tokenCode('StableDebtToken'),
      tokenCode('VariableDebtToken'),
      build('protocol/pool/DefaultReserveInterestRateStrategy').then((code) =>
        deployer.deploy(code, [market.provider, ...INTEREST]),
      ),
    ]);
  const configurator = { address: market.configurator, abi: setupAbi } as const;
  await deployer.write({
    ...configurator,
    functionName: 'initReserves',
    args: [
      market.reserves.map(({ token, symbol, decimals }) => ({
        aTokenImpl,
        stableDebtTokenImpl,
        variableDebtTokenImpl,
        underlyingAssetDecimals: decimals,
        interestRateStrategyAddress,
        underlyingAsset: token,
        treasury: market.treasury,
        incentivesController: zeroAddress,
        aTokenName: `Aave ${symbol}`,
        aTokenSymbol: `a${symbol}`,
        variableDebtTokenName: `Aave variable debt ${symbol}`,
        variableDebtTokenSymbol: `variableDebt${symbol}`,
        stableDebtTokenName: `Aave stable debt ${symbol}`,
        stableDebtTokenSymbol: `stableDebt${symbol}`,
        params: '0x' as const,
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
