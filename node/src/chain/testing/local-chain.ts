import {
  type Address,
  concatHex,
  createTestClient,
  getContractAddress,
  type Hex,
  http,
  parseAbi,
  type TestClient,
  toEventSelector,
  toFunctionSelector,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { completeChain } from '../../config/schema.ts';
import type { Telemetry } from '../../observe/telemetry.ts';
import { type Chain, connectChain } from '../client.ts';
import { FUNDED_KEY } from './anvil.ts';

type ChainSettings = Parameters<typeof completeChain>[0];

const NOWHERE: Address = '0x000000000000000000000000000000000000dEaD';

/** Declare the contracts of these tests: `Echo` emits what it is told, but never zero; `Once` works once. */
export const echoAbi = parseAbi([
  'function echo(uint256 value) payable',
  'error Zero(uint256 seven)',
  'event Echoed(uint256 value)',
]);

/** Configure a chain at `rpc` that is polled every 20 ms, and connect to it. */
export function localChain(
  rpc: string[],
  settings: Partial<ChainSettings> = {},
  telemetry?: Telemetry,
): Chain {
  const nowhere = {
    collateralEscrow: NOWHERE,
    repaymentEscrow: NOWHERE,
    bonds: NOWHERE,
    registry: NOWHERE,
    mailbox: NOWHERE,
  };
  const config = completeChain({
    chainId: 31337,
    domain: 1001,
    rpc,
    pollMs: 20,
    confirmations: 0,
    contracts: nowhere,
    ...settings,
  });
  return connectChain('local', config, telemetry);
}

/** Makes the client that mines, reorganises, and so on. */
export function testClient(url: string): TestClient {
  return createTestClient({ mode: 'anvil', transport: http(url) });
}

/** Mines many blocks, a few in each request: all in one would take longer than a busy machine lets it. */
export async function mineMany(url: string, blocks: number): Promise<void> {
  const client = testClient(url);
  for (let left = blocks; left > 0; left -= 50) await client.mine({ blocks: Math.min(left, 50) });
}

/** Deploys a contract with anvil's second account, and mine it. */
export async function deploy(url: string, runtime: Hex): Promise<Address> {
  const client = testClient(url);
  const from: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
  const size = ((runtime.length - 2) / 2).toString(16).padStart(2, '0');
  const nonce = Number(
    await client.request({ method: 'eth_getTransactionCount' as never, params: [from, 'latest'] as never }),
  );
  const data = concatHex([`0x60${size}8060093d393df3`, runtime]);
  await client.request({
    method: 'eth_sendTransaction' as never,
    params: [{ from, data, gas: '0x100000' }] as never,
  });
  await client.mine({ blocks: 1 });
  return getContractAddress({ from, nonce: BigInt(nonce) });
}

/** Returns the address that `FUNDED_KEY` controls. */
export const FUNDED: Address = privateKeyToAccount(FUNDED_KEY).address;

const revertZero: Hex = concatHex([
  '0x63',
  toFunctionSelector('Zero(uint256)'),
  '0x60e01b600052600760045260246000fd5b',
]);

/** value = calldata[4:36]; if (value == 0) revert Zero(7); emit Echoed(value) */
export const ECHO: Hex = concatHex([
  '0x60043580601c57',
  revertZero,
  '0x6000527f',
  toEventSelector('Echoed(uint256)'),
  '0x60206000a100',
]);

/** if (storage[0] != 0) revert Zero(7); storage[0] = 1 */
export const ONCE: Hex = concatHex(['0x60005415601c57', revertZero, '0x600160005500']);

/** Emits a log: calldata holds three topics, then the data. */
export const EMIT: Hex = '0x606036036060600037604035602035600035606036036000a3';

/** for (n = calldata[4:36]; n > 0; n--) {} : 26 gas each time. */
export const BURN: Hex = '0x6004355b60019003806003570000';
