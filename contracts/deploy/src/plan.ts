import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, encodeFunctionData, type Hex, slice } from 'viem';
import { createArtifacts } from './artifacts.ts';
import { connect } from './chain.ts';
import { type Layout, layOut } from './layout.ts';
import { place } from './placement.ts';
import type { Setting, Step } from './step.ts';
import type { Config } from './types.ts';

/** What is to be done about a step. */
export type Status =
  /** It is as it should be. */
  | 'done'
  /** The deployer creates it, or sets it at once. */
  | 'to do'
  /** The deployer may set it after a delay, and schedules it. */
  | 'to schedule'
  /** It is scheduled, and its delay runs until `at`. */
  | 'waiting'
  /** Its delay is over; the deployer executes it. */
  | 'to execute'
  /** Only governance may set it; the plan prints the call. */
  | 'for governance';

/** One step and what is to be done about it. */
export interface Planned {
  readonly step: Step;
  readonly status: Status;
  /** Unix seconds: when a waiting step can be executed. */
  readonly at?: number;
}

/** One chain's plan. */
export interface ChainPlan {
  readonly layout: Layout;
  readonly steps: readonly Planned[];
}

/**
 * Finds out what every chain lacks. Sends nothing.
 *
 * `artifacts` is forge's output folder or a bundle. Throws BAD_ARTIFACT, WRONG_CHAIN.
 */
export async function plan(config: Config, artifacts: string = DEFAULT_ARTIFACTS): Promise<ChainPlan[]> {
  const source = createArtifacts(artifacts);
  const chains = await Promise.all(config.chains.map(connect));
  const placed = await Promise.all(chains.map((chain) => place(chain, config, source)));
  const layouts = await Promise.all(
    placed.map((one) =>
      layOut(
        one,
        placed.filter((other) => other !== one),
        config,
        source,
      ),
    ),
  );
  return Promise.all(
    layouts.map(async (layout) => {
      const steps: Planned[] = [];
      for (const step of layout.steps) steps.push(await inspect(layout, step, config.deployer));
      return { layout, steps };
    }),
  );
}

/** Finds out about one step. */
export async function inspect(layout: Layout, step: Step, deployer: Address): Promise<Planned> {
  if (step.kind === 'create') {
    return { step, status: (await layout.chain.hasCode(step.address)) ? 'done' : 'to do' };
  }
  if (step.holds(await layout.chain.read(step.view))) return { step, status: 'done' };
  if (!step.guarded) return { step, status: 'to do' };
  return { step, ...(await permission(layout, step, deployer)) };
}

/**
 * Who may take a guarded step now, as the access manager sees it. Without a manager yet, the deployer will be
 * it.
 */
async function permission(
  layout: Layout,
  step: Setting,
  deployer: Address,
): Promise<{ status: Status; at?: number }> {
  const { chain, manager } = layout;
  const address = managerOf(layout);
  if (!(await chain.hasCode(address))) return { status: 'to do' };
  const read = (functionName: string, args: readonly unknown[]) =>
    chain.read({ address, abi: manager.abi, functionName, args });
  // the manager does not answer for its own functions; those here are all ADMIN's
  const answer =
    step.target === address
      ? await read('hasRole', [0n, deployer])
      : await read('canCall', [deployer, step.target, slice(step.data, 0, 4)]);
  const [allowed, delay] = Array.isArray(answer) ? answer : [false, 0];
  if (allowed && Number(delay) === 0) return { status: 'to do' };
  if (Number(delay) === 0) return { status: 'for governance' };
  const operation = await read('hashOperation', [deployer, step.target, step.data]);
  const readyAt = Number(await read('getSchedule', [operation]));
  if (readyAt === 0) return { status: 'to schedule' };
  return (await chain.now()) < BigInt(readyAt)
    ? { status: 'waiting', at: readyAt }
    : { status: 'to execute' };
}

/** Address of a chain's access manager. */
export function managerOf(layout: Layout): Address {
  return layout.contracts.AccessManager ?? '0x0000000000000000000000000000000000000000';
}

/**
 * The call that takes a step, for any permitted sender: directly, or through the access manager's two steps.
 */
export function callOf(
  layout: Layout,
  step: Setting,
  how: 'direct' | 'schedule' | 'execute',
): { to: Address; data: Hex } {
  if (how === 'direct') return { to: step.target, data: step.data };
  const args = how === 'schedule' ? [step.target, step.data, 0] : [step.target, step.data];
  return {
    to: managerOf(layout),
    data: encodeFunctionData({ abi: layout.manager.abi, functionName: how, args }),
  };
}

/** The published package has a bundle beside its code; the repository has forge's output. */
const BUNDLE = join(import.meta.dirname, '../artifacts.json');
const DEFAULT_ARTIFACTS = existsSync(BUNDLE) ? BUNDLE : join(import.meta.dirname, '../../out');
