import { describeError } from '../observe/describe-error.ts';

/** What one check found. `next` says what to do about it. */
export type Finding = {
  readonly subject: string;
  readonly check: string;
  /** `warn` is worth knowing and stops nothing. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly next?: string;
};

/** Runs one check: what it throws is its failure. */
export async function examine(
  subject: string,
  check: string,
  next: string,
  run: () => Promise<Omit<Finding, 'subject' | 'check'> | string>,
): Promise<Finding> {
  try {
    const result = await run();
    return typeof result === 'string'
      ? { subject, check, status: 'ok', found: result }
      : { subject, check, ...result };
  } catch (error) {
    return { subject, check, status: 'fail', found: describeError(error).message, next };
  }
}
