import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gossip, startGossip } from '../gossip/gossip.ts';
import type { Validator } from '../gossip/validation.ts';
import { silentTelemetry } from '../observe/telemetry.ts';
import { examineClock } from './clock.ts';

const ignore: Validator = async () => ({ outcome: 'ignore', code: 'NONE' });
const auction = { tallyWaitMs: 400, voteWaitMs: 600, clockToleranceMs: 500 };
/** What every clock shows, give or take what a test adds: time stands still, however long an answer takes. */
const NOW = 1_800_000_000_000;
let directory: string;
let peers: Gossip[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-doctor-clock-'));
  peers = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      startGossip({
        network: 'test',
        p2p: {
          listen: ['/ip4/127.0.0.1/tcp/0'],
          bootstrap: [],
          identity: join(directory, name),
          maxPeers: 8,
        },
        validators: { intents: ignore, quotes: ignore, awards: ignore },
        telemetry: silentTelemetry(),
        signal: new AbortController().signal,
        clock: { wall: () => NOW, steady: () => 0, isOff: () => false },
      }),
    ),
  );
});
afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.stop()));
  await rm(directory, { recursive: true });
});

async function examine(count: number, ahead: number) {
  const bootstrap = peers.slice(0, count).flatMap((peer) => peer.addresses());
  const p2p = { listen: [], bootstrap, identity: '', maxPeers: 8, maxPerAddress: 8, allow: [], deny: [] };
  const [finding] = await examineClock(
    { network: 'test', p2p, auction, clock: { chains: true } },
    () => NOW + ahead,
    () => 0,
  );
  return finding;
}

test('doctor compares this machine’s clock with the bootstrap peers’', async () => {
  expect(await examine(3, 0)).toMatchObject({
    subject: 'network',
    check: 'clock',
    status: 'ok',
    found: expect.stringMatching(/^0\.00\d s (ahead|behind), give or take 0\.00\d s, by 3 peers$/),
  });
  expect(await examine(3, -5_000)).toMatchObject({
    status: 'fail',
    found: expect.stringMatching(/^(5\.00|4\.99)\d s behind/),
    next: expect.stringContaining('NTP'),
  });
});

test('of two clocks that differ doctor does not say which is right', async () => {
  expect(await examine(1, 5_000)).toMatchObject({ status: 'warn' });
});

test('a clock that may be off is told as such, with the uncertainty', async () => {
  let asked = 0;
  // Each look at the steady clock comes 350 ms after the last: answers took that long.
  const slow = () => 350 * asked++;
  const bootstrap = peers.flatMap((peer) => peer.addresses());
  const p2p = { listen: [], bootstrap, identity: '', maxPeers: 8, maxPerAddress: 8, allow: [], deny: [] };
  const config = { network: 'test', p2p, auction, clock: { chains: true } };
  const [finding] = await examineClock(config, () => NOW + 789, slow);
  expect(finding).toMatchObject({
    status: 'warn',
    found: expect.stringMatching(/give or take \d\.\d{3} s/),
    next: expect.stringContaining('500 ms'),
  });
});
