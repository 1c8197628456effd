import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFailure } from './errors.ts';
import { findMissing, nothingAcknowledged, startAppender } from './testing/crash.ts';

let root: string;
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gavel-crash-'));
  dir = join(root, 'store');
});
afterEach(() => rm(root, { recursive: true }));

test('whatever was acknowledged is there after any of thirty kills under load', async () => {
  const acknowledged = nothingAcknowledged();
  for (let run = 0; run < 30; run++) {
    const appender = startAppender({ dir, run, acknowledged });
    await appender.first;
    // Any moment will do, and each a different one: this is the hazard itself, not a wait for something.
    await pause((run * 7) % 40);
    appender.process.kill('SIGKILL');
    await appender.ended;
    expect(appender.told).toEqual(['opened']);
    if (run % 5 === 4) expect((await findMissing(dir, acknowledged)).missing).toEqual([]);
  }
  expect(acknowledged.orders.size).toBeGreaterThan(30);
  expect(acknowledged.votes.size).toBeGreaterThan(0);
});

test('a disk that takes no more ends writing, and everything acknowledged before is there', async () => {
  const acknowledged = nothingAcknowledged();
  // A real refusal of the kernel's, without a disk of our own: no file may grow beyond 200 blocks of 512
  // bytes.
  const wrap = (command: readonly string[]) => ['sh', '-c', 'ulimit -f 200 && exec "$@"', 'sh', ...command];
  const appender = startAppender({ dir, run: 1, acknowledged, wrap });
  await appender.ended;
  expect(appender.process.exitCode).toBe(3);
  const [opened, failed, ...refused] = appender.told;
  expect([opened, failed]).toEqual(['opened', 'failed DISK_FULL']);
  expect(refused).toEqual(Array(4).fill('refused DISK_FULL'));
  expect(acknowledged.orders.size).toBeGreaterThan(0);
  expect((await findMissing(dir, acknowledged)).missing).toEqual([]);
});

test.each([
  ['IO error: /data/000003.log: No space left on device', 'DISK_FULL'],
  ['IO error: /data/000003.log: Disk quota exceeded', 'DISK_FULL'],
  ['IO error: /data/000003.log: Read-only file system', 'READ_ONLY'],
  ['IO error: /data/000003.log: Input/output error', 'WRITE_FAILED'],
])('%s is %s', (text, code) => {
  const cause = Object.assign(new RangeError('write failed'), { cause: new RangeError(text) });
  expect(writeFailure(cause, '/data')).toMatchObject({ code });
});
