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

/** Collects the contracts that the published package carries from forge's output. Throws BAD_ARTIFACT. */
export async function bundle(folder: string): Promise<Bundle> {
  const artifacts = createArtifacts(folder);
  const found = new Map<string, Artifact>();
  const add = async (name: string): Promise<void> => {
    if (found.has(name)) return;
    const artifact = await artifacts.load(name);
    found.set(name, artifact);
    for (const library of artifact.libraries) await add(library.name);
  };
  for (const name of BUNDLED) await add(name);
  return Object.fromEntries(found);
}
