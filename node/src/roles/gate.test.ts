import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { openGate } from './gate.ts';

const log = silentLogger();
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-gate-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('a pause outlives the process, a resume ends it', async () => {
  const file = join(directory, 'data', 'paused');
  const gate = await openGate({ file, log });
  expect(gate.closed()).toBeUndefined();
  await gate.pause();
  expect(gate.closed()).toBe('paused');
  const restarted = await openGate({ file, log });
  expect(restarted.closed()).toBe('paused');
  await restarted.resume();
  await restarted.resume();
  expect(restarted.closed()).toBeUndefined();
  expect((await openGate({ file, log })).closed()).toBeUndefined();
});

test('draining is for good', async () => {
  const gate = await openGate({ file: join(directory, 'other'), log });
  gate.drain();
  await gate.resume();
  expect(gate.closed()).toBe('draining');
});
