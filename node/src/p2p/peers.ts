import type { Libp2p, PeerId } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { createBackoff } from '../chain/backoff.ts';
import type { Logger } from '../observe/logger.ts';

/**
 * Stay connected to the bootstrap peers: dial each until it answers, and again when it is dropped. Resolves when
 * `signal` aborts. Our own address among them is skipped.
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
  while (!signal.aborted) {
    try {
      const { remotePeer } = await libp2p.dial(address, { signal });
      backoff.reset();
      await dropped(libp2p, remotePeer, signal);
      log.debug({ peer: remotePeer.toString() }, 'bootstrap peer dropped');
    } catch (err) {
      if (signal.aborted) return;
      log.warn({ err, address: address.toString() }, 'bootstrap peer unreachable');
    }
    if (!(await backoff.wait())) return;
  }
}

/** Wait until no connection to `peer` is left, or `signal` aborts. */
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

function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value;
}
