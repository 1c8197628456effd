import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GavelError } from '@gavel/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProcessOptions, startProcess } from './processes.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-processes-'));
});
afterEach(() => rm(folder, { recursive: true }));

function script(code: string, stack: AsyncDisposableStack): ProcessOptions {
  return {
    name: 'child',
    command: process.execPath,
    args: ['--eval', code],
    ready: /ready (\d+)/,
    logFile: join(folder, 'logs', 'child.log'),
    stack,
  };
}

test('resolves at the ready line and ends with the stack', async () => {
  await using stack = new AsyncDisposableStack();
  const running = await startProcess(
    script('console.log("hello"); console.log("ready 42"); setInterval(() => {}, 1000)', stack),
  );
  expect(running.ready[1]).toBe('42');
  await stack.disposeAsync();
  expect(await running.exited).toEqual({ code: null, signal: 'SIGTERM' });
  expect(await readFile(join(folder, 'logs', 'child.log'), 'utf8')).toContain('hello\nready 42\n');
});

test('tells how a child ended that was never ready', async () => {
  await using stack = new AsyncDisposableStack();
  await expect(
    startProcess(script('console.error("bad port"); process.exit(3)', stack)),
  ).rejects.toMatchObject({
    code: 'DEVNET_PROCESS_FAILED',
    meta: { why: expect.stringContaining('code 3'), tail: 'bad port' },
  });
});

test('gives up on a child that stays silent, and still ends it', async () => {
  await using stack = new AsyncDisposableStack();
  const silent = { ...script('setInterval(() => {}, 1000)', stack), readyWithin: 100 };
  const failure: GavelError = await startProcess(silent).then(
    () => expect.fail('the child never said that it was ready'),
    (cause) => cause,
  );
  expect(failure).toMatchObject({ code: 'DEVNET_PROCESS_FAILED', meta: { pid: expect.any(Number) } });
  const { pid } = failure.meta;
  expect(() => process.kill(Number(pid), 0)).toThrowError(expect.objectContaining({ code: 'ESRCH' }));
});

test('reports a program that cannot be started', async () => {
  await using stack = new AsyncDisposableStack();
  const missing = { ...script('', stack), command: join(folder, 'missing') };
  await expect(startProcess(missing)).rejects.toMatchObject({ code: 'DEVNET_PROCESS_FAILED' });
});
