import { addressKey } from '@gavel/protocol';
import { LRUCache } from 'lru-cache';
import {
  type Address,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  hexToBigInt,
  hexToBytes,
  size,
  slice,
} from 'viem';
import { isRefusal, rateLimitOf } from './answers.ts';
import type { Chain } from './client.ts';
import { ChainError } from './errors.ts';
import { revertOf } from './reverts.ts';

/**
 * A token as its contract describes it. `symbol` is at most 32 printable characters: for people, never a key,
 * since a contract may call itself anything.
 */
export type TokenFacts = { readonly address: Address; readonly symbol: string; readonly decimals: number };

/** What `describeToken` does. */
export type DescribeToken = typeof describeToken;

/** Tokens remembered. */
const MOST_TOKENS = 4_096;
/** Bytes of an answer that are looked at: a longer one is no symbol. */
const MOST_ANSWER_BYTES = 1_024;
const MOST_CHARACTERS = 32;
/** More than any token has; sizes are compared at 36 decimals. */
const MOST_DECIMALS = 36n;
const WORD = 32;

const remembered = new WeakMap<Chain, LRUCache<string, Promise<Described>>>();

/**
 * Describes a token of a chain: the one reader of what tokens tell of themselves. Each token is asked once,
 * by what enough endpoints say. `symbol` may be text, 32 bytes, or absent; then the name replaces it, and
 * after that the address. Rejects if the chain cannot be asked; throws ChainError NOT_A_TOKEN.
 */
export async function describeToken(chain: Chain, token: Address): Promise<TokenFacts> {
  const known = remembered.get(chain) ?? new LRUCache({ max: MOST_TOKENS });
  remembered.set(chain, known);
  const key = addressKey(token);
  const asked = known.get(key) ?? describe(chain, token);
  known.set(key, asked);
  try {
    const { facts, isCertain } = await asked;
    if (!isCertain) known.delete(key);
    return facts;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

/** `isCertain` is false if an endpoint refused to say the symbol, which may not be the contract's refusal. */
type Described = { readonly facts: TokenFacts; readonly isCertain: boolean };

/** What a contract answered; `certain` is whether that it gives no answer is the chain's verdict. */
type Answer = { readonly data: Hex | undefined; readonly isCertain: boolean };

async function describe(chain: Chain, address: Address): Promise<Described> {
  const [decimals, symbol] = await Promise.all([
    ask(chain, address, 'decimals'),
    ask(chain, address, 'symbol'),
  ]);
  const places =
    decimals.data === undefined || size(decimals.data) !== WORD ? undefined : hexToBigInt(decimals.data);
  if (places === undefined || places > MOST_DECIMALS) {
    throw new ChainError(
      'NOT_A_TOKEN',
      'A contract does not tell how many decimals it has: is its address right?',
      {
        meta: { chain: chain.name, token: address },
        retry: !decimals.isCertain,
      },
    );
  }
  const facts = (text: string) => ({ address, symbol: text, decimals: Number(places) });
  const own = textOf(symbol.data);
  if (own !== undefined) return { facts: facts(own), isCertain: true };
  const name = await ask(chain, address, 'name');
  const text = textOf(name.data) ?? `${address.slice(0, 6)}…${address.slice(-4)}`;
  return { facts: facts(text), isCertain: symbol.isCertain && name.isCertain };
}

/**
 * Calls a view without arguments. A call that fails inside the contract gives no answer. Contracts and
 * endpoints word such failures in many ways, so a refusal that is not a revert counts as no answer too, but
 * is not certain.
 */
async function ask(chain: Chain, to: Address, functionName: 'decimals' | 'symbol' | 'name'): Promise<Answer> {
  try {
    const { data } = await chain.agreed.call({
      to,
      data: encodeFunctionData({ abi: erc20Abi, functionName }),
    });
    return { data, isCertain: true };
  } catch (error) {
    if (revertOf(error) !== undefined) return { data: undefined, isCertain: true };
    if (isRefusal(error) && rateLimitOf(error) === undefined) return { data: undefined, isCertain: false };
    throw error;
  }
}

/** Reads text that is ABI-encoded or fills one word; undefined if nothing printable is in it. */
function textOf(data: Hex | undefined): string | undefined {
  if (data === undefined || size(data) > MOST_ANSWER_BYTES) return undefined;
  const bytes = size(data) === WORD ? hexToBytes(data) : stringIn(data);
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
  // Line breaks, terminal codes and characters that turn the direction of writing would forge what people
  // read.
  const printable = text
    .replace(/[\p{C}\uFFFD]/gu, '')
    .replace(/[\p{Z}]+/gu, ' ')
    .trim();
  return [...printable].slice(0, MOST_CHARACTERS).join('').trim() || undefined;
}

/** The bytes of an ABI-encoded string, cut at the end of the answer; undefined if the answer is none. */
function stringIn(data: Hex): Uint8Array | undefined {
  if (size(data) < 2 * WORD) return undefined;
  const offset = hexToBigInt(slice(data, 0, WORD));
  if (offset + BigInt(WORD) > BigInt(size(data))) return undefined;
  const at = Number(offset);
  const length = hexToBigInt(slice(data, at, at + WORD));
  const bytes = hexToBytes(data).subarray(at + WORD);
  return length > BigInt(bytes.length) ? undefined : bytes.subarray(0, Number(length));
}
