import { createPublicClient, defineChain, fallback, http, type PublicClient } from 'viem';
import type { ChainConfig, Config } from '../config/schema.ts';
import { hideUrls } from '../observe/describe-error.ts';
import type { Logger } from '../observe/logger.ts';
import { createBackoff } from './backoff.ts';
import { ChainError } from './errors.ts';

/** Hold one configured chain and the way to talk to it. `domain` is Hyperlane's, and need not equal `chainId`. */
export type Chain = {
  readonly name: string;
  readonly chainId: number;
  readonly domain: number;
  readonly client: PublicClient;
  readonly contracts: ChainConfig['contracts'];
  readonly config: ChainConfig;
};

/** Milliseconds an endpoint gets for one answer. */
const TIMEOUT_MS = 10_000;

/**
 * Make a client for each configured chain, by name. Requests made together travel in one batch to one endpoint, and
 * go to the next endpoint if it fails. Nothing is asked yet: see `verifyChain`.
 */
export function connectChains(config: Pick<Config, 'chains'>): Map<string, Chain> {
  return new Map(Object.entries(config.chains).map(([name, chain]) => [name, connectChain(name, chain)]));
}

/** Make a client for one chain. */
export function connectChain(name: string, config: ChainConfig): Chain {
  const transports = config.rpc.map((url) => http(url, { batch: true, retryCount: 1, timeout: TIMEOUT_MS }));
  const client = createPublicClient({
    chain: defineChain({
      id: config.chainId,
      name,
      nativeCurrency: { name: 'Native', symbol: 'NATIVE', decimals: 18 },
      rpcUrls: { default: { http: config.rpc } },
    }),
    transport: fallback(transports, { retryCount: 1 }),
    cacheTime: 0,
    pollingInterval: config.pollMs,
  });
  const { chainId, domain, contracts } = config;
  return { name, chainId, domain, client, contracts, config };
}

/**
 * Ask every endpoint of a chain for its chain id. Endpoints that are down are reported; if all are, they are asked
 * again until one answers. Throws CHAIN_ID_MISMATCH if any serves another chain, ABORTED if `signal` aborts first.
 */
export async function verifyChain(
  chain: Chain,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  const backoff = createBackoff({ leastMs: chain.config.pollMs, mostMs: 10_000, signal });
  for (;;) {
    const answers = await Promise.all(chain.config.rpc.map((url) => askChainId(chain, url, log)));
    if (answers.includes(true)) return;
    if (!(await backoff.wait())) {
      throw new ChainError('ABORTED', 'Stopped before any RPC endpoint answered', {
        meta: { chain: chain.name },
      });
    }
  }
}

async function askChainId(chain: Chain, url: string, log: Logger): Promise<boolean> {
  const client = createPublicClient({ transport: http(url, { retryCount: 0, timeout: TIMEOUT_MS }) });
  let chainId: number;
  try {
    chainId = await client.getChainId();
  } catch (cause) {
    log.warn({ err: cause, chain: chain.name, rpc: hideUrls(url) }, 'rpc unreachable');
    return false;
  }
  if (chainId === chain.chainId) return true;
  throw new ChainError(
    'CHAIN_ID_MISMATCH',
    'An RPC endpoint serves another chain: correct its URL or the chainId',
    {
      meta: { chain: chain.name, rpc: hideUrls(url), expected: chain.chainId, got: chainId },
    },
  );
}
