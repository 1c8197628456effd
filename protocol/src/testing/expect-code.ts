import { expect } from 'vitest';
import { GavelError, ProtocolError, type ProtocolErrorCode } from '../errors.ts';

/** Expects `run` to throw a ProtocolError of `code`; returns it. */
export function expectCode(code: ProtocolErrorCode, run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.code).toBe(code);
    return error;
  }
  throw new GavelError('EXPECTED_ERROR', 'Nothing was thrown', { meta: { expected: code } });
}
