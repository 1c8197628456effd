import type { Strategy } from '@gavel/solver-sdk';
import type { Fault } from '../config/errors.ts';
import { moduleFaults } from '../config/module-faults.ts';
import type { Config } from '../config/schema.ts';
import { loadModule } from '../runtime/load-module.ts';
import { inModule } from '../runtime/module-context.ts';

/**
 * Loads a strategy module by absolute path or package name and makes its strategy with `options`. Throws
 * BAD_MODULE with file, line and cause if there is none, or the SDK's BAD_OPTIONS if the options do not
 * parse.
 */
export async function loadStrategy(path: string, options: unknown): Promise<Strategy> {
  const strategy = await loadModule(path, options, { definedBy: 'defineStrategy', is: isStrategy });
  return {
    name: strategy.name,
    options: strategy.options,
    quote: (opportunity) => inModule(path, () => strategy.quote(opportunity)),
  };
}

/** Loads the strategy of a configuration and lists what is wrong with it. */
export async function strategyFaults({ solver, roles }: Partial<Config>): Promise<Fault[]> {
  if (solver === undefined || roles?.includes('solver') !== true) return [];
  const { strategy, options } = solver;
  const settings = { module: 'solver.strategy', options: 'solver.options' };
  return moduleFaults(settings, () => loadStrategy(strategy, options));
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, quote } = value as { name?: unknown; quote?: unknown };
  return typeof name === 'string' && typeof quote === 'function';
}
