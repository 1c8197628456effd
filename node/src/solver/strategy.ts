import { isGavelError } from '@gavel/protocol';
import type { Strategy } from '@gavel/solver-sdk';
import { badDefault, badModule, loadModule } from '../runtime/load-module.ts';

/**
 * Loads a strategy module by absolute path or package name and makes its strategy with `options`. Throws
 * BAD_MODULE with file, line and cause if there is none, or the SDK's BAD_OPTIONS if the options do not
 * parse.
 */
export async function loadStrategy(path: string, options: unknown): Promise<Strategy> {
  const { default: factory } = await loadModule(path);
  if (typeof factory !== 'function') {
    throw await badDefault(
      path,
      `default export is ${kindOf(factory)}, not a function; export default defineStrategy({ … })`,
    );
  }
  let strategy: unknown;
  try {
    strategy = factory(options);
  } catch (error) {
    if (isGavelError(error)) throw error;
    throw await badModule(path, error);
  }
  if (isStrategy(strategy)) return strategy;
  throw await badDefault(path, `default export returned ${kindOf(strategy)}; use defineStrategy`);
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, quote } = value as { name?: unknown; quote?: unknown };
  return typeof name === 'string' && typeof quote === 'function';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}
