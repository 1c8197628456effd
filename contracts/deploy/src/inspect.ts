import { type Address, concat, encodeFunctionData, type Hex, slice } from 'viem';
import { FACTORY } from './chain.ts';
import type { Layout } from './layout.ts';
import { saltOf } from './placement.ts';
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
  /** The deployer has scheduled it, and its delay runs until `at`. */
  | 'waiting'
  /** Its delay is over; the deployer executes it. */
  | 'to execute'
  /** The admin may set it after a delay, and schedules it. */
  | 'governance to schedule'
  /** The admin has scheduled it, and its delay runs until `at`. */
  | 'governance waiting'
  /** Its delay is over; the admin executes it. */
  | 'governance to execute'
  /** Neither the deployer nor the configured admin may set it: the chain has other roles than the file. */
  | 'blocked';

/** A call that an account sends. */
export interface Call {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
}

/** One step and what is to be done about it. */
export interface Planned {
  readonly step: Step;
  readonly status: Status;
  /** Unix seconds: when a waiting step can be executed. */
  readonly at?: number;
  /** What moves a setting on: sent now, or, while it waits, at `at`. */
  readonly call?: Call;
}

/** Finds out about one step. */
export async function inspect(layout: Layout, step: Step, config: Config): Promise<Planned> {
  const { chain } = layout;
  if (step.kind === 'create') {
    return { step, status: (await chain.hasCode(step.address)) ? 'done' : 'to do' };
  }
  if (step.holds(await chain.read(step.view))) return { step, status: 'done' };
  const { deployer } = config;
  const direct: Planned = {
    step,
    status: 'to do',
    call: { from: deployer, to: step.target, data: step.data },
  };
  if (!step.guarded || !(await chain.hasCode(managerOf(layout)))) return direct;
  const own = await permission(layout, step, deployer);
  if (own === 'immediate') return direct;
  if (own !== 'none') {
    const status = ({ schedule: 'to schedule', wait: 'waiting', execute: 'to execute' } as const)[own.next];
    return { step, status, ...own.rest };
  }
  const admin = chain.config.admin.address;
  const theirs = await permission(layout, step, admin);
  if (theirs === 'none') return { step, status: 'blocked' };
  if (theirs === 'immediate') {
    return { step, status: 'governance to execute', call: { from: admin, to: step.target, data: step.data } };
  }
  const status = (
    {
      schedule: 'governance to schedule',
      wait: 'governance waiting',
      execute: 'governance to execute',
    } as const
  )[theirs.next];
  return { step, status, ...theirs.rest };
}

/** What an account may do about a guarded step that it may take after a delay. */
interface Delayed {
  readonly next: 'schedule' | 'wait' | 'execute';
  readonly rest: { readonly call: Call; readonly at?: number };
}

/** What an account may do about a guarded step now, as the access manager sees it. */
async function permission(
  layout: Layout,
  step: Setting,
  account: Address,
): Promise<'none' | 'immediate' | Delayed> {
  const { chain, manager } = layout;
  const address = managerOf(layout);
  const read = (functionName: string, args: readonly unknown[]) =>
    chain.read({ address, abi: manager.abi, functionName, args });
  // the manager does not answer for its own functions; those here are all ADMIN's
  const answer =
    step.target === address
      ? await read('hasRole', [0n, account])
      : await read('canCall', [account, step.target, slice(step.data, 0, 4)]);
  const [allowed, delay] = Array.isArray(answer) ? answer : [false, 0];
  if (Number(delay) === 0) return allowed ? 'immediate' : 'none';
  const call = (functionName: 'schedule' | 'execute'): Call => {
    const args = functionName === 'schedule' ? [step.target, step.data, 0] : [step.target, step.data];
    return { from: account, to: address, data: encodeFunctionData({ abi: manager.abi, functionName, args }) };
  };
  const operation = await read('hashOperation', [account, step.target, step.data]);
  const readyAt = Number(await read('getSchedule', [operation]));
  if (readyAt === 0) return { next: 'schedule', rest: { call: call('schedule') } };
  return (await chain.now()) < BigInt(readyAt)
    ? { next: 'wait', rest: { at: readyAt, call: call('execute') } }
    : { next: 'execute', rest: { call: call('execute') } };
}

/** Address of a chain's access manager. */
export function managerOf(layout: Layout): Address {
  return layout.contracts.AccessManager ?? '0x0000000000000000000000000000000000000000';
}

/** Tells whether the deployer moves a step on now. */
export function isOurs({ status }: Planned): boolean {
  return status === 'to do' || status === 'to schedule' || status === 'to execute';
}

/** The transaction that takes a step of the deployer's. */
export function callOf({ step, call }: Planned, config: Config) {
  if (call !== undefined) return { to: call.to, data: call.data };
  return { to: FACTORY, data: step.kind === 'create' ? concat([saltOf(config), step.initCode]) : step.data };
}
