import { type Address, zeroAddress } from 'viem';
import { type Artifact, type Artifacts, hasFunction } from './artifacts.ts';
import type { Chain } from './chain.ts';
import type { Faults } from './faults.ts';
import { marketSettings } from './market-steps.ts';
import { artifactOf, at, type Placed, vaultLabel } from './placement.ts';
import { roleSettings } from './role-steps.ts';
import { type Setting, type Step, same, setting } from './step.ts';
import { type Config, MAILBOX_DEFAULT } from './types.ts';

/** Everything one chain should have, in the order in which it can be made. */
export interface Layout {
  readonly chain: Chain;
  readonly contracts: Readonly<Record<string, Address>>;
  readonly manager: Artifact;
  readonly steps: readonly Step[];
}

/**
 * Lists what a placed chain should have, the other chains' addresses at hand. Records values that do not fit.
 */
export async function layOut(
  placed: Placed,
  others: readonly Placed[],
  config: Config,
  artifacts: Artifacts,
  faults: Faults,
): Promise<Layout> {
  const { chain, contracts } = placed;
  const registry = {
    address: at(placed, 'MarketRegistry'),
    abi: (await artifacts.load('MarketRegistry')).abi,
  };
  const settings: Setting[] = [];
  const escrow = at(placed, 'CollateralEscrow');

  settings.push(equal(placed, 'SolverBonds', 'SolverBonds', 'escrow', [], 'setEscrow', [escrow], escrow));
  for (const { token } of chain.config.vaults) {
    const label = vaultLabel(token);
    if (contracts[label] === undefined) continue; // its values do not fit, which is recorded
    // a vault may be told its escrow at construction instead
    if (hasFunction(await artifacts.load('BackstopVault'), 'setEscrow')) {
      settings.push(equal(placed, label, 'BackstopVault', 'escrow', [], 'setEscrow', [escrow], escrow));
    }
  }
  const { securityModule } = chain.config;
  for (const name of ['CollateralEscrow', 'RepaymentEscrow']) {
    if (securityModule !== undefined) {
      const [view, set] = ['interchainSecurityModule', 'setSecurityModule'];
      const module = securityModule === MAILBOX_DEFAULT ? zeroAddress : securityModule;
      settings.push(equal(placed, name, name, view, [], set, [module], module));
    }
  }
  for (const other of others) {
    const { domain, chainId } = other.chain.config;
    const id = BigInt(chainId);
    settings.push(
      equal(
        placed,
        'Erc7683Resolver',
        'Erc7683Resolver',
        'chainIdOf',
        [domain],
        'setChain',
        [domain, id],
        id,
      ),
    );
  }
  for (const market of chain.config.markets) {
    settings.push(...(await marketSettings({ placed, others, config, registry, faults }, market)));
  }
  const manager = await artifacts.load('AccessManager');
  settings.push(...(await roleSettings(placed, config, artifacts, manager)));
  return { chain, contracts, manager, steps: [...placed.creations, ...settings] };
}

function equal(
  placed: Placed,
  label: string,
  name: string,
  view: string,
  key: readonly unknown[],
  setter: string,
  args: readonly unknown[],
  expected: unknown,
): Setting {
  const { abi } = artifactOf(placed, name);
  const what = `${view} of ${label}${key.length > 0 ? ` for ${key.join(', ')}` : ''}`;
  const address = at(placed, label);
  return setting({
    what,
    address,
    abi,
    view,
    key,
    setter,
    args,
    matches: (answer) => same(answer, expected),
  });
}
