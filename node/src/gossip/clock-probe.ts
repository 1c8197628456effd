import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import type { Config } from '../config/schema.ts';
import { askClocks, type ClockAnswer } from './clock.ts';

/** Milliseconds a peer has to take the connection. */
const DIAL_MS = 4_000;

/**
 * Asks the bootstrap peers of a network for the time without joining it: as a passer-by with an identity of
 * its own, which listens on nothing and leaves again. Peers that do not answer are left out.
 */
export async function askFor(
  { network, p2p }: Pick<Config, 'network' | 'p2p'>,
  { steady }: { readonly steady: () => number },
): Promise<ClockAnswer[]> {
  const libp2p = await createLibp2p({
    nodeInfo: { name: 'gavel', version: '1' },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  try {
    await Promise.allSettled(
      p2p.bootstrap.map((address) =>
        libp2p.dial(multiaddr(address), { signal: AbortSignal.timeout(DIAL_MS) }),
      ),
    );
    return await askClocks({ libp2p, network, steady, signal: AbortSignal.timeout(DIAL_MS) });
  } finally {
    await libp2p.stop();
  }
}
