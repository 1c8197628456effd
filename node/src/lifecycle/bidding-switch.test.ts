import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { openGate } from './bidding-switch.ts';

const log = silentLogger();
const isClockOff = () => false;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-gate-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('a pause outlives the process, a resume ends it', async () => {
  const file = join(directory, 'data', 'paused');
  const gate = await openGate({ file, isClockOff, log });
  expect(gate.closed()).toBeUndefined();
  await gate.pause();
  expect(gate.closed()).toBe('paused');
  const restarted = await openGate({ file, isClockOff, log });
  expect(restarted.closed()).toBe('paused');
  await restarted.resume();
  await restarted.resume();
  expect(restarted.closed()).toBeUndefined();
  expect((await openGate({ file, isClockOff, log })).closed()).toBeUndefined();
});

test('draining is for good', async () => {
  const gate = await openGate({ file: join(directory, 'other'), isClockOff, log });
  gate.drain();
  await gate.resume();
  expect(gate.closed()).toBe('draining');
});

test('a clock that is off closes the gate for as long as it is off, and is named after what people decided', async () => {
  let isOff = true;
  const gate = await openGate({ file: join(directory, 'clock'), isClockOff: () => isOff, log });
  expect(gate.closed()).toBe('clock');
  await gate.pause();
  expect(gate.closed()).toBe('paused');
  await gate.resume();
  expect(gate.closed()).toBe('clock');
  isOff = false;
  expect(gate.closed()).toBeUndefined();
});
