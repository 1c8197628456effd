import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Abi, type Address, concatHex, createWalletClient, type Hex, http, numberToHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { FUNDED_KEY } from '../src/chain/testing/anvil.ts';
import { localChain } from '../src/chain/testing/local-chain.ts';

/** Code of a Mailbox that only takes messages: answers `localDomain` and `quoteDispatch` with the domain, and a paid `dispatch` with the block's number as message id. */
export function mailboxCode(domain: number): Hex {
  return concatHex([
    '0x3415600e574360005260206000f35b61',
    numberToHex(domain, { size: 2 }),
    '0x60005260206000f3',
  ]);
}

type Artifact = {
  abi: Abi;
  bytecode: {
    object: string;
    linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
  };
};

async function artifact(name: string): Promise<Artifact> {
  const path = createRequire(import.meta.url).resolve(`@gavel/contracts/artifacts/${name}.sol/${name}.json`);
  return JSON.parse(await readFile(path, 'utf8'));
}

/** Deploy a contract with anvil's first account, and the libraries its code refers to before it. The chain must mine by itself. */
export async function createContract(url: string, name: string, args: readonly unknown[]): Promise<Address> {
  const wallet = createWalletClient({ account: privateKeyToAccount(FUNDED_KEY), transport: http(url) });
  const { abi, bytecode } = await artifact(name);
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
  const hash = await wallet.deployContract({ chain: null, abi, bytecode: code as Hex, args: [...args] });
  const receipt = await localChain([url]).client.waitForTransactionReceipt({ hash });
  if (!receipt.contractAddress) throw new TypeError(`${name} was not deployed`);
  return receipt.contractAddress;
}
