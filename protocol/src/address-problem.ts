import { isAddress, zeroAddress } from 'viem';

/**
 * Tells in words why a text is no address that money may be sent to; undefined if it is one. An address in
 * capitals and small letters must have its EIP-55 checksum: a mistyped digit breaks it.
 */
export function addressProblem(text: string): string | undefined {
  if (!isAddress(text, { strict: false })) return 'Expected an address: 0x and 40 hexadecimal digits';
  const digits = text.slice(2);
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (isMixed && !isAddress(text)) {
    return 'Expected an address with its checksum: its capitals contradict its digits, so copy it again, or write it in small letters if every digit is right';
  }
  return text.toLowerCase() === zeroAddress ? 'Expected an address other than the zero address' : undefined;
}
