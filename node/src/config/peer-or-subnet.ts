import { isIP } from 'node:net';
import { peerIdFromString } from '@libp2p/peer-id';

/** An address range: the network address, the prefix length in bits, and the family. */
export type Subnet = { readonly net: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' };

/** Tells whether text is a peer id, an IP address, or a subnet. */
export function isPeerOrSubnet(value: string): boolean {
  return parseSubnet(value) !== undefined || isPeerId(value);
}

/** Parses an IP address or a subnet such as `10.0.0.0/8`; undefined if the text is neither. */
export function parseSubnet(value: string): Subnet | undefined {
  const [net = '', bits, ...rest] = value.split('/');
  const version = isIP(net);
  if (version === 0 || rest.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const prefix = bits === undefined ? most : Number(bits);
  return prefix > most ? undefined : { net, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function isPeerId(value: string): boolean {
  try {
    peerIdFromString(value);
    return true;
  } catch {
    return false;
  }
}
