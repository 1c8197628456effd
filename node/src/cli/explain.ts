import { isGavelError } from '@gavel/protocol';
import { ConfigError } from '../config/errors.ts';
import { describeError } from '../observe/describe-error.ts';
import { EXIT } from './exit-codes.ts';

/** Put an error into words for a person, with the exit code it calls for. */
export function explain(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof ConfigError) {
    const faults = error.faults.map(({ path, problem }) => `  ${path}: ${problem}`);
    const file = typeof error.meta.file === 'string' ? ` (${error.meta.file})` : '';
    const head = `${error.shortMessage}${file}${faults.length > 0 ? ':' : ''}`;
    return { text: [head, ...faults].join('\n'), code: EXIT.usage };
  }
  const { message, meta = {} } = describeError(error);
  const facts = Object.entries(meta).map(
    ([key, value]) => `  ${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const code = isGavelError(error) ? ` [${error.code}]` : '';
  const misused = isGavelError(error, 'BAD_ARGUMENT');
  return { text: [`${message}${code}`, ...facts].join('\n'), code: misused ? EXIT.usage : EXIT.failed };
}
