import PQueue from 'p-queue';
import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  Hex,
  PrivateKeyAccount,
  TransactionReceipt,
} from 'viem';
import { encodeFunctionData, keccak256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Logger } from '../observe/logger.ts';
import { broadcast, refusalOf } from './broadcast.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';
import { awaitReceipt } from './receipts.ts';
import { revertOf } from './reverts.ts';

type Mutable = 'nonpayable' | 'payable';

/** Describe a transaction. `value` in wei, `gas` in gas units (estimated if absent). */
export type Call<
  abi extends Abi | readonly unknown[] = Abi,
  name extends ContractFunctionName<abi, Mutable> = ContractFunctionName<abi, Mutable>,
  args extends ContractFunctionArgs<abi, Mutable, name> = ContractFunctionArgs<abi, Mutable, name>,
> = {
  readonly to: Address;
  readonly abi: abi;
  readonly functionName: name | ContractFunctionName<abi, Mutable>;
  readonly args: args;
  readonly value?: bigint;
  readonly gas?: bigint;
  /** Called with the signed transaction's hash before it is broadcast: make it durable here. */
  readonly onHash?: (hash: Hex) => Promise<void> | void;
};

/** Send transactions of one key on one chain. */
export type Sender = {
  readonly address: Address;
  /**
   * Simulate, sign, broadcast, and wait for a successful receipt. Calls made together get consecutive nonces.
   * Throws ChainError: REVERTED (nothing was sent), FAILED (mined, reverted), REFUSED, REPLACED, RECEIPT_TIMEOUT,
   * ABORTED, or UNREACHABLE if no endpoint answered before anything was signed.
   */
  send<
    const abi extends Abi | readonly unknown[],
    name extends ContractFunctionName<abi, Mutable>,
    const args extends ContractFunctionArgs<abi, Mutable, name>,
  >(call: Call<abi, name, args>): Promise<TransactionReceipt>;
};

type PlainCall = Omit<Call, 'abi' | 'functionName' | 'args'> & {
  readonly data: Hex;
  readonly abi: Abi;
  readonly name: string;
};

type Signed = { readonly raw: Hex; readonly hash: Hex; readonly nonce: number };

const senders = new WeakMap<Chain, Map<Address, Sender>>();

/** Milliseconds to wait for a receipt. */
const RECEIPT_MS = 180_000;

/** Times a transaction is signed anew because another one took its nonce. */
const NONCE_ATTEMPTS = 3;

/**
 * Create the sender of `key` on `chain`, or return the one that exists: two queues for one key would fight over
 * nonces. Throws BAD_KEY.
 */
export function createSender(options: {
  readonly chain: Chain;
  readonly key: Hex;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}): Sender {
  const { chain, key, log, signal = new AbortController().signal } = options;
  const account = accountOf(key);
  const ofChain = senders.get(chain) ?? new Map<Address, Sender>();
  senders.set(chain, ofChain);
  const existing = ofChain.get(account.address);
  if (existing !== undefined) return existing;
  const queue = new TransactionQueue(chain, account, log, signal);
  const sender: Sender = {
    address: account.address,
    send: async ({ abi, functionName, args, ...rest }) => {
      const plain = {
        abi: abi as Abi,
        functionName: functionName as string,
        args: args as readonly unknown[],
      };
      return queue.send({
        ...rest,
        abi: plain.abi,
        name: plain.functionName,
        data: encodeFunctionData(plain),
      });
    },
  };
  ofChain.set(account.address, sender);
  return sender;
}

/** Order one key's transactions: signing and broadcasting one at a time, receipts awaited side by side. */
class TransactionQueue {
  readonly #chain: Chain;
  readonly #account: PrivateKeyAccount;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #queue = new PQueue({ concurrency: 1 });
  #nonce: number | undefined;

  constructor(chain: Chain, account: PrivateKeyAccount, log: Logger, signal: AbortSignal) {
    this.#chain = chain;
    this.#account = account;
    this.#log = log;
    this.#signal = signal;
  }

  async send(call: PlainCall): Promise<TransactionReceipt> {
    const signed = await this.#queue.add(() => this.#signAndBroadcast(call));
    const { hash } = signed;
    try {
      const receipt = await awaitReceipt({
        chain: this.#chain,
        from: this.#account.address,
        ...signed,
        log: this.#log,
        signal: this.#signal,
        timeoutMs: RECEIPT_MS,
      });
      if (receipt.status === 'success') return receipt;
      const revert = await this.#whyFailed(call, receipt.blockNumber);
      throw new ChainError('FAILED', `${call.name} was mined and reverted`, {
        meta: { chain: this.#chain.name, to: call.to, hash, block: receipt.blockNumber, ...revert },
      });
    } catch (error) {
      this.#nonce = undefined;
      throw error;
    }
  }

  async #signAndBroadcast(call: PlainCall): Promise<Signed> {
    try {
      for (let attempt = 1; ; attempt++) {
        const signed = await this.#sign(call);
        await call.onHash?.(signed.hash);
        const outcome = await broadcast({
          chain: this.#chain,
          ...signed,
          log: this.#log,
          signal: this.#signal,
        });
        if (outcome === 'sent') {
          this.#nonce = signed.nonce + 1;
          return signed;
        }
        this.#nonce = undefined;
        if (attempt === NONCE_ATTEMPTS) {
          throw new ChainError(
            'REPLACED',
            'Other transactions keep taking our nonce: is the key used elsewhere?',
            {
              meta: { chain: this.#chain.name, from: this.#account.address, nonce: signed.nonce },
              retry: true,
            },
          );
        }
      }
    } catch (error) {
      this.#nonce = undefined;
      throw error;
    }
  }

  /** Simulate, price and sign with the next nonce. */
  async #sign(call: PlainCall): Promise<Signed> {
    const { client, chainId } = this.#chain;
    this.#stopIfAborted();
    const request = {
      account: this.#account.address,
      to: call.to,
      data: call.data,
      ...(call.value === undefined ? {} : { value: call.value }),
    };
    await this.#asking(call, () =>
      client.call({ ...request, ...(call.gas === undefined ? {} : { gas: call.gas }) }),
    );
    const { address } = this.#account;
    const [estimate, fees, pending] = await this.#asking(call, () =>
      Promise.all([
        call.gas ?? client.estimateGas(request),
        client.estimateFeesPerGas(),
        this.#nonce ?? client.getTransactionCount({ address, blockTag: 'pending' }),
      ]),
    );
    this.#stopIfAborted();
    const raw = await this.#account.signTransaction({
      type: 'eip1559',
      chainId,
      nonce: pending,
      to: call.to,
      data: call.data,
      value: call.value ?? 0n,
      // A quarter more than estimated: state moves between the estimate and the block.
      gas: call.gas ?? (estimate * 5n) / 4n,
      maxFeePerGas: fees.maxFeePerGas * 2n,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
    });
    return { raw, hash: keccak256(raw), nonce: pending };
  }

  async #asking<T>(call: PlainCall, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      const meta = { chain: this.#chain.name, to: call.to, functionName: call.name };
      const revert = revertOf(cause, call.abi);
      if (revert !== undefined) {
        throw new ChainError('REVERTED', `${call.name} would revert`, {
          meta: { ...meta, ...revert },
          cause,
        });
      }
      const words = refusalOf(cause);
      if (words !== undefined) {
        throw new ChainError('REFUSED', `${call.name} was refused by the node`, {
          meta: { ...meta, words },
          cause,
        });
      }
      throw new ChainError('UNREACHABLE', `${call.name} could not be prepared: no endpoint answers`, {
        meta,
        cause,
        retry: true,
      });
    }
  }

  /** Call again on the state the transaction met, roughly, for the reason; empty if it does not revert there. */
  async #whyFailed(call: PlainCall, blockNumber: bigint): Promise<Record<string, unknown>> {
    try {
      const { to, data, value } = call;
      const account = this.#account.address;
      await this.#chain.client.call({
        account,
        to,
        data,
        blockNumber,
        ...(value === undefined ? {} : { value }),
      });
      return {};
    } catch (error) {
      return revertOf(error, call.abi) ?? {};
    }
  }

  #stopIfAborted(): void {
    if (!this.#signal.aborted) return;
    throw new ChainError('ABORTED', 'Stopped before the transaction was sent', {
      meta: { chain: this.#chain.name },
    });
  }
}

function accountOf(key: Hex): PrivateKeyAccount {
  try {
    return privateKeyToAccount(key);
  } catch {
    // The cause is dropped on purpose: its text may quote the key.
    throw new ChainError('BAD_KEY', 'Expected a secp256k1 private key: 32 bytes in hexadecimal');
  }
}
