import { collateralEscrowAbi } from '@gavel/abi';
import {
  type Address,
  ExecutionRevertedError,
  encodeErrorResult,
  parseAbi,
  RpcRequestError,
  toFunctionSelector,
} from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GAVEL_ERRORS } from '../auction/gavel-errors.ts';
import type { Chain } from './client.ts';
import { revertOf } from './reverts.ts';
import { type Anvil, startAnvil } from './testing/anvil.ts';
import { deploy, ECHO, localChain } from './testing/local-chain.ts';

const abi = parseAbi(['function echo(uint256 value) view returns (uint256)', 'error Zero(uint256 seven)']);
const blind = abi.filter(({ type }) => type === 'function');

let anvil: Anvil;
let chain: Chain;
let address: Address;

beforeAll(async () => {
  anvil = await startAnvil();
  chain = localChain([anvil.url]);
  address = await deploy(anvil.url, ECHO);
});

afterAll(() => anvil.stop());

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('a revert is decoded by the ABI of the call, or by one at hand', async () => {
  const read = { address, functionName: 'echo', args: [0n] } as const;
  const known = await failureOf(chain.client.readContract({ ...read, abi }));
  expect(revertOf(known)).toMatchObject({ errorName: 'Zero', args: [7n] });
  const foreign = await failureOf(chain.client.readContract({ ...read, abi: blind }));
  expect(revertOf(foreign)).toMatchObject({ data: expect.stringMatching(/^0x[0-9a-f]{72}$/) });
  expect(revertOf(foreign)).not.toHaveProperty('errorName');
  expect(revertOf(foreign, abi)).toMatchObject({ errorName: 'Zero', args: [7n] });
});

test('a contract that is not there counts as a revert, not as a failing RPC', async () => {
  const nowhere: Address = '0x00000000000000000000000000000000000000a1';
  const error = await failureOf(
    chain.client.readContract({ address: nowhere, abi, functionName: 'echo', args: [1n] }),
  );
  expect(revertOf(error)).toEqual({});
});

test('an RPC that is down is no revert', async () => {
  const down = localChain(['http://127.0.0.1:9']);
  const error = await failureOf(down.client.readContract({ address, abi, functionName: 'echo', args: [0n] }));
  expect(error).toBeDefined();
  expect(revertOf(error)).toBeUndefined();
  expect(revertOf(new TypeError('other'))).toBeUndefined();
});

test('errors of other contracts of ours and of tokens are decoded, whoever was called', () => {
  const token: Address = '0x0000000000000000000000000000000000000011';
  const errors = parseAbi([
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  ]);
  const data = encodeErrorResult({
    abi: errors,
    errorName: 'ERC20InsufficientBalance',
    args: [token, 1n, 2n],
  });
  const error = new RpcRequestError({
    body: {},
    url: 'http://127.0.0.1',
    error: { code: 3, message: 'execution reverted', data },
  });
  const reverted = new ExecutionRevertedError({ cause: error });
  expect(revertOf(reverted, blind)).toMatchObject({
    errorName: 'ERC20InsufficientBalance',
    args: [token, 1n, 2n],
  });
  const undecoded = collateralEscrowAbi
    .filter((item) => item.type === 'error')
    .filter(({ name, inputs }) => inputs.length === 0 && revertNameOf(name) !== name);
  expect(undecoded).toEqual([]);
});

/**
 * What the sender would say of an escrow's error without arguments if it were met inside a call to another
 * contract.
 */
function revertNameOf(name: string): string | undefined {
  const data = toFunctionSelector(`${name}()`);
  const error = { code: 3, message: 'execution reverted', data };
  const cause = new RpcRequestError({ body: {}, url: 'http://127.0.0.1', error });
  return revertOf(new ExecutionRevertedError({ cause }), [...blind, ...GAVEL_ERRORS])?.errorName;
}
