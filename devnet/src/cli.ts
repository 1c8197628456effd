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
  readonly network: Network;
  readonly nodes: readonly RunningNode[];
  readonly listener: Listener;
  readonly setupMs: number;
}

/** One run of a command: what it started, and how it stands. */
interface Session {
  /** Everything started is released here, also after Ctrl-C in the middle of set-up. */
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
  /** Nothing went wrong, so the folder of logs may go. */
  clean: boolean;
  /** The network is up for the reader to use: Ctrl-C is its proper end. */
  serving: boolean;
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
  .action((options: { json?: string; keep?: boolean }) => run((session) => demo(session, options)));

program
  .command('up')
  .description('Bring the same network up without the story, and leave it running until Ctrl-C.')
  .action(() => run(up));

await program.parseAsync();

async function demo(session: Session, options: { json?: string; keep?: boolean }): Promise<number> {
  const tell = createTeller(print);
  print(pc.bold('Gavel: loans go under water, solvers on other chains bid, debts are repaid at once.'));
  print();
  const { network, nodes, listener, setupMs } = await bringUp(session, tell);
  print();
  const result = await runStory({ network, listener, tell, signal: session.signal });
  print();
  print(liquidationTable(result));
  print();
  print(checkList(result));
  print();
  if (options.json) {
    const file = resolve(process.env.INIT_CWD ?? '.', options.json);
    await writeFile(file, `${toJson(asData(network, result, setupMs))}\n`);
  }
  const failed = result.checks.filter(({ ok }) => !ok).length;
  print(
    failed === 0
      ? pc.green('All checks hold.')
      : pc.red(`${failed} of ${result.checks.length} checks failed.`),
  );
  session.clean = failed === 0;
  if (options.keep) await serve(session, network, nodes);
  return failed === 0 ? 0 : 1;
}

async function up(session: Session): Promise<number> {
  const { network, nodes } = await bringUp(session, createTeller(print));
  session.clean = true;
  await serve(session, network, nodes);
  return 0;
}

/** Leave everything running until Ctrl-C. */
function serve(session: Session, network: Network, nodes: readonly RunningNode[]): Promise<void> {
  print();
  print(describeNetwork(network, nodes));
  session.serving = true;
  return aborted(session.signal);
}

async function bringUp(session: Session, tell: Tell): Promise<Running> {
  const { stack, signal } = session;
  const start = performance.now();
  const dir = await mkdtemp(join(tmpdir(), 'gavel-devnet-'));
  // After a failure the logs stay, for whoever has to find out why.
  stack.defer(async () => {
    if (session.clean || signal.aborted) await rm(dir, { recursive: true, force: true });
    else print(pc.dim(`The nodes’ logs, data and configurations are kept in ${dir}`));
  });
  const onStep = (what: string) => tell('set-up', what);
  const network = await startNetwork({ dir, stack, onStep });
  onStep('starting nine nodes: two watchers, three auctioneers, four solvers');
  const listener = createListener(network, tell);
  const nodes = await startNodes({ network, plans: nodePlans(), stack, onLine: listener.onLine });
  const setupMs = Math.round(performance.now() - start);
  tell('set-up', `ready after ${(setupMs / 1_000).toFixed(1)} s`);
  return { network, nodes, listener, setupMs };
}

/** Run a command until it ends or a signal asks for the end; everything it started is gone when this exits. */
async function run(command: (session: Session) => Promise<number>): Promise<void> {
  const controller = new AbortController();
  const session: Session = {
    stack: new AsyncDisposableStack(),
    signal: controller.signal,
    clean: false,
    serving: false,
  };
  let code = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
      code = 128 + constants.signals[name];
      print(pc.dim('\nstopping …'));
      controller.abort();
    });
  }
  try {
    const interrupted = aborted(controller.signal).then(() => (session.serving ? 0 : code));
    process.exitCode = await Promise.race([interrupted, command(session)]);
  } catch (cause) {
    process.stderr.write(`${pc.red('failed:')} ${inWords(cause)}\n`);
    process.exitCode = 1;
  }
  await session.stack.disposeAsync();
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
