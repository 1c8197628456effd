import { isGavelError } from '@gavel/protocol';
import type { Strategy } from '@gavel/solver-sdk';
import type { Fault } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
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

/** Loads the strategy of a configuration and lists what is wrong with it. */
export async function strategyFaults({ solver, roles }: Partial<Config>): Promise<Fault[]> {
  if (solver === undefined || roles?.includes('solver') !== true) return [];
  try {
    await loadStrategy(solver.strategy, solver.options);
    return [];
  } catch (error) {
    return [faultOf(error)];
  }
}

function faultOf(error: unknown): Fault {
  if (isGavelError(error, 'BAD_MODULE')) {
    return { path: 'solver.strategy', problem: `${error.meta.at}: ${error.meta.problem}` };
  }
  if (!isGavelError(error)) throw error;
  const { faults } = error.meta;
  const problem = [error.shortMessage, ...(Array.isArray(faults) ? [faults.join('; ')] : [])].join(': ');
  return { path: error.code === 'BAD_OPTIONS' ? 'solver.options' : 'solver.strategy', problem };
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
