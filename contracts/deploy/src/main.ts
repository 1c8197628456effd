#!/usr/bin/env node

/**
 * Deploys and wires Gavel's contracts on any number of chains from one file; see USAGE below and
 * docs/how-to/deploy.md.
 */
import { parseArgs } from 'node:util';
import { isGavelError } from '@gavel/protocol';
import { BaseError } from 'viem';
import { apply } from './apply.ts';
import { reasonOf } from './chain.ts';
import { readConfig } from './config.ts';
import { DeployError, EXIT } from './errors.ts';
import { plan } from './plan.ts';
import { asJson, asTable, isInSync } from './present.ts';
import { openSigner } from './signer.ts';
import { writeSources } from './sources.ts';
import { writeUnsigned } from './unsigned.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where the command writes. */
export interface Output {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
}

const USAGE = `Usage: gavel-deploy plan|apply|sources --config FILE [options]

  plan      show what every chain lacks and what it costs; sends nothing
  apply     send it; safe to repeat
  sources   write what explorers need to verify the contracts' sources

Options of every command:
  --json                print data instead of a table
  --artifacts DIR       forge's output folder, instead of the contracts of this package
Options of plan:
  --unsigned FILE       write the deployer's transactions to FILE, to be signed elsewhere
Options of apply, which signs with the key in GAVEL_DEPLOYER_KEY unless one of these is given:
  --keystore FILE       a version 3 keystore; its password is in GAVEL_DEPLOYER_PASSWORD
  --password-file FILE  a file with the keystore's password
  --signer URL          a wallet's JSON-RPC, for instance of a hardware wallet
  --only NAME           take only the step of this name, for instance "adapter aave-home"
Options of sources:
  --out DIR             the folder to write to

Exit codes: 0 in sync, 1 failed, 2 used or configured wrongly, 3 something is left to do.
`;

const COMMANDS = ['plan', 'apply', 'sources'] as const;

/** Runs the command and returns its exit code. Never throws. */
export async function main(argv: readonly string[], env: Env, output: Output): Promise<number> {
  try {
    return await run(argv, env, output);
  } catch (error) {
    output.err(`${explain(error)}\n`);
    const isUsage = ['USAGE', 'BAD_CONFIG', 'BAD_SIGNER'].some((code) => isGavelError(error, code));
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

async function run(argv: readonly string[], env: Env, output: Output): Promise<number> {
  const { command, values } = parse(argv);
  if (values.help === true) {
    output.out(USAGE);
    return EXIT.inSync;
  }
  if (command === undefined || values.config === undefined) throw new DeployError('USAGE', USAGE.trimEnd());
  const say = (text: string) => {
    if (values.json !== true) output.out(`${text}\n`);
  };
  const config = await readConfig(values.config, env);
  const signer = command === 'apply' ? await openSigner(optionsOf(values), env, config.deployer) : undefined;
  let plans = await plan(config, values.artifacts);
  if (command === 'sources') {
    if (values.out === undefined) throw new DeployError('USAGE', 'sources needs --out DIR');
    const count = await writeSources(values.out, plans, values.artifacts);
    say(`${count} contracts written to ${values.out}`);
    return EXIT.inSync;
  }
  const { only } = values;
  if (only !== undefined && !plans.some(({ steps }) => steps.some(({ step }) => step.what === only))) {
    throw new DeployError(
      'USAGE',
      `the plan has no step "${only}": take a name from the plan's third column`,
    );
  }
  if (signer !== undefined) {
    plans = await apply(plans, config, signer, (chain, text) => say(`${chain}: ${text}`), only);
  } else if (values.unsigned !== undefined) {
    const count = await writeUnsigned(values.unsigned, plans, config);
    say(`${count} transactions written to ${values.unsigned}`);
  }
  output.out(values.json === true ? `${JSON.stringify(asJson(plans), null, 2)}\n` : asTable(plans));
  return plans.every(isInSync) ? EXIT.inSync : EXIT.pending;
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: text,
        artifacts: text,
        unsigned: text,
        keystore: text,
        'password-file': text,
        signer: text,
        only: text,
        out: text,
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const [first, ...rest] = positionals;
    return { command: COMMANDS.find((name) => name === first && rest.length === 0), values };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new DeployError('USAGE', `${problem}\n\n${USAGE.trimEnd()}`, { cause });
  }
}

function optionsOf(values: ReturnType<typeof parse>['values']) {
  const { keystore, signer, 'password-file': passwordFile } = values;
  return {
    ...(keystore === undefined ? {} : { keystore }),
    ...(signer === undefined ? {} : { signer }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  };
}

function explain(error: unknown): string {
  if (error instanceof BaseError) return `a request to a chain failed: ${reasonOf(error)}`;
  if (!isGavelError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error.code === 'USAGE') return error.shortMessage;
  const { faults } = error.meta;
  return Array.isArray(faults)
    ? [error.shortMessage, ...faults.map((fault) => `  ${fault}`)].join('\n')
    : error.message;
}

if (import.meta.main) {
  for (const stream of [process.stdout, process.stderr]) {
    // A reader may go, as `head` goes when it has enough: what was begun is finished all the same.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  process.exitCode = await main(process.argv.slice(2), process.env, {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}
