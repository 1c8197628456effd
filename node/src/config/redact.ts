import { formatGwei } from 'viem';
import { hideUrls } from '../observe/describe-error.ts';
import type { Config } from './schema.ts';

/**
 * Returns a configuration that is safe to print, as plain data: RPC URLs cut to their host, since paths and
 * queries often hold API keys; bigints as decimal strings; keys are references already.
 */
export function redactConfig(config: Config): Record<string, unknown> {
  const chains = Object.fromEntries(
    Object.entries(config.chains).map(([name, { privateRpc, ...chain }]) => [
      name,
      {
        ...chain,
        // As it is written in the file: the node keeps the price in wei.
        fees: { ...chain.fees, maxFeeGwei: formatGwei(chain.fees.maxFeeGwei) },
        rpc: chain.rpc.map(hideUrls),
        ...(privateRpc === undefined ? {} : { privateRpc: hideUrls(privateRpc) }),
      },
    ]),
  );
  return plain({ ...config, chains }) as Record<string, unknown>;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}
