import { readFile } from 'node:fs/promises';
import { decryptKey } from '@gavel/protocol/keystore';
import { type Address, type Hex, isAddress, isAddressEqual, isHex, keccak256, numberToHex, size } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { type Chain, reasonOf } from './chain.ts';
import { DeployError } from './errors.ts';

/** A transaction without its signature. */
export interface Request {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
  readonly nonce: number;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What an endpoint or a wallet answered to a transaction. */
export interface Answer {
  /** Of the transaction, if it was signed. */
  readonly hash?: Hex;
  /** The refusal in its own words. It proves nothing: the chain may know the transaction all the same. */
  readonly refused?: string;
}

/** Signs and submits the deployer's transactions. */
export interface Signer {
  readonly address: Address;
  submit(chain: Chain, request: Request): Promise<Answer>;
}

/** Where the deployer's key is. */
export interface SignerOptions {
  /** A version 3 keystore file, opened by GAVEL_DEPLOYER_PASSWORD or the file of `passwordFile`. */
  readonly keystore?: string;
  readonly passwordFile?: string;
  /** URL of a wallet's JSON-RPC, which asks its owner for each transaction: eth_sendTransaction. */
  readonly signer?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Opens the deployer's key or wallet. Throws BAD_SIGNER; never quotes a secret. */
export async function openSigner(options: SignerOptions, env: Env, deployer: Address): Promise<Signer> {
  const given = [options.keystore, options.signer, env.GAVEL_DEPLOYER_KEY].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new DeployError(
      'BAD_SIGNER',
      'expected one of --keystore FILE, --signer URL, and a private key in GAVEL_DEPLOYER_KEY',
    );
  }
  if (options.signer !== undefined) return walletSigner(options.signer, deployer);
  const key =
    options.keystore === undefined ? env.GAVEL_DEPLOYER_KEY : await unlock(options.keystore, options, env);
  if (!isHex(key) || size(key) !== 32) {
    throw new DeployError(
      'BAD_SIGNER',
      'GAVEL_DEPLOYER_KEY must hold the deployer’s private key: 0x and 64 hex digits',
    );
  }
  const account = accountOf(key);
  if (!isAddressEqual(account.address, deployer)) {
    throw new DeployError('BAD_SIGNER', 'the key is not the deployer’s', {
      meta: { key: account.address, deployer },
    });
  }
  return keySigner(account);
}

function accountOf(key: Hex): PrivateKeyAccount {
  try {
    return privateKeyToAccount(key);
  } catch {
    throw new DeployError('BAD_SIGNER', 'the deployer’s key is no secp256k1 private key');
  }
}

async function unlock(file: string, { passwordFile }: SignerOptions, env: Env): Promise<Hex> {
  const json = await readSecret(file);
  const password =
    passwordFile === undefined
      ? env.GAVEL_DEPLOYER_PASSWORD
      : (await readSecret(passwordFile)).replace(/\r?\n$/, '');
  if (password === undefined) {
    throw new DeployError(
      'BAD_SIGNER',
      'expected the keystore’s password in GAVEL_DEPLOYER_PASSWORD, or --password-file FILE',
    );
  }
  try {
    return await decryptKey(json, password);
  } catch (cause) {
    const why = cause instanceof Error && 'shortMessage' in cause ? String(cause.shortMessage) : 'unreadable';
    throw new DeployError('BAD_SIGNER', 'the keystore cannot be opened', { meta: { file, why } });
  }
}

async function readSecret(file: string): Promise<string> {
  try {
    // Editors of other systems begin a file with a byte order mark, which is no part of a password.
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    throw new DeployError('BAD_SIGNER', 'a file of the key cannot be read', { meta: { file } });
  }
}

function keySigner(account: PrivateKeyAccount): Signer {
  return {
    address: account.address,
    submit: async (chain, request) => {
      const serializedTransaction = await account.signTransaction({
        ...request,
        type: 'eip1559',
        chainId: chain.config.chainId,
      });
      const hash = keccak256(serializedTransaction);
      try {
        await chain.submit(serializedTransaction);
        return { hash };
      } catch (error) {
        return { hash, refused: reasonOf(error) };
      }
    },
  };
}

/** Milliseconds for the owner of a wallet to confirm a transaction on its device. */
const CONFIRM_WITHIN = 600_000;

/** The largest answer of a wallet that is read, bytes. */
const MOST_ANSWER = 100_000;

/** Connects to a wallet, and checks that it has the deployer's account. Throws BAD_SIGNER. */
async function walletSigner(url: string, deployer: Address): Promise<Signer> {
  const accounts = await callWallet(url, 'eth_accounts', []);
  const has = (list: unknown) =>
    Array.isArray(list) &&
    list.some((one) => typeof one === 'string' && isAddress(one) && isAddressEqual(one, deployer));
  if (!has(accounts.result) && !has((await callWallet(url, 'eth_requestAccounts', [])).result)) {
    throw new DeployError('BAD_SIGNER', 'the wallet does not offer the deployer’s account', {
      meta: { deployer, why: accounts.error ?? 'another account is selected' },
    });
  }
  return {
    address: deployer,
    submit: async (chain, request) => {
      const { result, error } = await callWallet(url, 'eth_sendTransaction', [
        {
          from: deployer,
          to: request.to,
          data: request.data,
          value: numberToHex(request.value),
          gas: numberToHex(request.gas),
          nonce: numberToHex(request.nonce),
          maxFeePerGas: numberToHex(request.maxFeePerGas),
          maxPriorityFeePerGas: numberToHex(request.maxPriorityFeePerGas),
          chainId: numberToHex(chain.config.chainId),
        },
      ]);
      if (isHex(result) && size(result) === 32) return { hash: result };
      return { refused: error ?? 'the wallet answered without a transaction hash' };
    },
  };
}

async function callWallet(
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<{ result?: unknown; error?: string }> {
  let text: string;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(CONFIRM_WITHIN),
    });
    text = await response.text();
  } catch {
    throw new DeployError('BAD_SIGNER', 'the wallet does not answer: start it, and check --signer', {
      retry: true,
    });
  }
  let answer: unknown;
  try {
    answer = text.length > MOST_ANSWER ? undefined : JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (typeof answer !== 'object' || answer === null) {
    throw new DeployError('BAD_SIGNER', 'the wallet’s answer is no JSON-RPC');
  }
  const { result, error } = answer as { result?: unknown; error?: { message?: unknown } };
  return {
    result,
    ...(error === undefined || error === null ? {} : { error: String(error.message).slice(0, 300) }),
  };
}
