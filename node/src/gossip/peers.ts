import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Logger } from '../observe/logger.ts';
import { createBackoff } from '../runtime/backoff.ts';
import { peerOf } from './gater.ts';
import type { KnownPeers } from './known-peers.ts';

/**
 * Stay connected to the bootstrap peers: dial each until it answers, and again when it is dropped. Resolves
 * when `signal` aborts. Our own address among them is skipped.
 */
export async function keepConnected(options: {
  readonly libp2p: Libp2p;
  readonly bootstrap: readonly string[];
  readonly signal: AbortSignal;
  readonly log: Logger;
}): Promise<void> {
  const { libp2p, bootstrap } = options;
  const others = bootstrap
    .map((address) => multiaddr(address))
    .filter((address) => peerOf(address) !== libp2p.peerId.toString());
  await Promise.all(others.map((address) => keepOne(address, options)));
}

async function keepOne(
  address: Multiaddr,
  { libp2p, signal, log }: { readonly libp2p: Libp2p; readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  const backoff = createBackoff({ leastMs: 250, mostMs: 15_000, signal });
  const told = { address: address.toString() };
  let failing = false;
  while (!signal.aborted) {
    try {
      const { remotePeer } = await libp2p.dial(address, { signal });
      if (failing) log.info(told, 'bootstrap peer reached');
      failing = false;
      backoff.reset();
      await dropped(libp2p, remotePeer, signal);
      log.debug(told, 'bootstrap peer dropped');
    } catch (err) {
      if (signal.aborted) return;
      // Once, not at every attempt: an outage of hours would drown the rest.
      if (failing) log.debug({ ...told, err }, 'bootstrap peer still unreachable');
      else log.warn({ ...told, err }, 'bootstrap peer unreachable');
      failing = true;
    }
    if (!(await backoff.wait())) return;
  }
}

/** Waits until no connection to `peer` is left, or `signal` aborts. */
function dropped(libp2p: Libp2p, peer: PeerId, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      libp2p.removeEventListener('peer:disconnect', onDisconnect);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const onDisconnect = (event: CustomEvent<PeerId>) => {
      if (event.detail.equals(peer)) end();
    };
    libp2p.addEventListener('peer:disconnect', onDisconnect);
    signal.addEventListener('abort', end);
    if (signal.aborted || libp2p.getConnections(peer).length === 0) end();
  });
}

/** Returns the peer ids of bootstrap addresses. */
export function bootstrapPeers(bootstrap: readonly string[]): ReadonlySet<string> {
  return new Set(bootstrap.flatMap((address) => peerOf(multiaddr(address)) ?? []));
}

/** Peers below which a node looks for those it knew. */
const ENOUGH_PEERS = 8;

/**
 * Dial the peers known from before, the last seen first, while there are few connections. Resolves when
 * `signal` aborts.
 */
export async function findKnown(options: {
  readonly libp2p: Libp2p;
  readonly known: KnownPeers;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): Promise<void> {
  const { libp2p, known, signal, log } = options;
  const backoff = createBackoff({ leastMs: 1_000, mostMs: 60_000, signal });
  do {
    for (const { peer, addresses } of known.addresses()) {
      if (signal.aborted) return;
      const connected = libp2p.getPeers().map(String);
      if (connected.length >= ENOUGH_PEERS) break;
      if (connected.includes(peer) || peer === libp2p.peerId.toString()) continue;
      try {
        await libp2p.dial(
          addresses.map((address) => multiaddr(address)),
          { signal },
        );
      } catch (err) {
        log.debug({ err, peer }, 'known peer unreachable');
      }
    }
  } while (await backoff.wait());
}

/**
 * Takes every identified peer that can be dialled into `known`, until `signal` aborts: by the address we
 * reached it at, or by those it says it listens on.
 */
export function rememberPeers(options: {
  readonly libp2p: Libp2p;
  readonly known: KnownPeers;
  readonly signal: AbortSignal;
  readonly log: Logger;
}): void {
  const { libp2p, known, signal, log } = options;
  const onIdentify = ({ detail }: CustomEvent<IdentifyResult>) => {
    const { peerId, listenAddrs, connection, protocols } = detail;
    if (!protocols.some((protocol) => protocol.startsWith('/meshsub/'))) return;
    const peer = peerId.toString();
    const dialled = connection.direction === 'outbound' ? [connection.remoteAddr] : [];
    const addresses = [...dialled, ...listenAddrs].map((address) =>
      peerOf(address) === undefined ? `${address}/p2p/${peer}` : address.toString(),
    );
    known.saw(peer, [...new Set(addresses)]);
    log.debug({ peer }, 'peer identified');
  };
  libp2p.addEventListener('peer:identify', onIdentify);
  signal.addEventListener('abort', () => libp2p.removeEventListener('peer:identify', onIdentify), {
    once: true,
  });
}
