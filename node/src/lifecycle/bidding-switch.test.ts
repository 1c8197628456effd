import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../observe/logger.ts';
import { openBiddingSwitch } from './bidding-switch.ts';

const log = silentLogger();
const isClockOff = () => false;
const isKeyContested = () => false;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-bidding-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('a pause outlives the process, a resume ends it', async () => {
  const file = join(directory, 'data', 'paused');
  const bidding = await openBiddingSwitch({ file, isKeyContested, isClockOff, log });
  expect(bidding.closed()).toBeUndefined();
  await bidding.pause();
  expect(bidding.closed()).toBe('paused');
  const restarted = await openBiddingSwitch({ file, isKeyContested, isClockOff, log });
  expect(restarted.closed()).toBe('paused');
  await restarted.resume();
  await restarted.resume();
  expect(restarted.closed()).toBeUndefined();
  expect((await openBiddingSwitch({ file, isKeyContested, isClockOff, log })).closed()).toBeUndefined();
});

test('draining is for good', async () => {
  const bidding = await openBiddingSwitch({
    file: join(directory, 'other'),
    isKeyContested,
    isClockOff,
    log,
  });
  bidding.drain();
  await bidding.resume();
  expect(bidding.closed()).toBe('draining');
});

test('a clock that is off closes the bidding for as long as it is off, and is named after what people decided', async () => {
  let isOff = true;
  const bidding = await openBiddingSwitch({
    file: join(directory, 'clock'),
    isKeyContested,
    isClockOff: () => isOff,
    log,
  });
  expect(bidding.closed()).toBe('clock');
  await bidding.pause();
  expect(bidding.closed()).toBe('paused');
  await bidding.resume();
  expect(bidding.closed()).toBe('clock');
  isOff = false;
  expect(bidding.closed()).toBeUndefined();
});
