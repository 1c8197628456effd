import { type Abi, BaseError, decodeErrorResult, type Hex, isHex, size, slice } from 'viem';

/** Returns the data of a revert, `0x` if it carries none; undefined if the error is no revert. */
export function revertOf(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined;
  let reverted = false;
  let data: Hex | undefined;
  error.walk((cause) => {
    if (typeof cause !== 'object' || cause === null) return false;
    if ('data' in cause) {
      const found = dataIn(cause.data);
      if (found !== undefined) data ??= found;
    }
    const text = cause instanceof Error ? cause.message : '';
    reverted ||= /\brevert(ed|s)?\b/i.test(text) || ('code' in cause && cause.code === 3);
    return false;
  });
  if (data !== undefined) return data;
  return reverted ? '0x' : undefined;
}

function dataIn(data: unknown): Hex | undefined {
  if (isHex(data, { strict: true })) return data;
  if (typeof data === 'object' && data !== null && 'data' in data) return dataIn(data.data);
  return undefined;
}

/** Names the error of a revert and its values, as the first ABI that knows it has them. */
export function explainRevert(data: Hex, abis: readonly Abi[]): string {
  if (data === '0x') return 'without a reason';
  const errors = [...abis.flat(), ...COMMON].filter((item) => item.type === 'error');
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errors, data });
    return `${errorName}(${(args as readonly unknown[]).map(String).join(', ')})`;
  } catch {
    const selector = size(data) >= 4 ? slice(data, 0, 4) : data;
    return `with an error that no contract of the deployment knows, ${selector} (${size(data)} bytes)`;
  }
}

/** What the compiler itself reverts with. */
const COMMON: Abi = [
  { type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] },
  { type: 'error', name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] },
];
