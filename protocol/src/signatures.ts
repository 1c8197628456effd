import secp256k1 from 'secp256k1';
import type { Address, Hex } from 'viem';
import { ProtocolError } from './errors.ts';
import { bytes32, bytesOf, toBytes, toHex } from './fields.ts';
import { keccakDigits } from './keccak.ts';
import { SIGNATURE_BYTES } from './limits.ts';

/**
 * Half the group's order, as 64 hex digits: the largest s that is accepted, so that a signature has one form.
 */
const MAX_S = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

/**
 * Signs a digest: 65 bytes r ‖ s ‖ v, low s, v 27 or 28, nonce by RFC 6979 (so the same input gives the same
 * bytes). Throws BAD_KEY if the private key is not on the curve, BAD_FIELD if the digest is not 32 bytes.
 */
export function signDigest(digest: Hex, privateKey: Hex): Hex {
  const { signature, recid } = secp256k1.ecdsaSign(toBytes(bytes32(digest, 'digest')), keyBytes(privateKey));
  return `${toHex(signature)}${(27 + recid).toString(16)}`;
}

/** Returns the address of a private key, lowercase. Throws BAD_KEY if it is not on the curve. */
export function addressOfKey(privateKey: Hex): Address {
  return addressOfPoint(secp256k1.publicKeyCreate(keyBytes(privateKey), false));
}

/** Scratch for a recovered key, until its address is computed. */
const point = new Uint8Array(65);

/**
 * Signers recovered lately, by signature. A quote comes alone, beside each tally and in a certificate, and
 * its signer is recovered once.
 */
const recovered = new Map<Hex, { readonly digest: Hex; readonly signer: Address }>();
const MAX_RECOVERED = 8_192;

/**
 * Recovers the address that signed a digest, lowercase. Accepts what the contracts accept and nothing else.
 * Throws BAD_SIGNATURE unless it is 65 bytes with a low s and v 27 or 28 from which a key can be recovered.
 */
export function recoverSigner(digest: Hex, signature: Hex): Address {
  const message = bytes32(digest, 'digest');
  const hex = checkSignature(signature);
  const known = recovered.get(hex);
  if (known?.digest === message) return known.signer;
  const bytes = toBytes(hex);
  const recid = (bytes[64] ?? 0) - 27;
  try {
    secp256k1.ecdsaRecover(bytes.subarray(0, 64), recid, toBytes(message), false, point);
  } catch (cause) {
    throw badSignature('no key can be recovered', cause);
  }
  const signer = addressOfPoint(point);
  if (recovered.size >= MAX_RECOVERED) recovered.clear();
  recovered.set(hex, { digest: message, signer });
  return signer;
}

/**
 * Returns a signature in lowercase. Throws BAD_SIGNATURE unless it is 65 bytes with a low s and v 27 or 28.
 */
export function checkSignature(signature: Hex): Hex {
  let hex: Hex;
  try {
    hex = bytesOf(signature, 'signature', SIGNATURE_BYTES, SIGNATURE_BYTES);
  } catch (cause) {
    throw badSignature('not 65 bytes', cause);
  }
  if (hex.slice(66, 130) > MAX_S) throw badSignature('high s');
  const v = hex.slice(130);
  if (v !== '1b' && v !== '1c') throw badSignature('v is neither 27 nor 28');
  return hex;
}

function keyBytes(privateKey: Hex): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = toBytes(bytes32(privateKey, 'privateKey'));
  } catch {
    throw badKey();
  }
  if (!secp256k1.privateKeyVerify(bytes)) throw badKey();
  return bytes;
}

function addressOfPoint(point: Uint8Array): Address {
  return `0x${keccakDigits(point.subarray(1)).slice(24)}`;
}

/** Errors are logged, so this one does not contain the key. */
function badKey(): ProtocolError {
  return new ProtocolError('BAD_KEY', 'A private key must be 32 bytes of hex and on secp256k1');
}

function badSignature(fault: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    'BAD_SIGNATURE',
    'A signature must be 65 bytes r, s, v with low s and v 27 or 28',
    {
      meta: { fault },
      cause,
    },
  );
}
