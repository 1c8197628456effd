import type { Address, Hex } from 'viem';
import type { IntentDigest } from '../brands.ts';
import { bytes32, toBytes } from '../fields.ts';
import type { gavel } from '../gen/gavel.js';
import { checkSignature, recoverSigner, signDigest } from '../signatures.ts';
import { bytes32Word, digestOf, type Home, hashStruct } from '../typed-data.ts';
import { hexFromWire } from '../wire.ts';

/**
 * A node's word that it did not sign a quote or a vote that its own key signed: another node uses the key.
 * Never sent to a chain.
 */
export type Disavowal = {
  readonly intent: IntentDigest;
  /** The digest of the quote, or of the vote's award. */
  readonly subject: Hex;
  /** By the key that signed the subject. */
  readonly signature: Hex;
};

/** Disavows what this key signed elsewhere. Throws BAD_FIELD or BAD_KEY. */
export function signDisavowal(intent: IntentDigest, subject: Hex, home: Home, privateKey: Hex): Disavowal {
  return { intent, subject, signature: signDigest(disavowalDigest({ intent, subject }, home), privateKey) };
}

/** Returns the key that disavows. Throws BAD_FIELD or BAD_SIGNATURE. */
export function verifyDisavowal(disavowal: Disavowal, home: Home): Address {
  return recoverSigner(disavowalDigest(disavowal, home), disavowal.signature);
}

/** Converts for the wire; part of AuctionMessage. */
export function disavowalToWire({ intent, subject, signature }: Disavowal): gavel.v1.Disavowal.$Properties {
  return {
    intent: toBytes(bytes32(intent, 'intent')),
    subject: toBytes(bytes32(subject, 'subject')),
    signature: toBytes(checkSignature(signature)),
  };
}

/** Converts from the wire; part of AuctionMessage. Throws BAD_FIELD or BAD_SIGNATURE. */
export function disavowalFromWire(wire: gavel.v1.Disavowal.$Properties): Disavowal {
  return {
    intent: bytes32(hexFromWire(wire.intent), 'intent') as IntentDigest,
    subject: bytes32(hexFromWire(wire.subject), 'subject'),
    signature: checkSignature(hexFromWire(wire.signature)),
  };
}

function disavowalDigest({ intent, subject }: Pick<Disavowal, 'intent' | 'subject'>, home: Home): Hex {
  const words = [bytes32Word(intent, 'intent'), bytes32Word(subject, 'subject')];
  return digestOf(home, hashStruct('Disavowal', words));
}
