import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pad } from 'viem';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { openKeyGuards } from './key-guard.ts';

const SUBJECT = pad('0x01', { size: 32 });

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gavel-keys-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function open(now = 1_000n) {
  const logged = recordingLogger();
  const told: string[] = [];
  const guards = await openKeyGuards({
    file: join(dir, 'data', 'keys.json'),
    now: () => now,
    telemetry: { log: logged.log, metrics: createCounters() },
    tell: (msg) => told.push(msg),
  });
  return { guards, logged, told };
}

test('a contested key stays contested over restarts until it is claimed, and the other role goes on', async () => {
  const first = await open();
  const solver = first.guards.of('solver');
  await solver.saw(SUBJECT, async () => true);
  expect(solver.isOurs()).toBe(true);
  await solver.saw(SUBJECT, async () => false);
  await solver.saw(SUBJECT, async () => false);
  expect(first.guards.contested()).toEqual(['solver']);
  expect(first.guards.of('auctioneer').isOurs()).toBe(true);
  expect(first.told).toEqual(['key used elsewhere']);

  const second = await open(5_000n);
  expect(second.guards.of('solver').isOurs()).toBe(false);
  expect(second.logged.lines.map(({ level }) => level)).toEqual([50]);
  expect(await second.guards.claim()).toEqual(['solver']);
  expect(await second.guards.claim()).toEqual([]);
  expect(second.guards.of('solver').isOurs()).toBe(true);

  const third = await open(9_000n);
  expect(third.guards.contested()).toEqual([]);
  // What the key signed before may be the other node's.
  expect(third.guards.of('solver').claimedAt()).toBe(5_000n);
  await third.guards.of('solver').saw(SUBJECT, async () => false);
  expect(third.guards.contested()).toEqual(['solver']);
});

test('a record that cannot be read is refused: the key may have a twin', async () => {
  const file = join(dir, 'keys.json');
  await writeFile(file, '{"solver":');
  const telemetry = { log: recordingLogger().log, metrics: createCounters() };
  await expect(openKeyGuards({ file, now: () => 0n, telemetry, tell: () => undefined })).rejects.toThrow();
});
