#!/usr/bin/env node

/**
 * Deploy and wire Gavel's contracts on any number of chains from one file:
 *
 *     gavel-deploy plan  --config FILE [--json]     show what is missing; send nothing
 *     gavel-deploy apply --config FILE [--json]     send what is missing; safe to repeat
 *
 * `apply` signs with the private key in GAVEL_DEPLOYER_KEY. Exit codes: 0 in sync, 1 failed, 2 used or
 * configured wrongly, 3 something is left to do.
 */
import { parseArgs } from 'node:util';
import { isGavelError } from '@gavel/protocol';
import { type Account, isAddressEqual, isHex, size } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { apply } from './apply.ts';
import { readConfig } from './config.ts';
import { DeployError, EXIT } from './errors.ts';
import { plan } from './plan.ts';
import { asJson, asTable, isInSync } from './present.ts';
import type { Config } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the command writes. */
export interface Output {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
}

const USAGE = `Usage: gavel-deploy plan|apply --config FILE [--artifacts DIR] [--json]

  plan    show what every chain lacks; sends nothing
  apply   send it, signed by the key in GAVEL_DEPLOYER_KEY; safe to repeat

Exit codes: 0 in sync, 1 failed, 2 used or configured wrongly, 3 something is left to do.
`;

/** Runs the command and returns its exit code. Never throws. */
export async function main(argv: readonly string[], env: Env, output: Output): Promise<number> {
  try {
    return await run(argv, env, output);
  } catch (error) {
    output.err(`${explain(error)}\n`);
    return isGavelError(error, 'USAGE') || isGavelError(error, 'BAD_CONFIG') ? EXIT.usage : EXIT.failed;
  }
}

async function run(argv: readonly string[], env: Env, output: Output): Promise<number> {
  const { command, values } = parse(argv);
  if (values.help === true) {
    output.out(USAGE);
    return EXIT.inSync;
  }
  if ((command !== 'plan' && command !== 'apply') || values.config === undefined) {
    throw new DeployError('USAGE', USAGE.trimEnd());
  }
  const config = await readConfig(values.config, env);
  const account = command === 'apply' ? signerOf(config, env) : undefined;
  let plans = await plan(config, values.artifacts);
  if (account !== undefined) {
    plans = await apply(plans, config, account, (chain, what, how) => {
      if (values.json !== true)
        output.out(`${chain}: ${how === 'to schedule' ? 'scheduled' : 'done'}: ${what}\n`);
    });
  }
  output.out(values.json === true ? `${JSON.stringify(asJson(plans), null, 2)}\n` : asTable(plans));
  return plans.every(isInSync) ? EXIT.inSync : EXIT.pending;
}

function parse(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        artifacts: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return { command: positionals.length === 1 ? positionals[0] : undefined, values };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new DeployError('USAGE', `${problem}\n\n${USAGE.trimEnd()}`, { cause });
  }
}

function signerOf(config: Config, env: Env): Account {
  const key = env.GAVEL_DEPLOYER_KEY;
  if (!isHex(key) || size(key) !== 32) {
    throw new DeployError(
      'USAGE',
      'GAVEL_DEPLOYER_KEY must hold the deployer’s private key: 0x and 64 hex digits',
    );
  }
  const account = privateKeyToAccount(key);
  if (isAddressEqual(account.address, config.deployer)) return account;
  throw new DeployError('BAD_CONFIG', 'the key is not the deployer’s', {
    meta: { faults: [`deployer: ${config.deployer} is configured, the key is ${account.address}'s`] },
  });
}

function explain(error: unknown): string {
  if (!isGavelError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error.code === 'USAGE') return error.shortMessage;
  const { faults } = error.meta;
  return Array.isArray(faults)
    ? [error.shortMessage, ...faults.map((fault) => `  ${fault}`)].join('\n')
    : error.message;
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), process.env, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}
