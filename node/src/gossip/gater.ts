import { BlockList, isIPv6 } from 'node:net';
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { parseSubnet } from '../config/peer-or-subnet.ts';
import type { Counters } from '../observe/counters.ts';

/** Shares of a node's places that strangers who dial in can take; the rest is left to whom it dials. */
export const INBOUND_SHARE = 0.75;

/** Connections of one peer: two that dial each other at the same moment have two. */
export const MOST_OF_PEER = 2;

/** Who may connect. Lists hold peer ids, addresses and subnets such as `10.0.0.0/8`. */
export type GateRules = {
  /** Unless empty, only these may connect, and the protected peers. */
  readonly allow: readonly string[];
  /** These never may, wherever else they are listed. */
  readonly deny: readonly string[];
  /** Peers for whom there always is a place. */
  readonly protectedPeers: ReadonlySet<string>;
  readonly maxPeers: number;
  /** Connections from one address; this machine's own are not counted. */
  readonly maxPerAddress: number;
};

/** Decides who may connect, and of what has become a connection whether it was one too many. */
export type Gater = ConnectionGater & {
  /**
   * Says whether a connection that has just opened is beyond the limits, since handshakes run side by side
   * and each of them may have found the last free place. libp2p itself closes none on which gossip runs.
   * Counted like a refusal.
   */
  isTooMany(connection: Connection): boolean;
};

/**
 * Decides who may connect, by `rules` and the connections there are. Refusals are counted as
 * `connection_refused` by reason.
 */
export function createGater(
  rules: GateRules,
  {
    connections,
    isBanned = () => false,
    metrics,
  }: {
    readonly connections: () => readonly Connection[];
    /** Whether a peer is kept out for what it did. */
    readonly isBanned?: (peer: string) => boolean;
    readonly metrics: Counters;
  },
): Gater {
  const allow = createList(rules.allow);
  const deny = createList(rules.deny);
  const loopback = createList(['127.0.0.0/8', '::1']);

  const refusalOf = (peer: string | undefined, address: string | undefined): string | undefined => {
    if (deny.has(peer, address)) return 'denied';
    if (peer !== undefined && rules.protectedPeers.has(peer)) return undefined;
    if (peer !== undefined && isBanned(peer)) return 'misbehaved';
    if (rules.allow.length === 0) return undefined;
    // A peer that dials in tells who it is only after the handshake.
    if (peer === undefined && allow.hasPeers) return undefined;
    return allow.has(peer, address) ? undefined : 'not_allowed';
  };
  const count = (reason: string | undefined): boolean => {
    if (reason !== undefined) metrics.count('connection_refused', { reason });
    return reason !== undefined;
  };
  const isProtected = (peer: PeerId) => rules.protectedPeers.has(peer.toString());
  const crowded = (address: string | undefined): string | undefined => {
    if (address === undefined || loopback.has(undefined, address)) return undefined;
    const same = connections().filter(({ remoteAddr }) => ipOf(remoteAddr) === address);
    return same.length >= rules.maxPerAddress ? 'address_full' : undefined;
  };
  const inboundPlaces = Math.max(1, Math.floor(rules.maxPeers * INBOUND_SHARE));
  /** Says what stands against another connection from a stranger beside `others`. */
  const full = (others: readonly Connection[]): string | undefined =>
    others.filter(({ direction }) => direction === 'inbound').length >= inboundPlaces
      ? 'inbound_full'
      : undefined;
  const repeated = (peer: PeerId, others: readonly Connection[]): string | undefined =>
    others.filter(({ remotePeer }) => remotePeer.equals(peer)).length >= MOST_OF_PEER
      ? 'peer_full'
      : undefined;

  return {
    denyDialPeer: (peer) => {
      if (isProtected(peer)) return count(refusalOf(peer.toString(), undefined));
      if (deny.has(peer.toString(), undefined)) return count('denied');
      if (isBanned(peer.toString())) return count('misbehaved');
      return count(connections().length >= rules.maxPeers ? 'full' : undefined);
    },
    denyDialMultiaddr: (address) => deny.has(peerOf(address), ipOf(address)),
    denyInboundConnection: ({ remoteAddr }) => count(refusalOf(undefined, ipOf(remoteAddr))),
    denyInboundEncryptedConnection: (peer, { remoteAddr }) => {
      const address = ipOf(remoteAddr);
      const refusal = refusalOf(peer.toString(), address);
      if (refusal !== undefined || isProtected(peer)) return count(refusal);
      const others = connections();
      return count(repeated(peer, others) ?? crowded(address) ?? full(others));
    },
    denyOutboundEncryptedConnection: (peer, { remoteAddr }) =>
      count(refusalOf(peer.toString(), ipOf(remoteAddr))),
    isTooMany: ({ id, remotePeer, direction }) => {
      if (isProtected(remotePeer)) return false;
      const others = connections().filter((other) => other.id !== id);
      if (direction === 'inbound') return count(repeated(remotePeer, others) ?? full(others));
      return count(others.length >= rules.maxPeers ? 'full' : undefined);
    },
  };
}

/** Returns the peer id a multiaddr ends in, if it does. */
export function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value;
}

function ipOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value;
}

function createList(entries: readonly string[]) {
  const subnets = new BlockList();
  const peers = new Set<string>();
  for (const entry of entries) {
    const subnet = parseSubnet(entry);
    if (subnet === undefined) peers.add(entry);
    else subnets.addSubnet(subnet.net, subnet.prefix, subnet.family);
  }
  return {
    hasPeers: peers.size > 0,
    has(peer: string | undefined, address: string | undefined): boolean {
      if (peer !== undefined && peers.has(peer)) return true;
      return address !== undefined && subnets.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    },
  };
}
