import { formatEther, formatGwei } from 'viem';
import type { Estimate } from './estimate.ts';
import type { Planned, Status } from './inspect.ts';
import type { ChainPlan } from './plan.ts';
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
      open: plan.steps.filter(({ status }) => status !== 'done').map(openStep),
      ...(plan.estimate === undefined ? {} : { estimate: estimateJson(plan.estimate) }),
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
    at === undefined ? status : `${status} until ${timeOf(at)}`,
    step.kind === 'create' ? 'create' : 'set',
    step.what,
    addressOf(step),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`,
  );
  const open = plan.steps.filter(({ status }) => status !== 'done').length;
  const total = open === 0 ? 'in sync' : `${open} of ${plan.steps.length} to do`;
  const governance = plan.steps.flatMap(governanceLines);
  const cost = plan.estimate === undefined ? [] : costLines(plan.estimate);
  return [
    `${name} (chain ${chainId}, domain ${domain}): ${total}`,
    ...lines,
    ...governance,
    ...cost,
    '',
  ].join('\n');
}

/** What the admin does about a step, in words. */
const GOVERNANCE: { readonly [status in Status]?: string } = {
  'governance to schedule': 'schedules',
  'governance waiting': 'can execute',
  'governance to execute': 'executes',
};

function governanceLines({ step, status, at, call }: Planned): string[] {
  if (status === 'blocked') {
    return [
      `  neither the deployer nor the admin may set ${step.what}: the chain has other roles than the file`,
    ];
  }
  const does = GOVERNANCE[status];
  if (does === undefined || call === undefined) return [];
  const when = at === undefined ? '' : ` from ${timeOf(at)} on`;
  return [
    `  governance ${does} ${step.what}${when}:`,
    `    from ${call.from}`,
    `    to ${call.to}`,
    `    data ${call.data}`,
  ];
}

function costLines({ transactions, gas, fees, cost, mostCost, balance, pending, nonce }: Estimate): string[] {
  if (transactions === 0) return [];
  const offer = `${formatGwei(fees.baseFee + fees.maxPriorityFeePerGas)} gwei now`;
  const lines = [
    `  ${transactions} transactions, about ${(Number(gas) / 1e6).toFixed(1)} million gas: ${eth(cost)} at ${offer}, at most ${eth(mostCost)} at ${formatGwei(fees.maxFeePerGas)} gwei`,
    `  the deployer has ${eth(balance)}${balance < cost ? ', which is too little' : ''}`,
  ];
  if (fees.maxFeePerGas < fees.baseFee)
    lines.push('  the base fee is above the cap: apply would send nothing');
  if (pending > 0) {
    lines.push(
      `  ${pending} transactions of the deployer are in no block yet; apply replaces nonce ${nonce}`,
    );
  }
  return lines;
}

function eth(wei: bigint): string {
  const [whole, fraction = ''] = formatEther(wei).split('.');
  return `${whole}.${fraction.padEnd(6, '0').slice(0, 6)} ETH`;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function addressOf(step: Step): string {
  return step.kind === 'create' ? step.address : step.target;
}

function openStep({ step, status, at, call }: Planned): unknown {
  return {
    status,
    kind: step.kind,
    what: step.what,
    ...(at === undefined ? {} : { at }),
    ...(step.kind === 'create' ? { address: step.address } : {}),
    ...call,
  };
}

function estimateJson({
  transactions,
  gas,
  fees,
  cost,
  mostCost,
  balance,
  pending,
  nonce,
}: Estimate): unknown {
  return {
    transactions,
    gas: String(gas),
    maxFeePerGas: String(fees.maxFeePerGas),
    maxPriorityFeePerGas: String(fees.maxPriorityFeePerGas),
    cost: String(cost),
    mostCost: String(mostCost),
    balance: String(balance),
    pending,
    nonce,
  };
}
