import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Strategy } from '@gavel/solver-sdk';
import { FlowError } from '../runtime/errors.ts';

/**
 * Load a strategy module by absolute path or package name and make its strategy with `options`. Throws
 * BAD_STRATEGY_MODULE if there is none, or the SDK's BAD_OPTIONS if the options do not parse.
 */
export async function loadStrategy(path: string, options: unknown): Promise<Strategy> {
  let module: { default?: unknown };
  try {
    module = await import(isAbsolute(path) ? pathToFileURL(path).href : path);
  } catch (cause) {
    throw bad('The strategy module cannot be loaded: check solver.strategy', path, cause);
  }
  if (typeof module.default !== 'function') {
    throw bad('The strategy module has no factory: export default defineStrategy({ … })', path);
  }
  const strategy: unknown = module.default(options);
  if (!isStrategy(strategy)) throw bad('The strategy module makes no strategy: use defineStrategy', path);
  return strategy;
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, quote } = value as { name?: unknown; quote?: unknown };
  return typeof name === 'string' && typeof quote === 'function';
}

function bad(message: string, path: string, cause?: unknown): FlowError {
  return new FlowError('BAD_STRATEGY_MODULE', message, { meta: { path }, cause });
}
