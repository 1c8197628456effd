import { type Address, encodeAbiParameters, type Hex } from 'viem';
import { address, bytes32, bytesOf, toBytes } from './fields.ts';
import { keccak, keccakDigits } from './keccak.ts';

/** Of the EIP-712 domain of every Gavel signature. */
export const DOMAIN_NAME = 'Gavel';
/** Version of the EIP-712 domain of every Gavel signature. */
export const DOMAIN_VERSION = '1';

/**
 * The contract that a signature is for: the home chain's id (not its Hyperlane domain) and its
 * CollateralEscrow.
 */
export type Home = { readonly chainId: number | bigint; readonly escrow: Address };

/** The EIP-712 types of everything signed, in viem's form. Field order is part of the protocol. */
export const TYPES = {
  Intent: [
    { name: 'homeDomain', type: 'uint32' },
    { name: 'escrow', type: 'address' },
    { name: 'market', type: 'bytes32' },
    { name: 'position', type: 'bytes' },
    { name: 'collateral', type: 'address' },
    { name: 'debt', type: 'address' },
    { name: 'repay', type: 'uint128' },
    { name: 'seizable', type: 'uint128' },
    { name: 'round', type: 'uint64' },
    { name: 'observedBlock', type: 'uint64' },
    { name: 'observedBlockHash', type: 'bytes32' },
    { name: 'quoteBy', type: 'uint64' },
    { name: 'openBy', type: 'uint64' },
  ],
  Quote: [
    { name: 'intent', type: 'bytes32' },
    { name: 'solver', type: 'address' },
    { name: 'ask', type: 'uint128' },
    { name: 'payDomain', type: 'uint32' },
    { name: 'payout', type: 'address' },
    { name: 'epoch', type: 'uint64' },
  ],
  Tally: [
    { name: 'intent', type: 'bytes32' },
    { name: 'quotes', type: 'bytes32[]' },
  ],
  Award: [
    { name: 'intent', type: 'bytes32' },
    { name: 'attempt', type: 'uint8' },
    { name: 'first', type: 'bytes32' },
    { name: 'second', type: 'bytes32' },
    { name: 'third', type: 'bytes32' },
  ],
  Ballot: [
    { name: 'award', type: 'bytes32' },
    { name: 'tallies', type: 'bytes32[]' },
  ],
  Disavowal: [
    { name: 'intent', type: 'bytes32' },
    { name: 'subject', type: 'bytes32' },
  ],
} as const;

/** Of a signed struct. */
export type TypeName = keyof typeof TYPES;

/** Type hash of each struct: keccak256 of its EIP-712 `encodeType`. */
export const TYPE_HASHES: Readonly<Record<TypeName, Hex>> = {
  Intent: typeHash('Intent'),
  Quote: typeHash('Quote'),
  Tally: typeHash('Tally'),
  Award: typeHash('Award'),
  Ballot: typeHash('Ballot'),
  Disavowal: typeHash('Disavowal'),
};

/** Returns the EIP-712 domain of a home, in viem's form. */
export function domainOf(home: Home) {
  return {
    name: DOMAIN_NAME,
    version: DOMAIN_VERSION,
    chainId: BigInt(home.chainId),
    verifyingContract: address(home.escrow, 'escrow'),
  } as const;
}

/** Domain separators of the homes seen. */
const separators = new WeakMap<Home, Hex>();

/** Returns a home's EIP-712 domain separator; computed once per home. */
export function domainSeparator(home: Home): Hex {
  const known = separators.get(home);
  if (known !== undefined) return known;
  const domain = domainOf(home);
  const encoded = encodeAbiParameters(
    [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
    [
      hashText('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
      hashText(domain.name),
      hashText(domain.version),
      domain.chainId,
      domain.verifyingContract,
    ],
  );
  const separator = keccak(toBytes(encoded));
  separators.set(home, separator);
  return separator;
}

/** One 32-byte word of `encodeData`, as 64 hex digits. */
export type Word = string;

/** Encodes an unsigned number, already known to be in range, as a word. */
export function uintWord(value: bigint | number): Word {
  return value.toString(16).padStart(64, '0');
}

/** Encodes an address as a word. Throws BAD_FIELD on another width. */
export function addressWord(value: Address, field: string): Word {
  return address(value, field).slice(2).padStart(64, '0');
}

/** Encodes a bytes32 as a word. Throws BAD_FIELD on another width. */
export function bytes32Word(value: Hex, field: string): Word {
  return bytes32(value, field).slice(2);
}

/** Encodes dynamic bytes as a word: their hash. Throws BAD_FIELD unless hex. */
export function bytesWord(value: Hex, field: string): Word {
  return keccakDigits(toBytes(bytesOf(value, field, 0, Number.MAX_SAFE_INTEGER)));
}

/** Encodes a bytes32[] as a word: the hash of its packed elements. Throws BAD_FIELD on another width. */
export function bytes32sWord(values: readonly Hex[], field: string): Word {
  return keccakDigits(Buffer.from(values.map((value) => bytes32Word(value, field)).join(''), 'hex'));
}

/** Scratch for the bytes of one struct or digest; empty between two hashes. */
const scratch = Buffer.alloc(32 * (1 + Math.max(...Object.values(TYPES).map((members) => members.length))));

/** Returns `hashStruct`: keccak256(typeHash ‖ words). */
export function hashStruct(name: TypeName, words: readonly Word[]): Hex {
  return hashDigits(TYPE_HASHES[name].slice(2) + words.join(''));
}

/** Returns what is signed for a struct at a home: keccak256(0x1901 ‖ domain separator ‖ struct hash). */
export function digestOf(home: Home, structHash: Hex): Hex {
  return hashDigits(`1901${domainSeparator(home).slice(2)}${structHash.slice(2)}`);
}

function hashDigits(digits: string): Hex {
  return keccak(scratch.subarray(0, scratch.write(digits, 'hex')));
}

function hashText(text: string): Hex {
  return keccak(Buffer.from(text, 'utf8'));
}

function typeHash(name: TypeName): Hex {
  const members = TYPES[name].map((member) => `${member.type} ${member.name}`);
  return hashText(`${name}(${members.join(',')})`);
}
