import { describeError } from '../observe/describe-error.ts';

/** What one check found. `next` says what to do about it. */
export type Finding = {
  readonly subject: string;
  readonly check: string;
  /**
   * `warn` is worth knowing and stops nothing. `follows` is a check that cannot succeed before another one
   * does: one cause has one `fail`.
   */
  readonly status: 'ok' | 'warn' | 'fail' | 'follows';
  readonly found: string;
  readonly next?: string;
};

/** Runs one check: what it throws is its failure. A check with a `cause` to fail is not run. */
export async function examine(
  subject: string,
  check: string,
  next: string,
  run: () => Promise<Omit<Finding, 'subject' | 'check'> | string>,
  cause?: Finding,
): Promise<Finding> {
  if (cause !== undefined) {
    return { subject, check, status: 'follows', found: `not examined: see ${cause.subject}, ${cause.check}` };
  }
  try {
    const result = await run();
    return typeof result === 'string'
      ? { subject, check, status: 'ok', found: result }
      : { subject, check, ...result };
  } catch (error) {
    return { subject, check, status: 'fail', found: describeError(error).message, next };
  }
}

/**
 * Finds the failure that keeps others from succeeding: the chain does not answer, or one of these checks of
 * it has failed. Undefined if there is none.
 */
export type CauseOf = (chain: string, ...checks: readonly string[]) => Finding | undefined;

/** Looks for causes among findings. */
export function causesIn(findings: readonly Finding[]): CauseOf {
  return (chain, ...checks) => {
    const subject = `chain ${chain}`;
    const endpoints = findings.filter((found) => found.subject === subject && found.check.startsWith('rpc '));
    if (endpoints.every(({ status }) => status === 'fail')) return endpoints[0];
    const parts = findings.filter((found) => found.subject === subject && checks.includes(found.check));
    return parts.find(({ status }) => status === 'fail');
  };
}
