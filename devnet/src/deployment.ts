import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main as gavelDeploy } from '@gavel/deploy';
import { GavelError } from '@gavel/protocol';
import { type Address, type Hex, stringToHex } from 'viem';
import { stringify } from 'yaml';
import type { Chain } from './chain.ts';
import type { HyperlaneCore } from './hyperlane-core.ts';
import type { Lending } from './lending/lending.ts';
import {
  ACCOUNTS_OF,
  EXAMPLE,
  KEEPER_FEE,
  MARGIN_CALLS,
  MARKETS,
  type MarketRules,
  type NetworkPlan,
  ROUTE_FEE_BPS,
  THRESHOLD,
} from './plan.ts';
import type { Token } from './tokens.ts';

/** Gavel's contracts on one chain: the same set everywhere, and what its markets need beside it. */
export interface GavelSet {
  readonly manager: Address;
  readonly registry: Address;
  readonly bonds: Address;
  readonly collateralEscrow: Address;
  readonly repaymentEscrow: Address;
  readonly resolver: Address;
  /** On home chains: fronts what is owed in dollars. */
  readonly vault: Address | undefined;
  /** By market id. */
  readonly adapters: Readonly<Record<string, Address>>;
  /** A block before any of them emitted an event. */
  readonly fromBlock: bigint;
}

/** What the contracts are deployed onto. */
export interface Ground {
  readonly chains: readonly Chain[];
  /** By chain name, as the two below. */
  readonly cores: ReadonlyMap<string, HyperlaneCore>;
  readonly dollars: ReadonlyMap<string, Token>;
  readonly lending: readonly Lending[];
  readonly plan: NetworkPlan;
}

/**
 * Seconds a new signing key, payout or withdrawal waits here: as long as the longest quote and landing
 * windows, and a little more. Days where value is at stake.
 */
export const BOND_DELAY = 24;

/** Seconds from asking a vault for one's money to getting it: longer than any order lives. */
const REDEMPTION_DELAY = 6 * 3_600;

/** Seconds between scheduling a change of rules and making it: longer than a redemption. */
const GOVERNANCE_DELAY = 24 * 3_600;

/** Most debt a market may have open, or repay per hour, in whole units of the debt token. */
const CAP_WHOLE_UNITS = 10_000_000;

/** Prices older than this are refused by the adapters, seconds. */
const MAX_PRICE_AGE = 86_400;

/** Encodes a market's readable id as the registry keys it. */
export function marketId(id: string): Hex {
  return stringToHex(id, { size: 32 });
}

/**
 * Deploys Gavel on every chain as an operator does: write the file that describes the deployment to `dir`,
 * and let `gavel-deploy apply` make it so, up to the handover. Returns the contracts by chain name.
 *
 * Throws DEVNET_DEPLOY_FAILED with what the command said.
 */
export async function deployGavel(ground: Ground, dir: string): Promise<ReadonlyMap<string, GavelSet>> {
  const config = deploymentFile(dir);
  await writeFile(config, stringify(describeDeployment(ground)));
  const fromBlocks = await Promise.all(
    ground.chains.map(async ({ name, publicClient }) => [name, await publicClient.getBlockNumber()] as const),
  );
  let [out, err] = ['', ''];
  const code = await gavelDeploy(
    ['apply', '--config', config, '--json'],
    { GAVEL_DEPLOYER_KEY: ACCOUNTS_OF.deployer.privateKey },
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
  );
  if (code !== 0) {
    throw new GavelError('DEVNET_DEPLOY_FAILED', 'the contracts could not all be deployed', {
      meta: { code, config, said: err === '' ? out : err },
    });
  }
  const { chains } = JSON.parse(out) as {
    chains: readonly { name: string; contracts: Readonly<Record<string, Address>> }[];
  };
  const blocks = new Map(fromBlocks);
  return new Map(
    chains.map(({ name, contracts }) => [name, setOf(name, contracts, blocks.get(name) ?? 0n)] as const),
  );
}

/** Where the file is that describes a network's deployment. */
export function deploymentFile(dir: string): string {
  return join(dir, 'deployment.yaml');
}

function setOf(chain: string, contracts: Readonly<Record<string, Address>>, fromBlock: bigint): GavelSet {
  const at = (label: string): Address => {
    const address = contracts[label];
    if (address !== undefined) return address;
    throw new GavelError('DEVNET_DEPLOY_FAILED', 'a contract was not deployed', { meta: { chain, label } });
  };
  const adapters = Object.entries(contracts).flatMap(([label, address]) => {
    const [kind, market] = label.split(' ');
    return kind === 'adapter' && market !== undefined ? [[market, address] as const] : [];
  });
  return {
    manager: at('AccessManager'),
    registry: at('MarketRegistry'),
    bonds: at('SolverBonds'),
    collateralEscrow: at('CollateralEscrow'),
    repaymentEscrow: at('RepaymentEscrow'),
    resolver: at('Erc7683Resolver'),
    vault: contracts['BackstopVault USDx'],
    adapters: Object.fromEntries(adapters),
    fromBlock,
  };
}

/** Says what every chain shall have, in the words of `gavel-deploy`'s file. */
function describeDeployment({ chains, cores, dollars, lending, plan }: Ground): unknown {
  const homes = new Map<string, Lending>(lending.map((one) => [one.home, one]));
  return {
    salt: 'devnet',
    deployer: ACCOUNTS_OF.deployer.address,
    admin: keyOf(ACCOUNTS_OF.admin.address),
    guardian: keyOf(ACCOUNTS_OF.guardian.address),
    delay: GOVERNANCE_DELAY,
    chains: Object.fromEntries(
      chains.map(({ name, rpcUrl, chainId, domain }) => {
        const home = homes.get(name);
        const tokens = [dollars.get(name), ...Object.values(home?.collaterals ?? {})];
        const payChains = chains.filter((chain) => chain.name !== name).map((chain) => chain.name);
        return [
          name,
          {
            rpc: rpcUrl,
            chainId,
            domain,
            mailbox: cores.get(name)?.mailbox,
            securityModule: "the mailbox's default",
            bondDelay: BOND_DELAY,
            tokens: Object.fromEntries(tokens.map((token) => [token?.symbol, token?.address])),
            ...(home && {
              vaults: { [home.dollar.symbol]: { redemptionDelay: REDEMPTION_DELAY } },
              markets: marketsOf(home, payChains, plan),
            }),
          },
        ];
      }),
    ),
  };
}

/** An account that governs without being a contract, as the file accepts it. */
function keyOf(address: Address) {
  return { address, withoutCode: 'accepted' };
}

function marketsOf(lending: Lending, payChains: readonly string[], plan: NetworkPlan): unknown {
  const { home, protocol, example } = lending;
  const rules = plan.rules[home];
  const common = { badDebtRecipient: ACCOUNTS_OF.protocolTreasury.address, maxPriceAge: MAX_PRICE_AGE };
  const market = (contract: string, args: unknown, terms: MarketRules) => ({
    adapter: { contract, arguments: args },
    ...sharedTerms(lending, payChains),
    terms,
  });
  const { id } = MARKETS[home];
  if (protocol.name === 'morpho-blue') {
    const ids = Object.values(protocol.markets).map((one) => one.id);
    return { [id]: market('MorphoBlueAdapter', { morpho: protocol.morpho.address, ids, ...common }, rules) };
  }
  const provider = protocol.aave.addressesProvider;
  const { bounds } = MARGIN_CALLS;
  const tiny = { ...rules, bonusBps: EXAMPLE.bonusBps };
  const gentle = { ...rules, bonusBps: bounds.maxPenaltyBps };
  return {
    [id]: market('AaveV3Adapter', { provider, ...common }, rules),
    ...(plan.marginCalls && {
      [MARGIN_CALLS.id]: market('AaveMarginCall', { provider, ...common, bounds }, gentle),
    }),
    ...(example && {
      [EXAMPLE.id]: market('TinyLendAdapter', { lend: example.address, ...common }, tiny),
    }),
  };
}

function sharedTerms({ dollar, collaterals }: Lending, payChains: readonly string[]) {
  const route = {
    token: dollar.symbol,
    treasury: ACCOUNTS_OF.vaultTreasury.address,
    feeBps: ROUTE_FEE_BPS,
    handicapBps: 0,
  };
  return {
    treasury: ACCOUNTS_OF.protocolTreasury.address,
    collaterals: Object.values(collaterals).map(({ symbol }) => symbol),
    auctioneers: ACCOUNTS_OF.auctioneers.map(({ address }) => address),
    threshold: THRESHOLD,
    debts: {
      [dollar.symbol]: {
        amounts: {
          keeperFee: Number(KEEPER_FEE),
          minRepay: Number(KEEPER_FEE),
          capPrincipal: CAP_WHOLE_UNITS,
          capRepaid: CAP_WHOLE_UNITS,
        },
        routes: Object.fromEntries(payChains.map((name) => [name, route])),
      },
    },
  };
}
