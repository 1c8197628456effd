#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContracts } from '@gavel/contracts/build';
import { npmCommand, OPTIONS_USAGE, writeData } from '@gavel/contracts/command';
import { isGavelError } from '@gavel/protocol';
import { InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { CHAPTERS } from './chapters/list.ts';
import { playChapter } from './chapters/play.ts';
import { chapterData, chapterTables } from './chapters/present.ts';
import { describeNetwork } from './describe.ts';
import { type Network, startNetwork } from './network.ts';
import { nodePlans, type RunningNode, startNodes } from './nodes.ts';
import type { Check } from './story/checks.ts';
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

interface DemoOptions {
  readonly json?: string;
  readonly keep?: boolean;
  readonly chapter?: readonly string[];
  readonly allChapters?: boolean;
}

const print = (line = '') => process.stdout.write(`${line}\n`);

/** Whether the output is still read. The end of its reader ends the command in order, as SIGTERM does. */
let isRead = true;
process.stdout.once('error', () => {
  isRead = false;
});

const program = npmCommand(
  '',
  'Run Gavel on three local chains with real lending protocols and real messages between them.',
);

program
  .command('demo')
  .usage(OPTIONS_USAGE)
  .description('Bring the network up, let prices fall, and check what every chain holds afterwards.')
  .option('--json <file>', 'also write the outcome as data')
  .option('--keep', 'leave everything running afterwards, until Ctrl-C')
  .addOption(
    new Option('--chapter <name>', 'tell this chapter instead of the main story; repeatable')
      .choices(CHAPTERS.map(({ name }) => name))
      .argParser<string[]>((name, named) => [...(named ?? []), chapterName(name)]),
  )
  .option('--all-chapters', 'tell every chapter, one after the other')
  .addHelpText('after', chapterHelp)
  .action((options: DemoOptions) =>
    run((session) => {
      const names = options.allChapters ? CHAPTERS.map(({ name }) => name) : options.chapter;
      return names ? tellChapters(session, names, options) : demo(session, options);
    }),
  );

program
  .command('devnet')
  .usage(OPTIONS_USAGE)
  .description('Bring the same network up without the story, and leave it running until Ctrl-C.')
  .action(() => run(up));

await program.parseAsync();

async function demo(session: Session, options: DemoOptions): Promise<number> {
  const tell = createTeller(print);
  print(pc.bold('Gavel: loans go under water, solvers on other chains bid, debts are repaid at once.'));
  print();
  const { network, nodes, listener, setupMs } = await bringUp(session, tell);
  print();
  const result = await runStory({ network, listener, tell, signal: session.signal });
  print();
  print(liquidationTable(network, result));
  print();
  print(checkList(result));
  print();
  await writeData(options.json, asData(network, result, setupMs));
  session.clean = judge(result.checks);
  if (options.keep) await serve(session, network, nodes);
  return session.clean ? 0 : 1;
}

/** Tells chapters one after the other, each on a network of its own. */
async function tellChapters(
  session: Session,
  names: readonly string[],
  { json, keep }: DemoOptions,
): Promise<number> {
  if (keep) print(pc.dim('A chapter ends with its network: --keep is for the main story.'));
  const told: unknown[] = [];
  let allHold = true;
  for (const chapter of CHAPTERS.filter(({ name }) => names.includes(name))) {
    if (session.signal.aborted) break;
    await using stack = new AsyncDisposableStack();
    // Ctrl-C ends the session's stack, and with it this chapter's.
    session.stack.defer(() => stack.disposeAsync());
    const { signal } = session;
    const part: Session = { stack, signal, clean: false, serving: false };
    const tell = createTeller(print);
    print(pc.bold(`Gavel, chapter "${chapter.name}": ${chapter.about}`));
    for (const line of chapter.opening) print(line);
    print();
    const result = await playChapter({ chapter, dir: await openFolder(part), stack, signal, tell });
    print();
    print(chapterTables(result));
    print();
    print(checkList(result));
    print();
    part.clean = judge(result.checks);
    if (!part.clean) allHold = false;
    told.push(chapterData(result));
    print(
      pc.dim(
        `Told in ${(result.tookMs / 1_000).toFixed(0)} s, ${(result.setupMs / 1_000).toFixed(0)} s of it set-up.\n`,
      ),
    );
  }
  await writeData(json, { chapters: told });
  session.clean = allHold;
  return allHold ? 0 : 1;
}

function chapterName(name: string): string {
  if (CHAPTERS.some((chapter) => chapter.name === name)) return name;
  throw new InvalidArgumentError(`Expected one of ${CHAPTERS.map((chapter) => chapter.name).join(', ')}.`);
}

function chapterHelp(): string {
  return ['', 'Chapters:', ...CHAPTERS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`)].join('\n');
}

/** Says whether all checks hold. */
function judge(checks: readonly Check[]): boolean {
  const failed = checks.filter(({ ok }) => !ok).length;
  print(failed === 0 ? pc.green('All checks hold.') : pc.red(`${failed} of ${checks.length} checks failed.`));
  return failed === 0;
}

async function up(session: Session): Promise<number> {
  const { network, nodes } = await bringUp(session, createTeller(print));
  session.clean = true;
  await serve(session, network, nodes);
  return 0;
}

/** Leaves everything running until Ctrl-C. */
function serve(session: Session, network: Network, nodes: readonly RunningNode[]): Promise<void> {
  print();
  print(describeNetwork(network, nodes));
  session.serving = true;
  return aborted(session.signal);
}

/**
 * Makes the folder of a network's logs and data. After a failure the folder stays, so that the cause can be
 * found.
 */
async function openFolder(session: Session): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gavel-devnet-'));
  session.stack.defer(async () => {
    if (session.clean || session.signal.aborted) await rm(dir, { recursive: true, force: true });
    else print(pc.dim(`The nodes’ logs, data and configurations are kept in ${dir}`));
  });
  return dir;
}

async function bringUp(session: Session, tell: Tell): Promise<Running> {
  const { stack } = session;
  const start = performance.now();
  const dir = await openFolder(session);
  const onStep = (what: string) => tell('set-up', what);
  const network = await startNetwork({ dir, stack, onStep });
  onStep('starting nine nodes: two watchers, three auctioneers, four solvers');
  const listener = createListener(network, tell);
  const nodes = await startNodes({ network, plans: nodePlans(), stack, onLine: listener.onLine });
  const setupMs = Math.round(performance.now() - start);
  tell('set-up', `ready after ${(setupMs / 1_000).toFixed(1)} s`);
  return { network, nodes, listener, setupMs };
}

/**
 * Runs a command until it ends or a signal asks for the end; everything it started is gone when this exits.
 */
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
    const interrupted = aborted(controller.signal).then(() => (session.serving || !isRead ? 0 : code));
    process.exitCode = await Promise.race([interrupted, buildContracts().then(() => command(session))]);
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

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve: done } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => done(), { once: true });
  return promise;
}
