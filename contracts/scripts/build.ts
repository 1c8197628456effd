/**
 * Compiles what other packages load from `out`: Gavel's contracts, the devnet's, the examples, Aave v3 and
 * Morpho Blue.
 */
import { npmCommand } from './command.ts';
import { requireForge } from './forge.ts';
import { startProgress } from './progress.ts';
import { installVenus } from './venus.ts';

/** Folders of contracts, and the test harnesses that tests in TypeScript call. */
const SOURCES = ['src', 'devnet', 'examples', 'test/base/DigestsHarness.sol', 'test/base/AmountsHarness.sol'];

/** Folder of Aave v3's sources, and the contracts that make up a pool; those import their libraries. */
const AAVE = '../node_modules/@aave-dao/aave-v3-origin/src/contracts';
const AAVE_SOURCES = [
  'helpers/AaveProtocolDataProvider',
  'instances/ATokenInstance',
  'instances/PoolConfiguratorInstance',
  'instances/PoolInstance',
  'instances/VariableDebtTokenInstance',
  'misc/AaveOracle',
  'misc/DefaultReserveInterestRateStrategyV2',
  'misc/PriceOracleSentinel',
  'mocks/oracle/SequencerOracle',
  'protocol/configuration/ACLManager',
  'protocol/configuration/PoolAddressesProvider',
].map((path) => `${AAVE}/${path}.sol`);

/** Time that an up-to-date build takes at most, in milliseconds: such a build prints nothing. */
const SILENT_MS = 1_500;

/**
 * Compiles what is out of date. Prints progress lines in place of the compiler's output; if a compilation
 * fails, prints that output and ends this process with the compiler's exit code.
 */
export async function buildContracts(): Promise<void> {
  using progress = startProgress(
    'compiling the contracts, which takes about two minutes the first time',
    SILENT_MS,
  );
  await requireForge(['build', ...SOURCES]);
  progress.update('Aave and Morpho Blue');
  await compileProtocols();
}

/** Makes each lending protocol that Solidity tests deploy available: compiled, or from its package. */
export async function buildProtocols(): Promise<void> {
  await installVenus();
  await compileProtocols();
}

/**
 * Compiles Aave v3 and Morpho Blue from their npm sources, into `out/aave` and `out/external`. Tests and the
 * devnet load them from there.
 */
async function compileProtocols(): Promise<void> {
  await requireForge(['build', ...AAVE_SOURCES], { env: { FOUNDRY_PROFILE: 'aave' } });
  await requireForge(['build'], { env: { FOUNDRY_PROFILE: 'morpho' } });
}

if (import.meta.main) {
  npmCommand(
    'build',
    'Compile what is out of date of the contracts, the examples, Aave and Morpho Blue.',
  ).parse();
  await installVenus();
  await buildContracts();
}
