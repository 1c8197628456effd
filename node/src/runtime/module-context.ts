import { AsyncLocalStorage } from 'node:async_hooks';

const running = new AsyncLocalStorage<string>();

/**
 * Runs code of a module that an operator wrote, so that what it starts and does not await (a timer, a
 * promise) is known for the module's when it fails later.
 */
export function inModule<T>(path: string, act: () => T): T {
  return running.run(path, act);
}

/** Runs code of the node that a module called: what fails in it later is the node's own. */
export function outOfModule<T>(act: () => T): T {
  return running.exit(act);
}

/** Returns the path of the module whose code runs, or started what runs; undefined for the node's own. */
export function runningModule(): string | undefined {
  return running.getStore();
}
