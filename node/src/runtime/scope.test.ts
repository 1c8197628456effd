import { expect, test } from 'vitest';
import { Scope } from './scope.ts';

test('releases run last in, first out, after the signal has aborted', async () => {
  const scope = new Scope();
  const seen: string[] = [];
  scope.defer(() => void seen.push(`first, aborted: ${scope.signal.aborted}`));
  scope.spawn('loop', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    seen.push('loop');
  });
  scope.defer(async () => void seen.push('last'));
  await scope.close();
  expect(seen.toSorted()).toEqual(['first, aborted: true', 'last', 'loop']);
  expect(seen.at(-1)).toBe('first, aborted: true');
});

test('a loop that fails aborts the scope with its error', async () => {
  const scope = new Scope();
  const cause = new TypeError('broken');
  const aborted = new Promise((resolve) => scope.signal.addEventListener('abort', resolve, { once: true }));
  scope.spawn('loop', () => Promise.reject(cause));
  await aborted;
  expect(scope.signal.reason).toBe(cause);
  expect(scope.failure).toEqual({ cause });
  await scope.close();
});

test('a loop that ends because of the abort is no failure', async () => {
  const scope = new Scope();
  scope.spawn(
    'loop',
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await scope.close();
  expect(scope.failure).toBeUndefined();
});

test('every release runs even if another fails, and the failure is thrown', async () => {
  const scope = new Scope();
  let ran = false;
  scope.defer(() => {
    ran = true;
  });
  scope.defer(() => Promise.reject(new RangeError('one')));
  await expect(scope.close()).rejects.toThrow('one');
  expect(ran).toBe(true);

  const other = new Scope();
  other.defer(() => Promise.reject(new RangeError('one')));
  other.defer(() => Promise.reject(new RangeError('two')));
  await expect(other.close()).rejects.toBeInstanceOf(AggregateError);
});

test('closing twice releases once, and what is deferred late is released at once', async () => {
  const scope = new Scope();
  let count = 0;
  scope.defer(() => void count++);
  await Promise.all([scope.close(), scope.close()]);
  scope.defer(() => void count++);
  await scope.close();
  expect(count).toBe(2);
});

test('nothing is spawned once the scope has aborted', async () => {
  const scope = new Scope();
  await scope.close();
  scope.spawn('loop', () => Promise.reject(new TypeError('never run')));
  await scope.close();
  expect(scope.failure).toBeUndefined();
});
