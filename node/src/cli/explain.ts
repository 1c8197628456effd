import { isGavelError } from '@gavel/protocol';
import { ConfigError } from '../config/errors.ts';
import { describeError } from '../observe/describe-error.ts';
import { StoreError, type StoreErrorCode } from '../store/errors.ts';
import { EXIT } from './exit-codes.ts';

/**
 * What a failure of the store calls for. Errors that a retry within the node answers are no reason to end it.
 */
const STORE_EXIT: Readonly<Record<StoreErrorCode, number>> = {
  LOCKED: EXIT.disk,
  DISK_FULL: EXIT.disk,
  READ_ONLY: EXIT.disk,
  WRITE_FAILED: EXIT.disk,
  UNREADABLE: EXIT.disk,
  DAMAGED: EXIT.records,
  SCHEMA_UNKNOWN: EXIT.records,
  CLOSED: EXIT.failed,
  CONFLICT: EXIT.failed,
  UNENCODABLE: EXIT.failed,
};

/** Puts an error into words for a person, with the exit code it calls for. */
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
  return { text: [`${message}${code}`, ...facts].join('\n'), code: exitCodeOf(error) };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof StoreError) return STORE_EXIT[error.code];
  const isUsage = isGavelError(error, 'BAD_ARGUMENT') || isGavelError(error, 'BAD_SECRET');
  return isUsage ? EXIT.usage : EXIT.failed;
}
