import { formatGwei } from 'viem';
import type { Config } from './schema.ts';

/**
 * Returns a configuration that is safe to print, as plain data in the form of a configuration file: RPC URLs
 * cut to their host, since paths and queries often hold API keys; bigints as decimal strings; keys are
 * references already. `loadConfig` accepts it.
 */
export function redactConfig(config: Config): Record<string, unknown> {
  const chains = Object.fromEntries(
    Object.entries(config.chains).map(([name, { privateRpc, ...chain }]) => [
      name,
      {
        ...chain,
        // As it is written in the file: the node keeps the price in wei.
        fees: { ...chain.fees, maxFeeGwei: formatGwei(chain.fees.maxFeeGwei) },
        rpc: hideRpc(chain.rpc),
        ...(privateRpc === undefined ? {} : { privateRpc: hideRpc([privateRpc])[0] }),
      },
    ]),
  );
  return plain({ ...config, chains }) as Record<string, unknown>;
}

/** Cuts URLs to their hosts, and numbers those of one host: a list of endpoints names each once. */
function hideRpc(urls: readonly string[]): string[] {
  const hosts = urls.map((url) => new URL(url)).map(({ protocol, host }) => `${protocol}//${host}`);
  return hosts.map((host, index) => {
    const number = hosts.slice(0, index + 1).filter((same) => same === host).length;
    if (number > 1) return `${host}/…${number}`;
    return urls[index]?.replace(/\/$/, '') === host ? host : `${host}/…`;
  });
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}
