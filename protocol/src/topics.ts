import { createHash } from 'node:crypto';
import { ProtocolError } from './errors.ts';

/** The three gossip topics of a network. Tallies, votes, certificates and disavowals share `awards`. */
export type Topics = { readonly intents: string; readonly quotes: string; readonly awards: string };

/**

 * Names a network's topics: `/gavel/1/<network>/…`. Throws BAD_FIELD unless it is 1 to 32 of `a-z 0-9 -`.

 */
export function topicsOf(network: string): Topics {
  if (!/^[a-z0-9-]{1,32}$/.test(network)) {
    throw new ProtocolError('BAD_FIELD', 'A network name cannot be part of a topic', {
      meta: { field: 'network', got: network, expected: '1 to 32 of a-z, 0-9 and -' },
    });
  }
  const topic = (kind: string) => `/gavel/1/${network}/${kind}`;
  return { intents: topic('intents'), quotes: topic('quotes'), awards: topic('awards') };
}

/** Returns a message's gossip id: SHA-256 of its bytes, so that copies from different senders are one. */
export function messageId(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
