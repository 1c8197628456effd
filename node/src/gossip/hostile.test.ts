import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_MESSAGE_BYTES, topicsOf } from '@gavel/protocol';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCounters } from '../observe/counters.ts';
import { silentLogger } from '../observe/logger.ts';
import { type Gossip, startGossip } from './gossip.ts';
import { internalsOf } from './internals.ts';
import { type Network, startNetwork } from './network.ts';
import type { Validator } from './validation.ts';

const topics = topicsOf('test');
const SENTINEL = 'still here';

let directory: string;
let victim: Gossip;
let hostile: Network;
let heard: Promise<void>;
let judged: number[];
let count: (code: string) => number;

/** A victim that takes everything, and a libp2p node without any of our rules. */
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gavel-p2p-'));
  const metrics = createCounters();
  const sentinel = Promise.withResolvers<void>();
  heard = sentinel.promise;
  judged = [];
  const validator: Validator = async (bytes) => {
    judged.push(bytes.length);
    return {
      outcome: 'accept',
      deliver: () => {
        if (Buffer.from(bytes).toString() === SENTINEL) sentinel.resolve();
      },
    };
  };
  count = (code) => metrics.snapshot()[`gossip{code="${code}",outcome="reject",topic="quotes"}`] ?? 0;
  const p2p = {
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    identity: join(directory, 'key'),
    maxPeers: 50,
  };
  victim = await startGossip({
    network: 'test',
    p2p,
    validators: { intents: validator, quotes: validator, awards: validator },
    telemetry: { log: silentLogger(), metrics },
    signal: new AbortController().signal,
  });
  hostile = await startNetwork({
    privateKey: await generateKeyPair('Ed25519'),
    p2p,
    topics,
    metrics: createCounters(),
  });
});

afterEach(async () => {
  await Promise.all([hostile.stop(), victim.stop()]);
  await rm(directory, { recursive: true });
});

function dialVictim() {
  return hostile.dial(victim.addresses().map((address) => multiaddr(address)));
}

async function meet(): Promise<void> {
  await dialVictim();
  await inMesh(hostile);
}

/** Have a peer listen, and wait until it is in the victim's mesh and the victim in its. */
async function inMesh({ peerId, services: { pubsub } }: Network): Promise<void> {
  pubsub.subscribe(topics.quotes);
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => {
    const theirs = internalsOf(pubsub).mesh.get(topics.quotes)?.has(victim.peerId) ?? false;
    if (theirs && victim.mesh('quotes').includes(peerId.toString())) resolve();
  };
  const stopListening = victim.onPeers(check);
  pubsub.addEventListener('gossipsub:graft', check);
  check();
  await promise;
  stopListening();
  pubsub.removeEventListener('gossipsub:graft', check);
}

async function sayStillHere(): Promise<void> {
  await hostile.services.pubsub.publish(topics.quotes, Buffer.from(SENTINEL));
  await heard;
}

test('an oversized message is refused before a validator sees it', async () => {
  await meet();
  await hostile.services.pubsub.publish(topics.quotes, randomBytes(MAX_MESSAGE_BYTES));
  await hostile.services.pubsub.publish(topics.quotes, randomBytes(MAX_MESSAGE_BYTES + 1));
  await sayStillHere();
  expect(count('OVERSIZED')).toBe(1);
  expect(judged.toSorted()).toEqual([SENTINEL.length, MAX_MESSAGE_BYTES].toSorted());
});

test('an empty message is judged like any other', async () => {
  await meet();
  await hostile.services.pubsub.publish(topics.quotes, new Uint8Array());
  await sayStillHere();
});

test('a megabyte in one message harms nobody', async () => {
  await meet();
  await hostile.services.pubsub.publish(topics.quotes, randomBytes(1_000_000));
  await sayStillHere();
  expect(count('OVERSIZED')).toBe(1);
});

test('garbage on the gossip protocol itself harms nobody', async () => {
  await meet();
  const connection = await dialVictim();
  for (const bytes of [randomBytes(64), new Uint8Array(1), Buffer.from('ff'.repeat(200), 'hex')]) {
    const stream = await connection.newStream('/meshsub/1.1.0');
    stream.send(bytes);
    await stream.close();
  }
  const other = await startNetwork({
    privateKey: await generateKeyPair('Ed25519'),
    p2p: { listen: [], bootstrap: [], identity: '', maxPeers: 5 },
    topics,
    metrics: createCounters(),
  });
  try {
    const { pubsub } = other.services;
    await other.dial(victim.addresses().map((address) => multiaddr(address)));
    await inMesh(other);
    await pubsub.publish(topics.quotes, Buffer.from(SENTINEL));
    await heard;
  } finally {
    await other.stop();
  }
});
