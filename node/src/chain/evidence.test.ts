import { expect, test } from 'vitest';
import { gather, notFound, proven, refuted, unknown } from './evidence.ts';

test('a failure to ask is unknown, whatever else would have been answered', async () => {
  const cause = new TypeError('down');
  expect(await gather(() => Promise.reject(cause))).toEqual({ kind: 'unknown', cause });
  expect(
    await gather(() => {
      throw cause;
    }),
  ).toEqual(unknown(cause));
});

test('answers pass unchanged', async () => {
  expect(await gather(async () => proven(1n))).toEqual({ kind: 'proven', value: 1n });
  expect(await gather(async () => refuted(2n))).toEqual({ kind: 'refuted', value: 2n });
  expect(await gather(async () => notFound())).toEqual({ kind: 'notFound' });
});
