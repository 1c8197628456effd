import { isGavelError } from '@gavel/protocol';
import type { Fault } from './errors.ts';

/**
 * Loads a module that a configuration names, and lists what is wrong with it; `settings` are where its path
 * and its options stand.
 */
export async function moduleFaults(
  settings: { readonly module: string; readonly options: string },
  load: () => Promise<unknown>,
): Promise<Fault[]> {
  try {
    await load();
    return [];
  } catch (error) {
    if (isGavelError(error, 'BAD_MODULE')) {
      return [{ path: settings.module, problem: `${error.meta.at}: ${error.meta.problem}` }];
    }
    if (!isGavelError(error)) throw error;
    const { faults } = error.meta;
    const problem = [error.shortMessage, ...(Array.isArray(faults) ? [faults.join('; ')] : [])].join(': ');
    return [{ path: error.code === 'BAD_OPTIONS' ? settings.options : settings.module, problem }];
  }
}
