import type { Config } from '../config/schema.ts';
import type { Node } from '../node.ts';
import type { Logger } from '../observe/logger.ts';
import { moduleFailure } from '../runtime/load-module.ts';
import { runningModule } from '../runtime/module-context.ts';
import { Scope } from '../runtime/scope.ts';
import { EXIT } from './exit-codes.ts';
import { explain } from './explain.ts';

/** Runs a node until a signal or a failure ends it, release everything, and returns the exit code. */
export async function runNode(
  config: Config,
  log: Logger,
  options: { readonly dryRun?: boolean } = {},
): Promise<number> {
  const scope = new Scope({ log });
  let node: Node | undefined;
  const stopListening = listen(scope, log, async () => node?.drain());
  const ended = new Promise<void>((resolve) => {
    scope.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const starting = async () => {
    const { startNode } = await import('../node.ts');
    node = await startNode(config, { scope, log, ...options });
    const { peerId, api } = node;
    log.info({ peerId, addresses: node.addresses(), roles: config.roles, api }, 'ready');
  };
  const started = starting().catch((error: unknown) => {
    // What a stop interrupts may fail; only a failure that comes first counts.
    if (scope.signal.aborted) log.debug({ err: error }, 'start interrupted');
    else scope.fail('start', error);
  });
  await ended;
  await started;
  let failure = scope.failure;
  try {
    await scope.close();
  } catch (cause) {
    failure ??= { cause };
  }
  stopListening();
  if (failure !== undefined) return explain(failure.cause).code;
  log.info('stopped');
  return EXIT.ok;
}

/**
 * Closes the scope on the first signal, after draining if it is SIGTERM, end the process on the second, and
 * fails the scope on what no handler caught, unless a module that an operator wrote started it.
 */
function listen(scope: Scope, log: Logger, drain: () => Promise<void>): () => void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked) process.exit(EXIT.failed);
    asked = true;
    log.info({ signal }, 'stopping');
    const drained = signal === 'SIGTERM' ? drain() : Promise.resolve();
    drained
      .catch((error: unknown) => log.error({ err: error }, 'draining failed'))
      // Its failure is reported by the code that awaits the same close.
      .finally(() => scope.close().catch(() => undefined));
  };
  const complained = new Set<string>();
  const onUncaught = (error: unknown) => {
    const module = runningModule();
    if (module === undefined) {
      scope.fail('uncaught', error);
      return;
    }
    // Once a module: it may fail again at every tick.
    if (!complained.has(module))
      log.error({ err: moduleFailure(module, error), module }, 'module failed aside');
    complained.add(module);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught);
  return () => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught);
    // What a module started and never ends must not decide how the process ends.
    if (complained.size > 0) process.on('uncaughtException', throwUnlessOfModule);
  };
}

function throwUnlessOfModule(error: unknown): void {
  if (runningModule() === undefined) throw error;
}
