import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordingLogger } from '../observe/testing/recording-logger.ts';
import { openKnownPeers } from './known-peers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-known-'));
});
afterEach(() => rm(directory, { recursive: true }));

const newPeer = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString();
const at = (peer: string, port = 9_740) => `/ip4/10.0.0.1/tcp/${port}/p2p/${peer}`;

test('peers are remembered over restarts, the last seen first, the oldest forgotten beyond 64', async () => {
  const path = join(directory, 'deep', 'peers.json');
  const { log } = recordingLogger();
  const known = await openKnownPeers({ path, log });
  const peers = await Promise.all(Array.from({ length: 70 }, newPeer));
  for (const peer of peers) known.saw(peer, [at(peer)]);
  const [, , , , , , seventh = ''] = peers;
  known.saw(seventh, [at(seventh, 1), at(seventh, 2), at(seventh, 3), at(seventh, 4), at(seventh, 5)]);
  await known.saved();
  const again = (await openKnownPeers({ path, log })).addresses();
  expect(again.map(({ peer }) => peer)).toEqual([seventh, ...peers.slice(7).toReversed()]);
  expect(again[0]?.addresses).toHaveLength(4);
});

test('an address that belongs to another peer is not taken', async () => {
  const known = await openKnownPeers({ path: join(directory, 'peers.json'), log: recordingLogger().log });
  const [one, other] = [await newPeer(), await newPeer()];
  known.saw(one, [at(other), '/ip4/10.0.0.1/tcp/1', 'nonsense']);
  expect(known.addresses()).toEqual([]);
});

test('a broken list is reported and begun anew', async () => {
  const path = join(directory, 'peers.json');
  await writeFile(path, '{"peers": [');
  const recording = recordingLogger();
  const known = await openKnownPeers({ path, log: recording.log });
  await recording.until('known peers not read, begun anew');
  const peer = await newPeer();
  known.saw(peer, [at(peer)]);
  await known.saved();
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ peers: [{ peer, addresses: [at(peer)] }] });
});
