import { type Artifact, type Bundle, createArtifacts } from '../src/artifacts.ts';

/** What `gavel-deploy` puts on chains or asks about; the libraries these link come along. */
export const BUNDLED = [
  'AccessManager',
  'RoleTable',
  'MarketRegistry',
  'SolverBonds',
  'CollateralEscrow',
  'RepaymentEscrow',
  'Erc7683Resolver',
  'BackstopVault',
  'WarpRouteBridge',
  'RouteReceiver',
  'AaveV3Adapter',
  'AaveMarginCall',
  'MorphoBlueAdapter',
  'MorphoMarginCall',
];

/**
 * Collects the contracts that the published package carries, and their sources, from forge's output. Throws
 * BAD_ARTIFACT.
 */
export async function bundle(folder: string): Promise<Bundle> {
  const artifacts = createArtifacts(folder);
  const contracts = new Map<string, Artifact>();
  const sources = new Map<string, string>();
  const add = async (name: string): Promise<void> => {
    if (contracts.has(name)) return;
    const artifact = await artifacts.load(name);
    contracts.set(name, artifact);
    for (const [path, { keccak256 }] of Object.entries(artifact.build?.sources ?? {})) {
      if (!sources.has(path)) sources.set(path, await artifacts.sourceOf(path, keccak256));
    }
    for (const library of artifact.libraries) await add(library.name);
  };
  for (const name of BUNDLED) await add(name);
  return { contracts: Object.fromEntries(contracts), sources: Object.fromEntries(sources) };
}
