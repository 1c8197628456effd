import { isGavelError } from '@gavel/protocol';
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
import type { Counters } from '../observe/counters.ts';
import type { Logger } from '../observe/logger.ts';
import type { Telemetry } from '../observe/telemetry.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { type Broadcast, createRoute, isKnown, type Outcome, type Route, refusalOf } from './broadcast.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';
import { type Fees, priceWithin, raise } from './fees.ts';
import { awaitReceipt, type SignedTx } from './receipts.ts';
import { revertOf } from './reverts.ts';
import { EMPTY_GAS, simulate } from './simulate.ts';

type Mutable = 'nonpayable' | 'payable';

/** A transaction to send. `value` in wei, `gas` in gas units (estimated if absent). */
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
  /**
   * Called with the hash of each signed transaction, replacements too, before it is broadcast: make it
   * durable here.
   */
  readonly onHash?: (hash: Hex) => Promise<void> | void;
  /**
   * Asked before a stuck transaction is sent at a higher price: false gives its nonce to an empty one
   * instead.
   */
  readonly isWanted?: () => boolean;
  /** Whether the chain's private endpoint gets it first, if there is one. */
  readonly isPrivate?: boolean;
};

/** Sends transactions of one key on one chain. */
export type Sender = {
  readonly address: Address;
  /**
   * Simulates, signs, broadcasts, and waits for a successful receipt. Calls made together get consecutive
   * nonces. A stuck transaction is replaced at the same nonce, so that its effect cannot come twice. Throws
   * ChainError: REVERTED, OUT_OF_GAS_MONEY, FEE_CAP, GAS_CAP or UNREACHABLE (nothing was signed), FAILED
   * (mined, reverted), CANCELLED, REFUSED, REPLACED, RECEIPT_TIMEOUT, or ABORTED.
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

/** A signed transaction; an empty one only uses its nonce up. */
export type JournaledTx = SignedTx & {
  readonly nonce: number;
  readonly gas: bigint;
  readonly fees: Fees;
  readonly isEmpty: boolean;
};
/**
 * The journal of signed transactions of one key on one chain: each is in it from before its broadcast until
 * it is mined.
 */
export type SentJournal = {
  put(nonce: number, signed: JournaledTx): Promise<void>;
  forget(nonce: number): Promise<void>;
  all(): Promise<readonly JournaledTx[]>;
};

/**
 * The transactions that compete for one nonce. While a call awaits them the nonce is that call's; once it has
 * given up, the next call takes the nonce over.
 */
type Competing = { readonly signedTxs: JournaledTx[]; isAwaited: boolean };

const senders = new WeakMap<Chain, Map<Address, Sender>>();

/** Milliseconds to wait for a receipt. */
const RECEIPT_MS = 180_000;

/**
 * How often a transaction is signed again because another one took its nonce, and how often an empty one is
 * because no endpoint took it.
 */
const NONCE_TRIES = 3;

/**
 * Creates the sender of `key` on `chain`, or returns the one that exists: two queues for one key would fight
 * over nonces. With a journal it first clears away what an earlier run signed and left unmined. Throws
 * BAD_KEY.
 */
export function createSender(options: {
  readonly chain: Chain;
  readonly key: Hex;
  readonly telemetry: Telemetry;
  readonly journal?: (owner: string) => SentJournal;
  readonly signal?: AbortSignal;
}): Sender {
  const { chain, key, telemetry, journal, signal = new AbortController().signal } = options;
  const account = accountOf(key);
  const ofChain = senders.get(chain) ?? new Map<Address, Sender>();
  senders.set(chain, ofChain);
  const existing = ofChain.get(account.address);
  if (existing !== undefined) return existing;
  const queue = new TransactionQueue({
    chain,
    account,
    telemetry,
    journal: journal?.(`${chain.name}:${account.address}`),
    signal,
  });
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

/** Orders one key's transactions: signing and broadcasting one at a time, receipts awaited side by side. */
class TransactionQueue {
  readonly #chain: Chain;
  readonly #account: PrivateKeyAccount;
  readonly #log: Logger;
  readonly #metrics: Counters;
  readonly #journal: SentJournal | undefined;
  readonly #signal: AbortSignal;
  readonly #queue = new PQueue({ concurrency: 1 });
  /** The transactions that compete for each nonce that is not known to be mined. */
  readonly #open = new Map<number, Competing>();
  #nonce: number | undefined;
  /** The nonce after the highest that was seen mined: an endpoint that lags may name a lower one. */
  #least = 0;

  constructor(parts: {
    readonly chain: Chain;
    readonly account: PrivateKeyAccount;
    readonly telemetry: Telemetry;
    readonly journal: SentJournal | undefined;
    readonly signal: AbortSignal;
  }) {
    this.#chain = parts.chain;
    this.#account = parts.account;
    this.#log = parts.telemetry.log;
    this.#metrics = parts.telemetry.metrics;
    this.#journal = parts.journal;
    this.#signal = parts.signal;
    // First in the queue: every call comes after it.
    if (this.#journal !== undefined) void this.#queue.add(() => this.#recover());
  }

  async send(call: PlainCall): Promise<TransactionReceipt> {
    const { isPrivate = false } = call;
    const route = createRoute({ chain: this.#chain, isPrivate, log: this.#log, signal: this.#signal });
    const { nonce, competing } = await this.#queue.add(() => this.#signAndBroadcast(call, route));
    const { signedTxs } = competing;
    try {
      const receipt = await awaitReceipt({
        chain: this.#chain,
        from: this.#account.address,
        nonce,
        signedTxs,
        resend: route.again,
        onStuck: () => this.#queue.add(() => this.#unstick(call, signedTxs, route)),
        log: this.#log,
        signal: this.#signal,
        timeoutMs: RECEIPT_MS,
      });
      await this.#isMined(nonce);
      const hash = receipt.transactionHash;
      const meta = { chain: this.#chain.name, to: call.to, hash, block: receipt.blockNumber };
      if (signedTxs.find((signed) => signed.hash === hash)?.isEmpty === true) {
        throw new ChainError(
          'CANCELLED',
          `${call.name} was not done: another transaction of this key took its nonce`,
          { meta, retry: true },
        );
      }
      if (receipt.status === 'success') return receipt;
      const revert = await this.#whyFailed(call, receipt.blockNumber);
      throw new ChainError('FAILED', `${call.name} was mined and reverted`, { meta: { ...meta, ...revert } });
    } catch (error) {
      if (isGavelError(error, 'REPLACED')) await this.#isMined(nonce);
      this.#nonce = undefined;
      throw error;
    } finally {
      competing.isAwaited = false;
    }
  }

  async #signAndBroadcast(
    call: PlainCall,
    route: Route,
  ): Promise<{ readonly nonce: number; readonly competing: Competing }> {
    try {
      for (let tries = 1; ; tries++) {
        const { signed, since } = await this.#sign(call);
        const { nonce } = signed;
        await this.#journal?.put(nonce, signed);
        await call.onHash?.(signed.hash);
        // A nonce that was given up on is taken over with all that competes for it. From now on the nonce is
        // this transaction's, even if endpoints refuse it: at another nonce its effect could come twice.
        const others = (this.#open.get(nonce)?.signedTxs ?? []).map(asOther);
        const competing = { signedTxs: [...others, signed], isAwaited: false };
        this.#open.set(nonce, competing);
        const outcome = await route.send({ ...this.#asBroadcast(signed, call.value), since });
        if (outcome !== 'nonceTaken') {
          this.#nonce = nonce + 1;
          competing.isAwaited = true;
          return { nonce, competing };
        }
        await this.#isMined(nonce);
        this.#nonce = undefined;
        if (tries === NONCE_TRIES) {
          throw new ChainError(
            'REPLACED',
            'Other transactions keep taking our nonce: is the key used elsewhere?',
            {
              meta: { chain: this.#chain.name, from: this.#account.address, nonce },
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

  #asBroadcast({ raw, hash, nonce, gas, fees }: JournaledTx, value = 0n): Broadcast {
    const cost = value + gas * fees.maxFeePerGas;
    return { raw, hash, nonce, from: this.#account.address, cost, since: undefined };
  }

  /** Broadcasts an empty transaction. */
  #broadcastEmpty(signed: JournaledTx): Promise<Outcome> {
    const [chain, log, signal] = [this.#chain, this.#log, this.#signal];
    return createRoute({ chain, isPrivate: false, log, signal }).send(this.#asBroadcast(signed));
  }

  /** Simulates, prices and signs with the next nonce; `since` is the block that it was simulated at. */
  async #sign(call: PlainCall): Promise<{ readonly signed: JournaledTx; readonly since: bigint }> {
    const { client } = this.#chain;
    this.#stopIfAborted();
    const { address } = this.#account;
    const { to, data, value = 0n } = call;
    const request = { account: address, to, data, value };
    const [balance, estimate, nonce] = await this.#asking(call, () =>
      Promise.all([client.getBalance({ address }), client.estimateFeesPerGas(), this.#nextNonce()]),
    );
    // Before the simulation: each node software words a lack of money differently.
    this.#afford(call, estimate, { gas: call.gas ?? EMPTY_GAS, balance });
    const { gas, block } = await this.#asking(call, () =>
      simulate(this.#chain, { ...request, gas: call.gas }),
    );
    const fees = this.#afford(call, estimate, { gas, balance });
    this.#stopIfAborted();
    const before = this.#open.get(nonce)?.signedTxs.at(-1);
    const raised = before === undefined ? fees : raise(before.fees, fees, this.#chain.config.fees.maxFeeGwei);
    const signed = await this.#signed({ to, data, value }, nonce, gas, raised ?? fees, false);
    return { signed, since: block };
  }

  #afford(call: PlainCall, estimate: Fees, { gas, balance }: { gas: bigint; balance: bigint }): Fees {
    try {
      const { value = 0n } = call;
      return priceWithin(this.#chain, estimate, { gas, balance, value, from: this.#account.address });
    } catch (error) {
      if (isGavelError(error)) {
        const name = error.code === 'FEE_CAP' ? 'fee_cap_reached' : 'gas_money_missing';
        this.#metrics.count(name, { chain: this.#chain.name });
      }
      throw error;
    }
  }

  /**
   * The nonce after the last one sent; before the first call, or after trouble, the first nonce without a
   * known transaction.
   */
  async #nextNonce(): Promise<number> {
    if (this.#nonce !== undefined) return this.#nonce;
    const { address } = this.#account;
    const [mined, pending] = await Promise.all([
      this.#chain.agreed.getTransactionCount({ address, blockTag: 'latest' }),
      this.#chain.client.getTransactionCount({ address, blockTag: 'pending' }),
    ]);
    for (const nonce of this.#open.keys()) if (nonce < mined) await this.#isMined(nonce);
    // A transaction that was given up on and is not mined: the new one takes its nonce, so that never both
    // are mined.
    const open = [...this.#open];
    const givenUp = open.filter(([, { isAwaited }]) => !isAwaited).map(([nonce]) => nonce);
    if (givenUp.length > 0) return Math.min(...givenUp);
    return Math.max(mined, pending, this.#least, ...open.map(([nonce]) => nonce + 1));
  }

  async #signed(
    { to, data, value }: { to: Address; data?: Hex; value?: bigint },
    nonce: number,
    gas: bigint,
    fees: Fees,
    isEmpty: boolean,
  ): Promise<JournaledTx> {
    const { chainId } = this.#chain;
    const raw = await this.#account.signTransaction({
      type: 'eip1559',
      chainId,
      nonce,
      to,
      value: value ?? 0n,
      gas,
      ...fees,
      ...(data === undefined ? {} : { data }),
    });
    return { raw, hash: keccak256(raw), nonce, gas, fees, isEmpty };
  }

  /**
   * Sends a stuck transaction at a higher price, or an empty one in its place if the call is not wanted any
   * more.
   */
  async #unstick(call: PlainCall, signedTxs: JournaledTx[], route: Route): Promise<void> {
    const last = signedTxs.at(-1);
    if (last === undefined) return;
    const { address } = this.#account;
    const mined = await this.#chain.agreed.getTransactionCount({ address, blockTag: 'latest' });
    if (mined > last.nonce) return;
    if (mined < last.nonce) {
      // An earlier nonce of this sender has its own retry. An unknown nonce would block all later ones: it is
      // filled.
      if (!this.#open.has(mined)) await this.#fillGap(mined, last.fees);
      return;
    }
    const isWanted = !last.isEmpty && call.isWanted?.() !== false && !(await this.#wouldRevert(call));
    const fields = { chain: this.#chain.name, nonce: last.nonce, tx: last.hash, call: call.name };
    const estimate = await this.#chain.client.estimateFeesPerGas();
    const fees = raise(last.fees, estimate, this.#chain.config.fees.maxFeeGwei);
    if (fees === undefined) {
      this.#count('fee_cap_reached');
      this.#log.warn(
        { ...fields, cap: this.#chain.config.fees.maxFeeGwei },
        'stuck transaction at the fee cap',
      );
      return;
    }
    const next = isWanted
      ? await this.#signed(call, last.nonce, last.gas, fees, false)
      : await this.#signed({ to: address }, last.nonce, EMPTY_GAS, fees, true);
    await this.#journal?.put(next.nonce, next);
    if (isWanted) await call.onHash?.(next.hash);
    signedTxs.push(next);
    this.#count(isWanted ? 'transaction_replaced' : 'transaction_cancelled');
    const message = isWanted ? 'stuck transaction replaced' : 'stuck transaction cancelled';
    this.#log.warn({ ...fields, by: next.hash, maxFeePerGas: fees.maxFeePerGas }, message);
    await route.send(this.#asBroadcast(next, isWanted ? call.value : 0n));
  }

  /**
   * Clears away what an earlier run signed and left unmined. A transaction that no endpoint knows is
   * forgotten, and its nonce used again. One that waits to be mined gives its nonce to an empty transaction:
   * the step that sent it decides again.
   */
  async #recover(): Promise<void> {
    const { pollMs } = this.#chain.config;
    const backoff = createBackoff({
      leastMs: pollMs,
      mostMs: Math.max(pollMs, 10_000),
      signal: this.#signal,
    });
    for (;;) {
      try {
        await this.#clearLeftovers();
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#log.warn(
          { err: error, chain: this.#chain.name },
          'transactions of an earlier run not cleared yet',
        );
        if (!(await backoff.wait())) return;
      }
    }
  }

  async #clearLeftovers(): Promise<void> {
    const left = (await this.#journal?.all()) ?? [];
    if (left.length === 0) return;
    const { address } = this.#account;
    const mined = await this.#chain.agreed.getTransactionCount({ address, blockTag: 'latest' });
    for (const signed of left) {
      const { nonce, hash, fees } = signed;
      const isWaiting = nonce >= mined && (await isKnown(this.#chain, hash));
      if (!isWaiting) {
        await this.#journal?.forget(nonce);
        continue;
      }
      this.#open.set(nonce, { signedTxs: [signed], isAwaited: false });
      const estimate = await this.#chain.client.estimateFeesPerGas();
      const price = raise(fees, estimate, this.#chain.config.fees.maxFeeGwei);
      if (price !== undefined && !signed.isEmpty) await this.#fillGap(nonce, price);
    }
  }

  async #isMined(nonce: number): Promise<void> {
    this.#open.delete(nonce);
    this.#least = Math.max(this.#least, nonce + 1);
    await this.#journal?.forget(nonce);
  }

  /** Uses up a nonce that an earlier run of this node left behind, so that later ones can be mined. */
  async #fillGap(nonce: number, fees: Fees): Promise<void> {
    const { maxFeeGwei } = this.#chain.config.fees;
    let price: Fees | undefined = fees;
    for (let tries = 1; tries <= NONCE_TRIES && price !== undefined; tries++) {
      const empty = await this.#signed({ to: this.#account.address }, nonce, EMPTY_GAS, price, true);
      await this.#journal?.put(nonce, empty);
      const outcome = await this.#broadcastEmpty(empty);
      if (outcome === 'nonceTaken') return;
      if (this.#open.has(nonce)) this.#open.set(nonce, { signedTxs: [empty], isAwaited: false });
      if (outcome === 'sent') {
        this.#count('nonce_gap_filled');
        this.#log.warn({ chain: this.#chain.name, nonce, tx: empty.hash }, 'nonce gap filled');
        return;
      }
      price = raise(price, price, maxFeeGwei);
    }
  }

  async #wouldRevert({ to, data, value, abi }: PlainCall): Promise<boolean> {
    try {
      await this.#chain.client.call({ account: this.#account.address, to, data, value: value ?? 0n });
      return false;
    } catch (error) {
      if (revertOf(error, [...abi, ...this.#chain.errors]) !== undefined) return true;
      throw error;
    }
  }

  #count(
    name: 'fee_cap_reached' | 'transaction_replaced' | 'transaction_cancelled' | 'nonce_gap_filled',
  ): void {
    this.#metrics.count(name, { chain: this.#chain.name });
  }

  async #asking<T>(call: PlainCall, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (isGavelError(cause, 'GAS_CAP')) throw cause;
      const meta = { chain: this.#chain.name, to: call.to, functionName: call.name };
      const revert = revertOf(cause, [...call.abi, ...this.#chain.errors]);
      if (revert !== undefined) {
        throw new ChainError('REVERTED', `${call.name} would revert`, {
          meta: { ...meta, ...revert },
          cause,
        });
      }
      // Other errors are no verdict of the chain: another endpoint, or the same a little later, may answer.
      const words = refusalOf(cause);
      throw new ChainError('UNREACHABLE', `${call.name} could not be prepared: no endpoint gave an answer`, {
        meta: words === undefined ? meta : { ...meta, words },
        cause,
        retry: true,
      });
    }
  }

  /**
   * Calls again on roughly the state that the transaction met, to learn the reason; empty if the call does
   * not revert there.
   */
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
      return revertOf(error, [...call.abi, ...this.#chain.errors]) ?? {};
    }
  }

  #stopIfAborted(): void {
    if (!this.#signal.aborted) return;
    throw new ChainError('ABORTED', 'Stopped before the transaction was sent', {
      meta: { chain: this.#chain.name },
    });
  }
}

/**
 * Marks a competing transaction as empty for the call that takes its nonce over: its receipt is not that
 * call's.
 */
function asOther(signed: JournaledTx): JournaledTx {
  return { ...signed, isEmpty: true };
}

function accountOf(key: Hex): PrivateKeyAccount {
  try {
    return privateKeyToAccount(key);
  } catch {
    // The cause is dropped on purpose: its text may quote the key.
    throw new ChainError('BAD_KEY', 'Expected a secp256k1 private key: 32 bytes in hexadecimal');
  }
}
