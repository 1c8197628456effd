#!/usr/bin/env node
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isGavelError } from '@gavel/protocol';
import { Command } from 'commander';
import pc from 'picocolors';
import { describeNetwork } from './describe.ts';
import { type Network, startNetwork } from './network.ts';
import { nodePlans, type RunningNode, startNodes } from './nodes.ts';
import { asData, checkList, liquidationTable } from './story/present.ts';
import { createListener, type Listener, runStory } from './story/story.ts';
import { createTeller, type Tell } from './story/tell.ts';

/** A network with its nodes running. */
interface Running {
  /** Say that nothing went wrong, so that the folder may go. */
  readonly succeed: () => void;
  readonly network: Network;
  readonly nodes: readonly RunningNode[];
  readonly listener: Listener;
  readonly setupMs: number;
}

const print = (line = '') => process.stdout.write(`${line}\n`);

const program = new Command('gavel-devnet')
  .description('Run Gavel on three local chains with real lending protocols and real messages between them.')
  .showHelpAfterError();

program
  .command('demo')
  .description('Bring the network up, let prices fall, and check what every chain holds afterwards.')
  .option('--json <file>', 'also write the outcome as data')
  .option('--keep', 'leave everything running afterwards, until Ctrl-C')
  .action((options: { json?: string; keep?: boolean }) => run((signal) => demo(signal, options)));

program
  .command('up')
  .description('Bring the same network up without the story, and leave it running until Ctrl-C.')
  .action(() => run(up));

await program.parseAsync();

async function demo(signal: AbortSignal, options: { json?: string; keep?: boolean }): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const tell = createTeller(print);
  print(pc.bold('Gavel: loans go under water, solvers on other chains bid, debts are repaid at once.'));
  print();
  const { network, nodes, listener, setupMs, succeed } = await bringUp(stack, tell, signal);
  print();
  const result = await runStory({ network, listener, tell, signal });
  print();
  print(liquidationTable(result));
  print();
  print(checkList(result));
  print();
  if (options.json) {
    await writeFile(
      resolve(process.env.INIT_CWD ?? '.', options.json),
      `${toJson(asData(network, result, setupMs))}\n`,
    );
  }
  const failed = result.checks.filter(({ ok }) => !ok).length;
  print(
    failed === 0
      ? pc.green('All checks hold.')
      : pc.red(`${failed} of ${result.checks.length} checks failed.`),
  );
  if (failed === 0) succeed();
  if (options.keep) {
    print();
    print(describeNetwork(network, nodes));
    await aborted(signal);
  }
  return failed === 0 ? 0 : 1;
}

async function up(signal: AbortSignal): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const { network, nodes } = await bringUp(stack, createTeller(print), signal);
  print();
  print(describeNetwork(network, nodes));
  await aborted(signal);
  return 0;
}

async function bringUp(stack: AsyncDisposableStack, tell: Tell, signal: AbortSignal): Promise<Running> {
  const start = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'gavel-devnet-'));
  const healthy = { yet: false };
  // After a failure the logs stay, for whoever has to find out why.
  stack.defer(async () => {
    if (healthy.yet || signal.aborted) await rm(dir, { recursive: true, force: true });
    else print(pc.dim(`The nodes’ logs, data and configurations are kept in ${dir}`));
  });
  const onStep = (what: string) => {
    signal.throwIfAborted();
    tell('set-up', what);
  };
  const network = await startNetwork({ dir, stack, onStep });
  onStep('starting nine nodes: two watchers, three auctioneers, four solvers');
  const listener = createListener(network, tell);
  const nodes = await startNodes({ network, plans: nodePlans(), stack, onLine: listener.onLine });
  const setupMs = Math.round(performance.now() - start);
  tell('set-up', `ready after ${(setupMs / 1_000).toFixed(1)} s`);
  return {
    network,
    nodes,
    listener,
    setupMs,
    succeed: () => {
      healthy.yet = true;
    },
  };
}

/** Run a command until it ends or a signal asks for the end; everything it started is gone when this exits. */
async function run(command: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  let asked: NodeJS.Signals | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (asked) process.exit(128 + constants.signals[name]);
      asked = name;
      print(pc.dim('\nstopping …'));
      controller.abort();
    });
  }
  try {
    process.exitCode = await command(controller.signal);
  } catch (cause) {
    if (!asked) process.stderr.write(`${pc.red('failed:')} ${inWords(cause)}\n`);
    process.exitCode = asked ? 128 + constants.signals[asked] : 1;
  }
  process.exit();
}

function inWords(cause: unknown): string {
  if (!isGavelError(cause)) return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const meta = Object.entries(cause.meta ?? {}).map(([key, value]) => `\n  ${key}: ${String(value)}`);
  return `${cause.message} [${cause.code}]${meta.join('')}`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? field.toString() : field), 2);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve: done } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => done(), { once: true });
  return promise;
}
