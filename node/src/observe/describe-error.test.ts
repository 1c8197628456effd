import { GavelError } from '@gavel/protocol';
import { HttpRequestError } from 'viem';
import { expect, test } from 'vitest';
import { describeError, hideUrls } from './describe-error.ts';
import { plainFields } from './logger.ts';

const secretUrl = 'https://user:pass@rpc.example.org/v3/SECRETKEY?token=SECRETKEY';

test('URLs are cut to scheme and host', () => {
  expect(hideUrls(`failed: ${secretUrl}, retry`)).toBe('failed: https://rpc.example.org/…, retry');
  expect(hideUrls('http://127.0.0.1:8545/')).toBe('http://127.0.0.1:8545');
  expect(hideUrls('no url')).toBe('no url');
});

test('errors of libraries are described with their causes and without URLs', () => {
  const cause = new HttpRequestError({ url: secretUrl, cause: new TypeError(`fetch ${secretUrl}`) });
  const error = new GavelError('UNREACHABLE', 'No endpoint answers', {
    meta: { rpc: secretUrl, block: 5n },
    cause,
  });
  const described = describeError(error);
  expect(described).toMatchObject({ type: 'GavelError', code: 'UNREACHABLE', meta: { block: '5' } });
  expect(described.cause?.type).toBe('HttpRequestError');
  expect(JSON.stringify(plainFields({ err: error }))).not.toMatch(/SECRETKEY|pass/);
});

test('log fields hold bigints and bytes as text', () => {
  expect(
    plainFields({ amount: 10n ** 30n, nested: { list: [1n] }, bytes: new Uint8Array([1, 255]) }),
  ).toEqual({
    amount: '1000000000000000000000000000000',
    nested: { list: ['1'] },
    bytes: '0x01ff',
  });
});
