import { GavelError } from '@gavel/protocol';
import type { Mutant } from './list.ts';

/** A mutant whose text does not occur exactly once any more. */
export class MutantError extends GavelError<'MUTANT_DOES_NOT_APPLY'> {}

/**
 * Applies a mutant to its file's text.
 *
 * @throws {MutantError} unless what it replaces occurs exactly once.
 */
export function mutate(source: string, { name, file, search, replace }: Mutant): string {
  const parts = source.split(search);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined) {
    throw new MutantError('MUTANT_DOES_NOT_APPLY', 'give it a text that occurs exactly once', {
      meta: { name, file, occurrences: parts.length - 1 },
    });
  }
  return before + replace + after;
}
