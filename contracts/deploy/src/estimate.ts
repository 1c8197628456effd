import type { Chain } from './chain.ts';
import { type Fees, feesOf } from './fees.ts';
import { callOf, isOurs, type Planned } from './inspect.ts';
import type { Layout } from './layout.ts';

import { revertOf } from './reverts.ts';
import type { Config } from './types.ts';

/** What the deployer's transactions on a chain cost. */
export interface Estimate {
  readonly transactions: number;
  /** Units of gas, a quarter more than measured. */
  readonly gas: bigint;
  readonly fees: Fees;
  /** Wei at the fee of the newest block. Rollups add what publishing the data on their parent chain costs. */
  readonly cost: bigint;
  /** Wei at the highest fee that is offered. */
  readonly mostCost: bigint;
  /** Wei that the deployer has. */
  readonly balance: bigint;
  /** Transactions of the deployer that no block holds yet. */
  readonly pending: number;
  readonly nonce: number;
}

/**
 * Units of gas of calls to contracts that do not exist yet, so that no node can estimate them. Those that
 * write a market's rules suffice for some twenty auctioneers and tokens together: each is a word of the
 * market's snapshot.
 */
export const GAS_OF: Readonly<Record<string, bigint>> = {
  setEscrow: 75_000n,
  setSecurityModule: 75_000n,
  setChain: 75_000n,
  setTerms: 550_000n,
  setAuctioneers: 650_000n,
  setCollateral: 550_000n,
  setDebtTerms: 650_000n,
  setRoute: 220_000n,
  setReimbursement: 75_000n,
  setTargetFunctionRole: 70_000n,
  setRoleGuardian: 65_000n,
  grantRole: 80_000n,
  renounceRole: 40_000n,
};

/** Units of gas of a call whose cost is not known. */
const UNKNOWN_GAS = 1_000_000n;

/** Estimates what the deployer's part of a plan costs, every step that can be taken in one run of `apply`. */
export async function estimate(layout: Layout, steps: readonly Planned[], config: Config): Promise<Estimate> {
  const { chain } = layout;
  const ours = steps.filter(isOurs);
  let gas = 0n;
  for (const planned of ours) gas += await gasOf(chain, planned, config);
  const address = config.deployer;
  const fees = await feesOf(chain);
  const nonce = await chain.ask((client) => client.getTransactionCount({ address }));
  const pending = await chain.ask((client) => client.getTransactionCount({ address, blockTag: 'pending' }));
  return {
    transactions: ours.length,
    gas,
    fees,
    cost: gas * (fees.baseFee + fees.maxPriorityFeePerGas),
    mostCost: gas * fees.maxFeePerGas,
    balance: await chain.ask((client) => client.getBalance({ address })),
    pending: Math.max(pending - nonce, 0),
    nonce,
  };
}

/**
 * Units of gas that a step may use: a quarter more than a node's estimate, or than what such a call used in
 * tests.
 */
export async function gasOf(chain: Chain, planned: Planned, config: Config): Promise<bigint> {
  const { step } = planned;
  const { to, data } = callOf(planned, config);
  if (step.kind === 'create' || (await chain.hasCode(step.target))) {
    try {
      const used = await chain.ask((client) => client.estimateGas({ account: config.deployer, to, data }));
      return used + used / 4n;
    } catch (error) {
      // it can depend on a step before it
      if (revertOf(error) === undefined) throw error;
    }
  }
  return step.kind === 'set' ? (GAS_OF[step.setter] ?? UNKNOWN_GAS) : UNKNOWN_GAS;
}
