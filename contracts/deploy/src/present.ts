import { type ChainPlan, callOf, type Planned } from './plan.ts';
import type { Step } from './step.ts';

/** Prints plans as a table a person can check before anything is sent. */
export function asTable(plans: readonly ChainPlan[]): string {
  return plans.map(chainTable).join('\n');
}

/** Gives plans as plain data: addresses, and every step that is not done with the call that does it. */
export function asJson(plans: readonly ChainPlan[]): unknown {
  return {
    inSync: plans.every(isInSync),
    chains: plans.map((plan) => ({
      name: plan.layout.chain.config.name,
      chainId: plan.layout.chain.config.chainId,
      domain: plan.layout.chain.config.domain,
      contracts: plan.layout.contracts,
      done: plan.steps.filter(({ status }) => status === 'done').length,
      open: plan.steps.filter(({ status }) => status !== 'done').map((planned) => openStep(plan, planned)),
    })),
  };
}

/** Tells whether nothing is left to do on a chain. */
export function isInSync(plan: ChainPlan): boolean {
  return plan.steps.every(({ status }) => status === 'done');
}

function chainTable(plan: ChainPlan): string {
  const { name, chainId, domain } = plan.layout.chain.config;
  const rows = plan.steps.map(({ step, status, at }) => [
    at === undefined ? status : `${status} until ${new Date(at * 1000).toISOString()}`,
    step.kind === 'create' ? 'create' : 'set',
    step.what,
    addressOf(step),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  );
  const open = plan.steps.filter(({ status }) => status !== 'done').length;
  const governance = plan.steps.flatMap(({ step, status }) => {
    if (status !== 'for governance' || step.kind === 'create') return [];
    const { to, data } = callOf(plan.layout, step, 'schedule');
    return [`  governance schedules ${step.what}:\n    to ${to}\n    data ${data}`];
  });
  const total = open === 0 ? 'in sync' : `${open} of ${plan.steps.length} to do`;
  return [`${name} (chain ${chainId}, domain ${domain}): ${total}`, ...lines, ...governance, ''].join('\n');
}

function addressOf(step: Step): string {
  return step.kind === 'create' ? step.address : step.target;
}

function openStep(plan: ChainPlan, { step, status, at }: Planned): unknown {
  const call =
    step.kind === 'create'
      ? { address: step.address }
      : callOf(plan.layout, step, status === 'for governance' ? 'schedule' : 'direct');
  return { status, kind: step.kind, what: step.what, ...(at === undefined ? {} : { at }), ...call };
}
