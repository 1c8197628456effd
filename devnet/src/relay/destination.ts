import { GavelError } from '@gavel/protocol';
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hash,
  type Hex,
  http,
  parseAbi,
  type Chain as ViemChain,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { multisigMetadata, type Validator } from './checkpoint.ts';
import type { RelayedChain } from './config.ts';
import type { DispatchedMessage } from './origin.ts';
import { backoff, pause, type Retrying, reasonOf } from './retry.ts';

const mailboxAbi = parseAbi([
  'function delivered(bytes32 messageId) view returns (bool)',
  'function process(bytes metadata, bytes message) payable',
]);

const RECEIPT_WITHIN_MS = 30_000;

/** Delivers messages to one chain. */
export interface Destination {
  /** Takes a message; it is tried until it is delivered or the signal aborts. */
  accept(message: DispatchedMessage): void;
  /** Resolves once every accepted message is delivered or given up by abort. */
  idle(): Promise<void>;
}

/** Who signs, and how many of them. */
export interface Signing {
  readonly validators: readonly Validator[];
  readonly threshold: number;
}

/**
 * Makes the delivering side of a chain.
 *
 * Messages are sent one by one in the order accepted, with consecutive nonces, and awaited side by side. One
 * that fails is reported and tried again later without holding up the others; one that is delivered already
 * is left alone.
 */
export function createDestination(
  chain: RelayedChain,
  chainId: number,
  { validators, threshold }: Signing,
  { pollMs, signal, onEvent }: Retrying,
): Destination {
  const { reader, send } = connect(chain, chainId, pollMs);
  const underway = new Set<Promise<void>>();
  let lane: Promise<unknown> = Promise.resolve();

  const isDelivered = ({ id }: DispatchedMessage): Promise<boolean> =>
    reader.readContract({ address: chain.mailbox, abi: mailboxAbi, functionName: 'delivered', args: [id] });

  const sendNext = (message: DispatchedMessage): Promise<Hash | 'delivered'> => {
    const task = async () => {
      if (await isDelivered(message)) return 'delivered' as const;
      return send(await multisigMetadata(message.checkpoint, validators, threshold), message.bytes);
    };
    const result = lane.then(task, task);
    lane = result;
    return result;
  };

  const attempt = async (message: DispatchedMessage): Promise<void> => {
    const { id, origin, destination } = message;
    const summary = { id, origin, destination };
    const hash = await sendNext(message);
    if (hash === 'delivered') return onEvent({ event: 'already-delivered', message: summary });
    const receipt = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_WITHIN_MS });
    const { status, blockNumber, gasUsed } = receipt;
    if (status === 'reverted') {
      throw new GavelError('DEVNET_DELIVERY_REVERTED', 'a delivery reverted when mined', {
        meta: { id, hash },
        retry: true,
      });
    }
    onEvent({ event: 'delivered', message: summary, block: blockNumber, transaction: hash, gasUsed });
  };

  const deliver = async (message: DispatchedMessage): Promise<void> => {
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        return await attempt(message);
      } catch (cause) {
        const retryInMs = backoff(tries);
        const { id, origin, destination } = message;
        const failure = { attempt: tries, retryInMs, reason: reasonOf(cause) };
        onEvent({ event: 'delivery-failed', message: { id, origin, destination }, ...failure });
        await pause(retryInMs, signal);
      }
    }
  };

  return {
    accept: (message) => {
      const delivery = deliver(message).finally(() => underway.delete(delivery));
      underway.add(delivery);
    },
    idle: async () => {
      await Promise.all(underway);
    },
  };
}

/** Room above the estimate for handlers that keep gas in reserve. */
function padded(gas: bigint): bigint {
  return (gas * 3n) / 2n + 100_000n;
}

function connect(chain: RelayedChain, chainId: number, pollingInterval: number) {
  const transport = http(chain.rpcUrl);
  const viemChain: ViemChain = defineChain({
    id: chainId,
    name: chain.name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [chain.rpcUrl] } },
  });
  const account = privateKeyToAccount(chain.privateKey);
  const reader = createPublicClient({ chain: viemChain, transport, pollingInterval, cacheTime: 0 });
  const wallet = createWalletClient({ chain: viemChain, transport, account });
  let nonce: number | undefined;

  /** Sends one delivery with the next nonce; after a failure the nonce is read from the chain anew. */
  const send = async (metadata: Hex, message: Hex): Promise<Hash> => {
    const call = {
      address: chain.mailbox,
      abi: mailboxAbi,
      functionName: 'process',
      args: [metadata, message],
    } as const;
    const gas = padded(await reader.estimateContractGas({ ...call, account }));
    try {
      nonce ??= await reader.getTransactionCount({ address: account.address, blockTag: 'pending' });
      const hash = await wallet.writeContract({ ...call, gas, nonce });
      nonce += 1;
      return hash;
    } catch (cause) {
      nonce = undefined;
      throw cause;
    }
  };

  return { reader, send };
}
