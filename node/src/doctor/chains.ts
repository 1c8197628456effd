import { marketRegistryAbi } from '@gavel/contracts';
import { marketId } from '@gavel/protocol';
import { createPublicClient, http } from 'viem';
import type { Chain } from '../chain/client.ts';
import type { Config } from '../config/schema.ts';
import { hideUrls } from '../observe/describe-error.ts';
import { examine, type Finding } from './finding.ts';

/** Milliseconds an endpoint has to answer. */
const TIMEOUT_MS = 8_000;

/** Seconds by which the newest block may be old before the chain seems to stand still. */
const STALE_S = 120;

/** Check a chain: each endpoint, the clocks, the code of the contracts. */
export async function examineChain(chain: Chain, { auction }: Config, now: () => number): Promise<Finding[]> {
  const subject = `chain ${chain.name}`;
  const endpoints = await Promise.all(chain.config.rpc.map((url) => examineEndpoint(subject, chain, url)));
  if (endpoints.every(({ status }) => status === 'fail')) return endpoints;
  const clock = examine(
    subject,
    'clocks',
    'Set this machine’s clock by NTP, or use an endpoint that keeps up',
    async () => {
      const { timestamp, number } = await chain.client.getBlock();
      const age = now() / 1_000 - Number(timestamp);
      const found = `block ${number}, ${age.toFixed(1)} s ${age < 0 ? 'in the future' : 'old'}`;
      // Block times are whole seconds.
      if (age * 1_000 < -(auction.clockToleranceMs + 1_000)) {
        return {
          status: 'fail',
          found,
          next: 'This machine’s clock is behind, or the chain’s ahead: quotes come late',
        };
      }
      if (age < STALE_S) return found;
      return {
        status: 'warn',
        found,
        next: 'The chain stands still, or the endpoint lags, or this clock is ahead',
      };
    },
  );
  const contracts = Object.entries(chain.contracts).map(([name, address]) =>
    examine(subject, name, `Correct chains.${chain.name}.contracts.${name}`, async () => {
      const code = await chain.client.getCode({ address });
      if (code !== undefined) return address;
      return {
        status: 'fail',
        found: `no contract at ${address}`,
        next: `Correct chains.${chain.name}.contracts.${name}`,
      };
    }),
  );
  return [...endpoints, await clock, ...(await Promise.all(contracts))];
}

/** Check that each market is in its chain's registry and not paused. */
export async function examineMarkets(config: Config, chains: ReadonlyMap<string, Chain>): Promise<Finding[]> {
  const findings = config.markets.flatMap(({ id, chain: name }) => {
    const chain = chains.get(name);
    if (chain === undefined) return [];
    const registry = { address: chain.contracts.registry, abi: marketRegistryAbi } as const;
    return [
      examine(
        `market ${id}`,
        'registry',
        `Correct its id or chain: the registry of ${name} does not know it`,
        async () => {
          const args = [marketId(id)] as const;
          const [[terms, version], paused, [members, threshold]] = await Promise.all([
            chain.client.readContract({ ...registry, functionName: 'terms', args }),
            chain.client.readContract({ ...registry, functionName: 'isPaused', args }),
            chain.client.readContract({ ...registry, functionName: 'auctioneers', args }),
          ]);
          const found = `rules ${version}, a slot of ${terms.slot} blocks, ${threshold} of ${members.length} auctioneers`;
          if (!paused) return found;
          return {
            status: 'warn',
            found: `${found}, paused`,
            next: 'Nothing is auctioned until its guardian resumes it',
          };
        },
      ),
    ];
  });
  return Promise.all(findings);
}

function examineEndpoint(subject: string, chain: Chain, url: string): Promise<Finding> {
  const next = 'Is it up, is the URL right, does a firewall stand between?';
  return examine(subject, `rpc ${hideUrls(url)}`, next, async () => {
    const client = createPublicClient({ transport: http(url, { retryCount: 0, timeout: TIMEOUT_MS }) });
    const started = performance.now();
    const chainId = await client.getChainId();
    const found = `chain id ${chainId} after ${Math.round(performance.now() - started)} ms`;
    if (chainId === chain.chainId) return found;
    return { status: 'fail', found, next: `Expected ${chain.chainId}: correct the URL or chainId` };
  });
}
