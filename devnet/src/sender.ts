import { GavelError } from '@gavel/protocol';
import {
  type Abi,
  type Address,
  BaseError,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EstimateContractGasParameters,
  type Hash,
  type Hex,
  type TransactionReceipt,
  type WriteContractParameters,
} from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { type Artifact, link } from './artifacts.ts';
import type { Chain } from './chain.ts';

type Mutability = 'nonpayable' | 'payable';

/** A call that changes state. */
export interface Call<abi extends Abi, name extends ContractFunctionName<abi, Mutability>> {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args?: ContractFunctionArgs<abi, Mutability, name>;
  /** Wei sent along. */
  readonly value?: bigint;
  /** Gas limit; estimated when absent. */
  readonly gas?: bigint;
}

/** One key on one chain. Calls may overlap: nonces are given out in the order of the calls. */
export interface Sender {
  readonly chain: Chain;
  readonly address: Address;
  /** Deploys a contract and returns its address. Throws DEVNET_TX_FAILED. */
  deploy(
    artifact: Artifact,
    args?: readonly unknown[],
    libraries?: Readonly<Record<string, Address>>,
  ): Promise<Address>;
  /** Sends a call and returns its receipt once mined. Throws DEVNET_TX_FAILED, also when it reverts. */
  write<const abi extends Abi, name extends ContractFunctionName<abi, Mutability>>(
    call: Call<abi, name>,
  ): Promise<TransactionReceipt>;
}

/** Makes a sender. Give every key only one sender per chain, or nonces collide. */
export function createSender(chain: Chain, privateKey: Hex): Sender {
  const wallet = chain.walletFor(privateKey);
  const inOrder = createLane();

  const mined = async (what: string, send: () => Promise<Hash>): Promise<TransactionReceipt> => {
    try {
      const hash = await inOrder(send);
      const receipt = await chain.publicClient.waitForTransactionReceipt({ hash });
      if (receipt.status === 'success') return receipt;
      throw failure(chain, what, 'reverted when mined', { hash });
    } catch (cause) {
      if (cause instanceof GavelError) throw cause;
      throw failure(chain, what, cause instanceof BaseError ? cause.shortMessage : String(cause), {}, cause);
    }
  };

  return {
    chain,
    address: privateKeyToAddress(privateKey),
    deploy: async (artifact, args = [], libraries = {}) => {
      const bytecode = link(artifact, libraries);
      const receipt = await mined(`deploying ${artifact.name}`, () =>
        wallet.deployContract({ abi: artifact.abi, bytecode, args }),
      );
      if (receipt.contractAddress) return receipt.contractAddress;
      throw failure(chain, `deploying ${artifact.name}`, 'made no contract');
    },
    write: (call) =>
      mined(`calling ${String(call.functionName)} of ${call.address}`, async () => {
        const request = { ...call, account: wallet.account } as unknown as EstimateContractGasParameters;
        const gas = call.gas ?? withMargin(await chain.publicClient.estimateContractGas(request));
        return wallet.writeContract({ ...call, gas } as unknown as WriteContractParameters<Abi, string>);
      }),
  };
}

/** Interest that accrues between the estimate and the block costs gas of its own. */
function withMargin(estimate: bigint): bigint {
  return (estimate * 3n) / 2n;
}

function failure(chain: Chain, what: string, why: string, meta = {}, cause?: unknown): GavelError {
  return new GavelError('DEVNET_TX_FAILED', 'a set-up transaction failed', {
    meta: { chain: chain.name, what, why, ...meta },
    cause,
  });
}

/** Makes a queue that runs one task at a time, in order; a task's failure is its caller's alone. */
function createLane(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task, task);
    last = next;
    return next;
  };
}
