import { isGavelError } from '@gavel/protocol';
import { type Abi, createPublicClient, defineChain, type PublicClient } from 'viem';
import { ConfigError } from '../config/errors.ts';
import type { ChainConfig, Config } from '../config/schema.ts';
import type { Logger } from '../observe/logger.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { type Endpoint, openEndpoints, openSingle } from './endpoints.ts';
import { ChainError } from './errors.ts';
import { quorum } from './quorum.ts';

/** One configured chain and the way to talk to it. `domain` is Hyperlane's, and need not equal `chainId`. */
export type Chain = {
  readonly name: string;
  readonly chainId: number;
  readonly domain: number;
  /** Ask one endpoint, the next if it fails: for what does no harm if it is wrong. */
  readonly client: PublicClient;
  /** Ask what enough endpoints say alike: for everything that money follows from. */
  readonly agreed: PublicClient;
  readonly endpoints: readonly Endpoint[];
  /** Where landings go first, if there is one. */
  readonly privateEndpoint: Endpoint | undefined;
  readonly contracts: ChainConfig['contracts'];
  readonly config: ChainConfig;
  /**
   * Errors that contracts of this chain may pass on from others, beside those of the called contract's ABI.
   */
  readonly errors: Abi;
  /** Lets go of websockets. */
  close(): Promise<void>;
};

/**
 * Makes a client for each configured chain, by name. Requests made together travel in one batch to one
 * endpoint, and go to the next endpoint if it fails. Nothing is asked yet: see `verifyChain`.
 */
export function connectChains(
  config: Pick<Config, 'chains'>,
  telemetry?: Telemetry,
  errors: Abi = [],
): Map<string, Chain> {
  return new Map(
    Object.entries(config.chains).map(([name, chain]) => [
      name,
      connectChain(name, chain, telemetry, errors),
    ]),
  );
}

/**
 * Makes a client for one chain. Endpoints in trouble are logged and counted in `telemetry`; `errors` are
 * those of the contracts that are called.
 */
export function connectChain(
  name: string,
  config: ChainConfig,
  telemetry?: Telemetry,
  errors: Abi = [],
): Chain {
  const definition = defineChain({
    id: config.chainId,
    name,
    nativeCurrency: { name: 'Native', symbol: 'NATIVE', decimals: 18 },
    rpcUrls: { default: { http: config.rpc } },
  });
  const parts = { chain: name, definition, config, telemetry };
  const { endpoints, transport } = openEndpoints(parts);
  // A contract must not make this node fetch a URL of the contract's choice: no CCIP.
  const common = {
    chain: definition,
    cacheTime: 0,
    pollingInterval: config.pollMs,
    ccipRead: false,
  } as const;
  const client = createPublicClient({ ...common, transport }) as PublicClient;
  const needed = quorumOf(config);
  const privateEndpoint = config.privateRpc === undefined ? undefined : openSingle(config.privateRpc, parts);
  const { chainId, domain, contracts } = config;
  return {
    name,
    chainId,
    domain,
    client,
    // One endpoint agrees with itself; then nothing has to be asked twice.
    agreed:
      needed === 1
        ? client
        : (createPublicClient({
            ...common,
            transport: quorum({ chain: name, endpoints, needed, telemetry }),
          }) as PublicClient),
    endpoints,
    privateEndpoint,
    contracts,
    config,
    errors,
    async close() {
      for (const endpoint of endpoints) endpoint.close();
      privateEndpoint?.close();
    },
  };
}

/** Returns the configured chain of a Hyperlane domain. Throws CHAIN_NOT_CONFIGURED. */
export function chainOf(chains: ReadonlyMap<string, Chain>, domain: number): Chain {
  for (const chain of chains.values()) if (chain.domain === domain) return chain;
  throw new ConfigError('CHAIN_NOT_CONFIGURED', 'No configured chain has this domain: add it to chains', {
    meta: { domain },
  });
}

/** Returns how many endpoints of a chain must say the same: as configured, or the majority. */
export function quorumOf({ quorum, rpc }: Pick<ChainConfig, 'quorum' | 'rpc'>): number {
  return quorum ?? Math.floor(rpc.length / 2) + 1;
}

/**
 * Asks every endpoint of a chain for its chain id. Endpoints that are down are reported; if all are, they are
 * asked again until one answers. Throws CHAIN_ID_MISMATCH if any serves another chain, ABORTED if `signal`
 * aborts first.
 */
export async function verifyChain(
  chain: Chain,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  const backoff = createBackoff({ leastMs: chain.config.pollMs, mostMs: 10_000, signal });
  for (;;) {
    const answers = await Promise.all(chain.endpoints.map((endpoint) => isAlive(chain, endpoint, log)));
    if (answers.includes(true)) return;
    if (!(await backoff.wait())) {
      throw new ChainError('ABORTED', 'Stopped before any RPC endpoint answered', {
        meta: { chain: chain.name },
      });
    }
  }
}

async function isAlive(chain: Chain, endpoint: Endpoint, log: Logger): Promise<boolean> {
  try {
    await endpoint.verify();
    return true;
  } catch (cause) {
    if (isGavelError(cause, 'CHAIN_ID_MISMATCH')) throw cause;
    log.warn({ err: cause, chain: chain.name, rpc: endpoint.label }, 'rpc unreachable');
    return false;
  }
}
