import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { endWithReader } from '@gavel/contracts/command';
import { GavelError } from '@gavel/protocol';
import { createPublicClient, http } from 'viem';
import { createValidator } from './relay/checkpoint.ts';
import { parseRelayerConfig, type RelayerConfig } from './relay/config.ts';
import { createDestination, type Destination } from './relay/destination.ts';
import type { OnRelayerEvent, RelayerEvent } from './relay/events.ts';
import { followOrigin } from './relay/origin.ts';
import { reasonOf, retried } from './relay/retry.ts';

/**
 * Relays messages between all the chains until the signal aborts: validators sign checkpoints, the Mailboxes
 * get them.
 *
 * Starting again from the same blocks is harmless: delivered messages stay delivered. Throws
 * DEVNET_CHECKPOINT_MISMATCH if a chain's merkle tree is not what its own events say.
 */
export async function runRelayer(
  config: RelayerConfig,
  { signal, onEvent }: { readonly signal: AbortSignal; readonly onEvent: OnRelayerEvent },
): Promise<void> {
  const failed = new AbortController();
  const loop = { pollMs: config.pollMs, signal: AbortSignal.any([signal, failed.signal]), onEvent };
  const signing = { validators: config.validators.map(createValidator), threshold: config.threshold };
  const destinations = new Map<number, Destination>();
  for (const chain of config.chains) {
    const client = createPublicClient({ transport: http(chain.rpcUrl) });
    const chainId = await retried(chain.name, loop).once(() => client.getChainId());
    if (chainId === undefined) return;
    destinations.set(chain.domain, createDestination(chain, chainId, signing, loop));
  }
  onEvent({ event: 'ready', chains: config.chains.map(({ name }) => name) });
  const follows = config.chains.map((chain) =>
    followOrigin(chain, {
      ...loop,
      onMessage: (message) => {
        const destination = destinations.get(message.destination);
        if (destination !== undefined) return destination.accept(message);
        const { id, origin } = message;
        const summary = { id, origin, destination: message.destination };
        onEvent({ event: 'undeliverable', message: summary, reason: 'no such destination' });
      },
    }).catch((cause: unknown) => {
      failed.abort();
      throw cause;
    }),
  );
  const outcomes = await Promise.allSettled(follows);
  await Promise.all([...destinations.values()].map((destination) => destination.idle()));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
}

/**
 * Runs a relayer as a process of its own: `node relayer.ts --config FILE`, events as JSON lines on standard
 * output.
 *
 * It needs no clean-up, since all its state is on the chains: a signal, or the end of its parent, ends it at
 * once.
 */
async function main(): Promise<void> {
  const tell = (event: RelayerEvent) =>
    process.stdout.write(
      `${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? value.toString() : value))}\n`,
    );
  const stop = (reason: string, code: number) => {
    tell({ event: 'stopped', reason });
    process.exit(code);
  };
  process.once('SIGINT', () => stop('SIGINT', 0));
  process.once('SIGTERM', () => stop('SIGTERM', 0));
  endWithReader();
  if (process.connected) process.once('disconnect', () => stop('the parent is gone', 0));
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' } } });
    if (values.config === undefined) {
      throw new GavelError('DEVNET_RELAYER_CONFIG', 'no configuration given; name one with --config FILE');
    }
    const config = parseRelayerConfig(JSON.parse(await readFile(values.config, 'utf8')));
    await runRelayer(config, { signal: new AbortController().signal, onEvent: tell });
  } catch (cause) {
    stop(reasonOf(cause), 1);
  }
}

if (import.meta.main) await main();
