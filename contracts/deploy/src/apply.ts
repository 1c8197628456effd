import { setTimeout as pause } from 'node:timers/promises';
import type { Abi } from 'viem';
import type { Chain } from './chain.ts';
import { DeployError } from './errors.ts';
import { callOf, inspect, isOurs, type Planned } from './inspect.ts';
import type { Layout } from './layout.ts';
import type { ChainPlan } from './plan.ts';
import { send } from './sender.ts';
import type { Signer } from './signer.ts';
import type { Step } from './step.ts';
import type { Config } from './types.ts';

/** Told of every transaction as it is mined, and of what delays one. */
export type Progress = (chain: string, text: string) => void;

/** How often a step is taken again whose nonce another transaction took. */
const MOST_TURNS = 5;

/** Looks at a chain, a second apart, until its endpoint knows what a mined transaction did. */
const MOST_LOOKS = 30;

/**
 * Carries a plan out, every chain by itself, and returns what is left. Each step is looked at again before it
 * is taken, so that a run after a failure, or beside another, does nothing twice. With `only`, takes the one
 * step of that name.
 *
 * Throws TX_FAILED after every chain has gone as far as it could; what was done stays.
 */
export async function apply(
  plans: readonly ChainPlan[],
  config: Config,
  signer: Signer,
  progress: Progress,
  only?: string,
): Promise<ChainPlan[]> {
  const results = await Promise.allSettled(
    plans.map((plan) => applyChain(plan, config, signer, progress, only)),
  );
  const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  const [first, ...more] = failures;
  if (more.length > 0 && failures.every((failure) => failure instanceof DeployError)) {
    const faults = failures.map((failure: DeployError) => failure.message);
    throw new DeployError('TX_FAILED', 'several chains failed', { meta: { faults } });
  }
  if (first !== undefined) throw first;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function applyChain(
  { layout }: ChainPlan,
  config: Config,
  signer: Signer,
  progress: Progress,
  only: string | undefined,
): Promise<ChainPlan> {
  const steps: Planned[] = [];
  for (const step of layout.steps) {
    const found = await inspect(layout, step, config);
    // giving up the last power while something is left to do would leave that power with no account that
    // knows
    const tooEarly = step.kind === 'set' && !step.guarded && steps.some(({ status }) => status !== 'done');
    const chosen = only === undefined || step.what === only;
    steps.push(
      isOurs(found) && !tooEarly && chosen ? await take(layout, found, config, signer, progress) : found,
    );
  }
  return { layout, steps };
}

async function take(
  layout: Layout,
  planned: Planned,
  config: Config,
  signer: Signer,
  progress: Progress,
): Promise<Planned> {
  const { chain } = layout;
  const { step } = planned;
  let before = planned;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    await targetKnown(chain, step);
    const outcome = await send(
      chain,
      signer,
      { what: step.what, ...callOf(before, config), abis: abisOf(layout, step) },
      (text) => progress(chain.config.name, text),
    );
    const after = await look(layout, before, config, outcome === 'mined' ? MOST_LOOKS : 1);
    if (after.status !== before.status) {
      progress(chain.config.name, `${before.status === 'to schedule' ? 'scheduled' : 'done'}: ${step.what}`);
    }
    if (outcome === 'mined' || !isOurs(after)) return after;
    before = after;
  }
  throw new DeployError(
    'TX_FAILED',
    'other transactions of the deployer keep taking the nonce: stop them first',
    {
      meta: { chain: chain.config.name, what: step.what },
    },
  );
}

function abisOf(layout: Layout, step: Step): readonly Abi[] {
  const own = step.kind === 'create' ? step.artifact.abi : step.abi;
  return [own, layout.manager.abi];
}

/** Looks at a step until it differs: endpoints behind a balancer lag behind each other. */
async function look(layout: Layout, before: Planned, config: Config, looks: number): Promise<Planned> {
  let after = await inspect(layout, before.step, config);
  for (let n = 1; n < looks && after.status === before.status; n += 1) {
    await pause(1_000);
    after = await inspect(layout, before.step, config);
  }
  return after;
}

/**
 * Waits until the endpoint knows the contract that a step calls; an estimate without it would be far too low.
 */
async function targetKnown(chain: Chain, step: Step): Promise<void> {
  if (step.kind === 'create') return;
  for (let n = 0; n < MOST_LOOKS; n += 1) {
    if (await chain.hasCode(step.target)) return;
    await pause(1_000);
  }
  throw new DeployError('TX_FAILED', 'the endpoint does not know a contract that was created: apply again', {
    meta: { chain: chain.config.name, what: step.what, target: step.target },
  });
}
