import { expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { createScheduler } from './scheduler.ts';

/** A scheduler whose clock runs at half the speed of the timers. */
function slow(signal = new AbortController().signal) {
  const start = Date.now();
  const now = () => BigInt(start + Math.floor((Date.now() - start) / 2));
  return { now, scheduler: createScheduler({ now, signal, log: silentLogger() }) };
}

test('a task never runs before its time by the clock it is given, however early its timer fires', async () => {
  const { now, scheduler } = slow();
  const at = now() + 40n;
  const ranAt = await new Promise<bigint>((resolve) => scheduler.at(at, 'task', () => resolve(now())));
  expect(ranAt).toBeGreaterThanOrEqual(at);
});

test('a task whose time has passed runs at once, and one that is armed again ends with the signal', async () => {
  const controller = new AbortController();
  const { now, scheduler } = slow(controller.signal);
  scheduler.at(now() + 60n, 'late', () => expect.fail('ran after the end'));
  await new Promise<void>((resolve) => scheduler.at(0n, 'now', () => resolve()));
  controller.abort();
  scheduler.at(0n, 'too late', () => expect.fail('ran after the end'));
  const { scheduler: other } = slow();
  await new Promise<void>((resolve) => other.at(BigInt(Date.now() + 100), 'after them', () => resolve()));
});

test('what a task throws is told and stops nothing', async () => {
  const { log, until } = recordingLogger();
  const scheduler = createScheduler({
    now: () => BigInt(Date.now()),
    signal: new AbortController().signal,
    log,
  });
  scheduler.at(0n, 'broken', () => Promise.reject(new TypeError('broken')));
  expect(await until('task failed')).toMatchObject({ task: 'broken' });
});

test('a task does not come late for a clock that was set back meanwhile and is right again', async () => {
  let shift = 0;
  const now = () => BigInt(Date.now() + shift);
  const scheduler = createScheduler({ now, signal: new AbortController().signal, log: silentLogger() });
  const at = now() + 20n;
  shift = -3_600_000;
  const began = performance.now();
  const ran = new Promise<void>((resolve) => scheduler.at(at, 'task', () => resolve()));
  shift = 0;
  await ran;
  expect(performance.now() - began).toBeLessThan(20_000);
});
