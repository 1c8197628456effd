import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { createScheduler } from './scheduler.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A scheduler whose clock runs at half the speed of the timers. */
function slow(signal = new AbortController().signal) {
  const start = Date.now();
  const now = () => BigInt(start + Math.floor((Date.now() - start) / 2));
  return { now, scheduler: createScheduler({ now, signal, log: silentLogger() }) };
}

test('a task never runs before its time by the clock it is given, however early its timer fires', async () => {
  const { now, scheduler } = slow();
  const at = now() + 40n;
  const ranAt = new Promise<bigint>((resolve) => scheduler.at(at, 'task', () => resolve(now())));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ranAt).toBe(at);
});

test('a task whose time has passed runs at once, and one that is armed again ends with the signal', async () => {
  const ran: string[] = [];
  const controller = new AbortController();
  const { now, scheduler } = slow(controller.signal);
  scheduler.at(now() + 60n, 'late', () => void ran.push('late'));
  scheduler.at(0n, 'now', () => void ran.push('now'));
  // The timer of the late task fires after 60 ms, when its clock shows 30 ms: the task is armed again.
  await vi.advanceTimersByTimeAsync(70);
  controller.abort();
  scheduler.at(0n, 'too late', () => void ran.push('too late'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ran).toEqual(['now']);
});

test('what a task throws is told and stops nothing', async () => {
  const { log, until } = recordingLogger();
  const scheduler = createScheduler({
    now: () => BigInt(Date.now()),
    signal: new AbortController().signal,
    log,
  });
  scheduler.at(0n, 'broken', () => Promise.reject(new TypeError('broken')));
  await vi.advanceTimersByTimeAsync(0);
  expect(await until('task failed')).toMatchObject({ task: 'broken' });
});

test('a task does not come late for a clock that was set back meanwhile and is right again', async () => {
  let shift = 0;
  const now = () => BigInt(Date.now() + shift);
  const scheduler = createScheduler({ now, signal: new AbortController().signal, log: silentLogger() });
  const task = vi.fn();
  const at = now() + 20n;
  shift = -3_600_000;
  scheduler.at(at, 'task', task);
  shift = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(task).toHaveBeenCalledOnce();
});
