import { writeFile } from 'node:fs/promises';

import { gasOf } from './estimate.ts';
import { callOf, isOurs } from './inspect.ts';
import type { ChainPlan } from './plan.ts';
import type { Config } from './types.ts';

/**
 * Writes the deployer's transactions of a plan to a file, in the order in which they must be mined, for a
 * signer that this program cannot reach. Values are hexadecimal, as `eth_signTransaction` takes them. Gives
 * the last power up in no transaction while a step of governance is open. Returns how many were written.
 */
export async function writeUnsigned(
  file: string,
  plans: readonly ChainPlan[],
  config: Config,
): Promise<number> {
  const transactions: unknown[] = [];
  for (const { layout, steps, estimate } of plans) {
    if (estimate === undefined) continue;
    const { name, chainId } = layout.chain.config;
    const ours = steps.filter(isOurs);
    const others = steps.some((planned) => planned.status !== 'done' && !isOurs(planned));
    const sent = ours.filter(({ step }) => !(others && step.kind === 'set' && !step.guarded));
    for (const [index, planned] of sent.entries()) {
      transactions.push({
        chain: name,
        what: planned.step.what,
        from: config.deployer,
        ...callOf(planned, config),
        value: '0x0',
        chainId: hex(chainId),
        nonce: hex(estimate.nonce + index),
        gas: hex(await gasOf(layout.chain, planned, config)),
        maxFeePerGas: hex(estimate.fees.maxFeePerGas),
        maxPriorityFeePerGas: hex(estimate.fees.maxPriorityFeePerGas),
        type: '0x2',
      });
    }
  }
  await writeFile(file, `${JSON.stringify(transactions, null, 2)}\n`);
  return transactions.length;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
