import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  type Abi,
  type Address,
  concatHex,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  numberToHex,
  type TransactionReceipt,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { FUNDED_KEY } from '../src/chain/testing/anvil.ts';

type Artifact = {
  abi: Abi;
  bytecode: {
    object: string;
    linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
  };
};

/** The account that deploys and administers what tests use; anvil funds it. */
export const deployer = privateKeyToAccount(FUNDED_KEY);

/**
 * Answers `localDomain` and `quoteDispatch` with the domain, and a paid `dispatch` with the block's number as
 * message id.
 */
export function mailboxCode(domain: number): Hex {
  return concatHex([
    '0x3415600e574360005260206000f35b61',
    numberToHex(domain, { size: 2 }),
    '0x60005260206000f3',
  ]);
}

/** Loads a compiled contract by name; one of another folder by its path, such as `external/Morpho`. */
export async function artifact(path: string): Promise<Artifact> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const file = createRequire(import.meta.url).resolve(`@gavel/contracts/artifacts/${path}.sol/${name}.json`);
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Deploys a contract, and the libraries its code refers to before it. */
export async function createContract(url: string, path: string, args: readonly unknown[]): Promise<Address> {
  const { abi, bytecode } = await artifact(path);
  let code = bytecode.object;
  for (const [library, places] of Object.values(bytecode.linkReferences).flatMap((file) =>
    Object.entries(file),
  )) {
    const address = await createContract(url, library, []);
    for (const { start, length } of places) {
      const from = 2 + 2 * start;
      code = code.slice(0, from) + address.slice(2) + code.slice(from + 2 * length);
    }
  }
  const wallet = createWalletClient({ account: deployer, transport: http(url) });
  const hash = await wallet.deployContract({ chain: null, abi, bytecode: code as Hex, args: [...args] });
  const receipt = await mined(url, hash);
  if (!receipt.contractAddress) throw new TypeError(`${path} was not deployed`);
  return receipt.contractAddress;
}

/** Waits for a transaction. */
export function mined(url: string, hash: Hex): Promise<TransactionReceipt> {
  const client = createPublicClient({ transport: http(url), pollingInterval: 20 });
  return client.waitForTransactionReceipt({ hash });
}
