import { setTimeout as pause } from 'node:timers/promises';
import type { Abi, Address, Hex, TransactionReceipt } from 'viem';
import { type Chain, reasonOf } from './chain.ts';
import { DeployError } from './errors.ts';
import { type Fees, feesOf, raised } from './fees.ts';
import { explainRevert, revertOf } from './reverts.ts';
import type { Signer } from './signer.ts';

/** A transaction to be sent. */
export interface Outgoing {
  readonly what: string;
  readonly to: Address;
  readonly data: Hex;
  /** ABIs whose errors a refusal is explained by. */
  readonly abis: readonly Abi[];
}

/** What became of a nonce: our transaction is in the chain, or another one has its nonce. */
export type Outcome = 'mined' | 'superseded';

/** Milliseconds between two looks at what a chain knows of a transaction. */
const LOOK_EVERY = 400;

/** Milliseconds after which a used nonce without a receipt of ours counts as another transaction's. */
const RECEIPT_LAG = 5_000;

/**
 * Sends a transaction and waits until it has its confirmations. Uses the lowest nonce that no block holds, so
 * that it replaces a transaction that is stuck there; sends it again at a higher fee while no block takes it,
 * up to the file's cap.
 *
 * Throws TX_FAILED.
 */
export async function send(
  chain: Chain,
  signer: Signer,
  outgoing: Outgoing,
  notice: (text: string) => void,
): Promise<Outcome> {
  const { what, to, data } = outgoing;
  const { name, transactions } = chain.config;
  const fail = (problem: string, meta: Readonly<Record<string, unknown>>) =>
    new DeployError('TX_FAILED', problem, { meta: { chain: name, what, ...meta } });

  const gas = await gasFor(chain, signer.address, outgoing, fail);
  const address = signer.address;
  const nonce = await chain.ask((client) => client.getTransactionCount({ address }));
  const pending = await chain.ask((client) => client.getTransactionCount({ address, blockTag: 'pending' }));
  if (pending > nonce) {
    notice(
      `${pending - nonce} earlier transactions are in no block yet; replacing the one with nonce ${nonce}`,
    );
  }
  let fees: Fees = await feesOf(chain);
  if (fees.maxFeePerGas < fees.baseFee) {
    throw fail('the base fee is above the cap: wait, or raise transactions.maxFeeGwei', {
      baseFee: fees.baseFee,
      cap: fees.limit,
    });
  }
  const hashes = new Set<Hex>();
  for (;;) {
    const { maxFeePerGas, maxPriorityFeePerGas } = fees;
    const request = { to, data, gas, nonce, maxFeePerGas, maxPriorityFeePerGas, value: 0n };
    const answer = await signer.submit(chain, request);
    if (answer.hash !== undefined) hashes.add(answer.hash);
    if (answer.refused !== undefined) {
      const known = answer.hash !== undefined && (await isKnown(chain, answer.hash));
      const why = answer.refused;
      if (!known && !TOO_LOW_NONCE.test(why) && !UNDERPRICED.test(why)) {
        throw fail('a transaction was refused', { why, hash: answer.hash });
      }
      if (!known && UNDERPRICED.test(why)) {
        fees = higher(fees, fail);
        continue;
      }
    }
    const receipt = await watch(chain, address, nonce, hashes, transactions.replaceAfter * 1_000);
    if (receipt === 'superseded') return 'superseded';
    if (receipt !== 'stuck') {
      if (receipt.status === 'success') return 'mined';
      throw fail('a transaction reverted', {
        hash: receipt.transactionHash,
        why: await whyReverted(chain, address, outgoing),
      });
    }
    fees = higher(fees, fail);
    notice(
      `no block took nonce ${nonce} for ${transactions.replaceAfter} s; sending it again at a higher fee`,
    );
  }
}

const UNDERPRICED = /underpriced|replac|fee too low|max fee per gas less than block base fee/i;
const TOO_LOW_NONCE = /nonce.*(too low|already|lower)|OldNonce/i;

type Fail = (problem: string, meta: Readonly<Record<string, unknown>>) => DeployError;

function higher(fees: Fees, fail: Fail): Fees {
  const more = raised(fees);
  if (more !== undefined) return more;
  throw fail(
    'no block takes the transaction within the fee cap: raise transactions.maxFeeGwei and apply again',
    {
      offered: fees.maxFeePerGas,
      cap: fees.limit,
    },
  );
}

async function gasFor(
  chain: Chain,
  account: Address,
  { to, data, abis }: Outgoing,
  fail: Fail,
): Promise<bigint> {
  try {
    // A quarter more than estimated: what a call uses depends on the second it is mined in.
    const used = await chain.ask((client) => client.estimateGas({ account, to, data }));
    return used + used / 4n;
  } catch (error) {
    if (error instanceof DeployError) throw error;
    const revert = revertOf(error);
    throw fail('a transaction would revert', {
      why: revert === undefined ? reasonOf(error) : explainRevert(revert, abis),
    });
  }
}

async function whyReverted(chain: Chain, account: Address, { to, data, abis }: Outgoing): Promise<string> {
  try {
    await chain.ask((client) => client.call({ account, to, data }));
    return 'it does not revert any more: apply again';
  } catch (error) {
    const revert = revertOf(error);
    return revert === undefined ? reasonOf(error) : explainRevert(revert, abis);
  }
}

async function isKnown(chain: Chain, hash: Hex): Promise<boolean> {
  const answer = await chain.ask((client) =>
    client.request({ method: 'eth_getTransactionByHash', params: [hash] }),
  );
  return answer !== null;
}

async function receiptOf(chain: Chain, hash: Hex): Promise<TransactionReceipt | undefined> {
  const raw = await chain.ask((client) =>
    client.request({ method: 'eth_getTransactionReceipt', params: [hash] }),
  );
  return raw === null ? undefined : chain.ask((client) => client.getTransactionReceipt({ hash }));
}

/**
 * Waits until one of the transactions of a nonce has its confirmations, or the nonce is another's, or time is
 * up.
 */
async function watch(
  chain: Chain,
  address: Address,
  nonce: number,
  hashes: ReadonlySet<Hex>,
  patience: number,
): Promise<TransactionReceipt | 'superseded' | 'stuck'> {
  const { confirmations } = chain.config.transactions;
  const start = performance.now();
  let usedSince: number | undefined;
  for (;;) {
    for (const hash of hashes) {
      const receipt = await receiptOf(chain, hash);
      if (receipt === undefined) continue;
      const height = await chain.ask((client) => client.getBlockNumber());
      if (height - receipt.blockNumber + 1n >= BigInt(confirmations)) return receipt;
      usedSince = performance.now(); // it waits for confirmations; a reorganisation may still undo it
    }
    const now = performance.now();
    const used = (await chain.ask((client) => client.getTransactionCount({ address }))) > nonce;
    if (!used) usedSince = undefined;
    else {
      usedSince ??= now;
      if (now - usedSince > RECEIPT_LAG) return 'superseded';
    }
    if (!used && now - start > patience) return 'stuck';
    await pause(LOOK_EVERY);
  }
}
