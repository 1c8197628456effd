import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GavelError } from '@gavel/protocol';
import type { Address } from 'viem';
import type { DevAccount } from './accounts.ts';
import { gavelArtifact } from './artifacts.ts';
import { type Chain, startChain } from './chain.ts';
import { BOND_DELAY, deployGavel, type GavelSet } from './deployment.ts';
import { fundEverybody } from './funding.ts';
import { prepareHyperlane, relayerConfig, startRelayer } from './hyperlane.ts';
import { deployLending, type Lending } from './lending/lending.ts';
import { nameLiquidator, type TinyLend } from './lending/tiny-lend.ts';
import {
  ACCOUNTS_OF,
  CHAINS,
  type ChainName,
  DOLLAR_DECIMALS,
  EXAMPLE,
  MAIN_PLAN,
  MARGIN_CALLS,
  MARKETS,
  type NetworkPlan,
  THRESHOLD,
} from './plan.ts';
import { sdkExample } from './sdk-example.ts';
import { createSender } from './sender.ts';
import type { Site } from './site.ts';
import { deployToken, type Token } from './tokens.ts';

export type { HomeName } from './plan.ts';

/** A lending market with Gavel's adapter on it. */
export interface Market
  extends Pick<
    Lending,
    'home' | 'source' | 'fromBlock' | 'feeds' | 'collaterals' | 'custody' | 'positions' | 'restore'
  > {
  readonly id: string;
  /** As a node's configuration names it. */
  readonly protocol: string;
  readonly adapter: Address;
  readonly vault: Address;
}

/** The whole network, before any node runs. */
export interface Network {
  readonly plan: NetworkPlan;
  readonly dir: string;
  readonly sites: ReadonlyMap<string, Site>;
  readonly markets: readonly Market[];
  /** The worked example's contract, if planned. */
  readonly example: TinyLend | undefined;
  /** Moves prices and mints. */
  readonly lendingKey: DevAccount;
  readonly relay: Relay;
}

/** The relayer, which carries messages between the chains. */
export interface Relay {
  /** Stops delivery. */
  stop(): Promise<void>;
  /** Resumes delivery, with the messages sent meanwhile. Throws DEVNET_PROCESS_FAILED. */
  start(): Promise<void>;
}

/** Called as set-up advances, with what is being done. */
export type OnStep = (what: string) => void;

/** Fee of every Hyperlane message, wei. */
const MESSAGE_FEE = 10n ** 14n;

/** Returns a site by name. Throws DEVNET_NO_SUCH_CHAIN. */
export function siteOf(network: Pick<Network, 'sites'>, name: string): Site {
  const site = network.sites.get(name);
  if (site === undefined) {
    throw new GavelError('DEVNET_NO_SUCH_CHAIN', 'the network has no such chain', { meta: { name } });
  }
  return site;
}

/**
 * Starts the chains, deploys Hyperlane, the lending protocols and Gavel, funds every account, opens the
 * loans, and starts the relayer. The chains mine at their own block times afterwards.
 *
 * Throws DEVNET_PROCESS_FAILED, DEVNET_HYPERLANE_FAILED, DEVNET_NO_ARTIFACT or DEVNET_TX_FAILED.
 */
export async function startNetwork(options: {
  readonly dir: string;
  readonly stack: AsyncDisposableStack;
  readonly onStep: OnStep;
  /** The main story's when absent. */
  readonly plan?: NetworkPlan;
}): Promise<Network> {
  const { dir, stack, onStep, plan = MAIN_PLAN } = options;
  const logDir = join(dir, 'logs');
  await mkdir(logDir, { recursive: true });
  await gavelArtifact('CollateralEscrow'); // fails early, in words, when the contracts are not built

  onStep('starting three chains');
  const hyperlane = prepareHyperlane({ stack, logDir });
  const chains = await Promise.all(
    CHAINS.map((plan) => startChain({ ...plan, behind: BOND_DELAY, stack, logDir })),
  );

  onStep('deploying Hyperlane, Aave v3 and Morpho Blue');
  const lendingKey = ACCOUNTS_OF.lending;
  const [cores, dollars, lending] = await Promise.all([
    hyperlane.deploy({
      chains,
      deployerKey: ACCOUNTS_OF.hyperlane.privateKey,
      validators: ACCOUNTS_OF.validators.map(({ address }) => address),
      threshold: THRESHOLD,
      messageFee: MESSAGE_FEE,
      feeBeneficiary: ACCOUNTS_OF.hyperlane.address,
    }),
    ...splitLending(chains, lendingKey, plan),
  ]);

  onStep('deploying Gavel on every chain, by gavel-deploy');
  const sets = await deployGavel({ chains, cores, dollars, lending, plan }, dir);
  const sites = new Map<string, Site>();
  for (const chain of chains) {
    const { name } = chain;
    sites.set(name, {
      chain,
      core: needed(cores.get(name), name),
      gavel: needed(sets.get(name), name),
      dollar: needed(dollars.get(name), name),
    });
  }

  onStep('funding vaults, solvers and borrowers');
  await fundEverybody(sites, lending, plan);
  await nameLiquidators(lending, sets);
  // By then the delay of solvers' keys and payouts has passed; nothing else has a delay.
  await Promise.all(chains.map((chain) => chain.catchUp()));
  const markets = lending.flatMap((one) => marketsOf(one, siteOf({ sites }, one.home)));

  onStep('starting the relayer');
  const config = relayerConfig({
    chains,
    cores,
    relayerKey: ACCOUNTS_OF.relayer.privateKey,
    validatorKeys: ACCOUNTS_OF.validators.map(({ privateKey }) => privateKey),
    threshold: THRESHOLD,
  });
  let running = await startRelayer({ config, stack, logDir });
  const relay: Relay = {
    stop: () => running.process.stop(),
    start: async () => {
      running = await startRelayer({ config, stack, logDir });
    },
  };
  await Promise.all(chains.map((chain) => chain.setIntervalMining()));
  const example = lending.find((one) => one.example !== undefined)?.example;
  return { plan, dir, sites, markets, example, lendingKey, relay };
}

/** Begins two things at once: the dollar of every chain, and the lending protocols, which need theirs. */
function splitLending(
  chains: readonly Chain[],
  key: DevAccount,
  plan: NetworkPlan,
): [Promise<Map<string, Token>>, Promise<Lending[]>] {
  const owners = new Map(chains.map((chain) => [chain.name, createSender(chain, key.privateKey)]));
  const dollars = Promise.all(
    [...owners].map(async ([name, owner]) => {
      const decimals = DOLLAR_DECIMALS[name as ChainName];
      return [name, await deployToken(owner, { name: 'Test Dollar', symbol: 'USDx', decimals })] as const;
    }),
  ).then((entries) => new Map(entries));
  const lending = dollars.then((tokens) =>
    Promise.all(
      (['alpha', 'beta'] as const).map((home) =>
        deployLending(home, needed(owners.get(home), home), needed(tokens.get(home), home), plan),
      ),
    ),
  );
  return [dollars, lending];
}

/**
 * A home chain's markets: its lending market, and beside it one of margin calls on the same positions if
 * planned.
 */
function marketsOf(lending: Lending, { gavel }: Site): Market[] {
  const { home, source, fromBlock, feeds, collaterals, custody, positions, restore } = lending;
  const own = MARKETS[home];
  const market: Market = {
    ...own,
    ...{ home, source, fromBlock, feeds, collaterals, custody, positions, restore },
    adapter: needed(gavel.adapters[own.id], own.id),
    vault: needed(gavel.vault, home),
  };
  const markets = [market];
  const calls = gavel.adapters[MARGIN_CALLS.id];
  if (calls !== undefined) {
    const { id } = MARGIN_CALLS;
    // Terms are set at the adapter itself: it is where this market's logs come from.
    const followed = { protocol: 'aave-margin-call', source: calls, fromBlock: gavel.fromBlock };
    markets.push({ ...market, id, ...followed, adapter: calls });
  }
  if (lending.example !== undefined) {
    const { address, collateral, fromBlock: since } = lending.example;
    const followed = { protocol: sdkExample('tiny-lend'), source: address, fromBlock: since };
    const tokens = [lending.dollar.address, collateral.address];
    markets.push({
      ...market,
      id: EXAMPLE.id,
      ...followed,
      adapter: needed(gavel.adapters[EXAMPLE.id], EXAMPLE.id),
      positions: [],
      custody: tokens.map((token) => ({ token, holder: address })),
    });
  }
  return markets;
}

/** Opens the gate of the worked example to Gavel's adapter. */
async function nameLiquidators(
  lending: readonly Lending[],
  sets: ReadonlyMap<string, GavelSet>,
): Promise<void> {
  for (const { home, owner, example } of lending) {
    if (example === undefined) continue;
    const adapter = needed(sets.get(home)?.adapters[EXAMPLE.id], EXAMPLE.id);
    await nameLiquidator(owner, example.address, adapter);
  }
}

function needed<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new GavelError('DEVNET_INCOMPLETE', 'a part of the network is missing', { meta: { what } });
}
