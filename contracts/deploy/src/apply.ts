import { type Account, concat, keccak256, stringToHex } from 'viem';
import { FACTORY } from './chain.ts';
import { type ChainPlan, callOf, inspect, type Planned } from './plan.ts';
import type { Config } from './types.ts';

/** Told of every transaction as it is mined. */
export type Progress = (chain: string, what: string, how: string) => void;

/**
 * Carries a plan out, every chain by itself, and returns what is left. Each step is looked at again before it
 * is taken, so that a run after a failure, or beside another, does nothing twice.
 *
 * Throws TX_FAILED after every chain has gone as far as it could; what was done stands.
 */
export async function apply(
  plans: readonly ChainPlan[],
  config: Config,
  account: Account,
  progress: Progress,
): Promise<ChainPlan[]> {
  const results = await Promise.allSettled(plans.map((plan) => applyChain(plan, config, account, progress)));
  const applied: ChainPlan[] = [];
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    applied.push(result.value);
  }
  return applied;
}

async function applyChain(
  { layout }: ChainPlan,
  config: Config,
  account: Account,
  progress: Progress,
): Promise<ChainPlan> {
  const { chain } = layout;
  const salt = keccak256(stringToHex(config.salt));
  const steps: Planned[] = [];
  for (const step of layout.steps) {
    const found = await inspect(layout, step, config.deployer);
    const how = HOW[found.status];
    // giving up the last power while something is left to do would leave that power with no account that
    // knows
    const tooEarly = step.kind === 'set' && !step.guarded && steps.some(({ status }) => status !== 'done');
    if (how === undefined || tooEarly) {
      steps.push(found);
      continue;
    }
    if (step.kind === 'create') {
      await chain.send(account, step.what, FACTORY, concat([salt, step.initCode]));
    } else {
      const { to, data } = callOf(layout, step, how);
      await chain.send(account, step.what, to, data);
    }
    progress(chain.config.name, step.what, found.status);
    steps.push(await inspect(layout, step, config.deployer));
  }
  return { layout, steps };
}

const HOW = {
  done: undefined,
  'to do': 'direct',
  'to schedule': 'schedule',
  waiting: undefined,
  'to execute': 'execute',
  'for governance': undefined,
} as const;
