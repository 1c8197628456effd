import { describe, expect, it } from 'vitest';
import { GavelError, isGavelError, ProtocolError } from './errors.ts';

describe('an error', () => {
  it('carries its code, what it knows and its cause', () => {
    const cause = new RangeError('inner');
    const error = new GavelError('SOME_CODE', 'It failed', { meta: { got: 1n }, cause, retry: true });
    expect(error).toMatchObject({ code: 'SOME_CODE', shortMessage: 'It failed', retry: true, cause });
    expect(error.message).toBe('It failed [SOME_CODE; got: 1]');
  });

  it('is told apart by code', () => {
    const error = new ProtocolError('OVERSIZED', 'Too big');
    expect(isGavelError(error)).toBe(true);
    expect(isGavelError(error, 'OVERSIZED')).toBe(true);
    expect(isGavelError(error, 'BAD_FIELD')).toBe(false);
    expect(isGavelError(new RangeError('x'))).toBe(false);
    expect(error).toMatchObject({ name: 'ProtocolError', retry: false, meta: {} });
  });
});
