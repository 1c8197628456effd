import type { Connection, MultiaddrConnection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { isPeerOrSubnet } from '../config/peer-or-subnet.ts';
import { createCounters } from '../observe/counters.ts';
import { createGater, type GateRules } from './gater.ts';

const FRIEND = '12D3KooWLCcCTHp6HLq85Vtk7PWcvaa5JBMrwLUJy4DkhyWanquK';
const STRANGER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';
const SOMEBODY = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';

const from = (address: string) =>
  ({ remoteAddr: multiaddr(`/ip4/${address}/tcp/9740`) }) as unknown as MultiaddrConnection;

/** A gater over made-up connections. */
function gaterWith(rules: Partial<GateRules>, inbound: readonly string[] = []) {
  const metrics = createCounters();
  const connections = inbound.map(
    (address) =>
      ({
        remoteAddr: multiaddr(`/ip4/${address}/tcp/1`),
        remotePeer: peerIdFromString(SOMEBODY),
        direction: 'inbound',
      }) as unknown as Connection,
  );
  const gater = createGater(
    { allow: [], deny: [], protectedPeers: new Set(), maxPeers: 8, maxPerAddress: 2, ...rules },
    { connections: () => connections, metrics },
  );
  return {
    metrics,
    letsIn: (peer: string, address: string) =>
      gater.denyInboundConnection?.(from(address)) === false &&
      gater.denyInboundEncryptedConnection?.(peerIdFromString(peer), from(address)) === false,
    dials: (peer: string) => gater.denyDialPeer?.(peerIdFromString(peer)) === false,
  };
}

test('what is denied stays out, by peer id and by subnet, whatever else says otherwise', () => {
  const gater = gaterWith({
    deny: ['10.1.0.0/16', STRANGER],
    allow: [FRIEND, STRANGER],
    protectedPeers: new Set([FRIEND]),
  });
  expect(gater.letsIn(FRIEND, '10.2.0.1')).toBe(true);
  expect(gater.letsIn(FRIEND, '10.1.200.3')).toBe(false);
  expect(gater.letsIn(STRANGER, '10.2.0.1')).toBe(false);
  expect(gater.dials(STRANGER)).toBe(false);
  expect(gater.metrics.snapshot()).toMatchObject({ 'connection_refused{reason="denied"}': 3 });
});

test('an allow list lets in its peers and subnets, and the bootstrap peers', () => {
  const bySubnet = gaterWith({ allow: ['10.0.0.0/8'], protectedPeers: new Set([FRIEND]) });
  expect(bySubnet.letsIn(STRANGER, '10.9.9.9')).toBe(true);
  expect(bySubnet.letsIn(STRANGER, '11.0.0.1')).toBe(false);
  const byPeer = gaterWith({ allow: [FRIEND] });
  expect(byPeer.letsIn(FRIEND, '11.0.0.1')).toBe(true);
  expect(byPeer.letsIn(STRANGER, '11.0.0.1')).toBe(false);
});

test('one address gets few places, this machine as many as it wants', () => {
  const gater = gaterWith({ maxPeers: 100 }, ['9.9.9.9', '9.9.9.9', '127.0.0.1', '127.0.0.1', '127.0.0.1']);
  expect(gater.letsIn(STRANGER, '9.9.9.9')).toBe(false);
  expect(gater.letsIn(STRANGER, '9.9.9.8')).toBe(true);
  expect(gater.letsIn(STRANGER, '127.0.0.1')).toBe(true);
  expect(gater.metrics.snapshot()).toMatchObject({ 'connection_refused{reason="address_full"}': 1 });
});

test('strangers who dial in take three places of four; protected peers find one always', () => {
  const six = ['1.0.0.1', '1.0.0.2', '1.0.0.3', '1.0.0.4', '1.0.0.5', '1.0.0.6'];
  const gater = gaterWith({ protectedPeers: new Set([FRIEND]) }, six);
  expect(gater.letsIn(STRANGER, '2.0.0.1')).toBe(false);
  expect(gater.letsIn(FRIEND, '2.0.0.1')).toBe(true);
  expect(gater.dials(STRANGER)).toBe(true);
  const full = gaterWith({ protectedPeers: new Set([FRIEND]) }, [...six, '1.0.0.7', '1.0.0.8']);
  expect(full.dials(STRANGER)).toBe(false);
  expect(full.dials(FRIEND)).toBe(true);
});

test('IPv6, and IPv4 written as IPv6, are matched too', () => {
  const gater = createGater(
    {
      allow: [],
      deny: ['2001:db8::/32', '10.0.0.0/8'],
      protectedPeers: new Set(),
      maxPeers: 8,
      maxPerAddress: 2,
    },
    { connections: () => [], metrics: createCounters() },
  );
  const denied = (address: string) =>
    gater.denyInboundConnection?.({
      remoteAddr: multiaddr(`/ip6/${address}/tcp/1`),
    } as unknown as MultiaddrConnection);
  expect(denied('2001:db8:1::5')).toBe(true);
  expect(denied('2001:db9::5')).toBe(false);
  expect(denied('::ffff:10.1.2.3')).toBe(true);
});

test('list entries are peer ids, addresses and subnets, and nothing else', () => {
  expect([FRIEND, '10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/10'].every(isPeerOrSubnet)).toBe(true);
  expect(['10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', 'peer', '', '10.0.0'].some(isPeerOrSubnet)).toBe(
    false,
  );
});

test('one peer gets two places at most, but for a protected one', () => {
  const gater = gaterWith({ protectedPeers: new Set([FRIEND]), maxPeers: 100 }, ['1.0.0.1', '1.0.0.2']);
  expect(gater.letsIn(SOMEBODY, '1.0.0.3')).toBe(false);
  expect(gater.letsIn(STRANGER, '1.0.0.3')).toBe(true);
  expect(gater.letsIn(FRIEND, '1.0.0.3')).toBe(true);
  expect(gater.metrics.snapshot()).toMatchObject({ 'connection_refused{reason="peer_full"}': 1 });
});

test('of connections that found the last place together, the later are too many', () => {
  const gater = createGater(
    { allow: [], deny: [], protectedPeers: new Set([FRIEND]), maxPeers: 4, maxPerAddress: 8 },
    { connections: () => open, metrics: createCounters() },
  );
  const open = [SOMEBODY, STRANGER, FRIEND, SOMEBODY].map(
    (peer, index) =>
      ({
        id: String(index),
        remotePeer: peerIdFromString(peer),
        direction: 'inbound',
      }) as unknown as Connection,
  );
  expect(open.map((connection) => gater.isTooMany(connection))).toEqual([true, true, false, true]);
  open.splice(3);
  expect(open.map((connection) => gater.isTooMany(connection))).toEqual([false, false, false]);
});
