import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  decodeErrorResult,
  ExecutionRevertedError,
  type Hex,
  isHex,
  parseAbi,
  RpcRequestError,
} from 'viem';

/** Errors of tokens, which any called contract may pass on. */
const TOKEN_ERRORS: Abi = parseAbi([
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error SafeERC20FailedOperation(address token)',
]);

/**
 * Why a contract reverted. `errorName` is absent if no ABI at hand knows the error; `data` is as returned.
 */
export type Revert = { readonly errorName?: string; readonly args?: readonly unknown[]; readonly data?: Hex };

/**
 * Returns the revert that `error` reports, or undefined if the RPC failed and the chain gave no answer. `abi`
 * names the errors of the called contract and of those that it calls; errors of tokens are known.
 */
export function revertOf(error: unknown, abi: Abi = []): Revert | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError) {
    const { data, raw, signature, reason } = reverted;
    if (data !== undefined) return describe(data.errorName, data.args, raw);
    const decoded = decode(raw ?? signature, abi);
    if (decoded !== undefined) return decoded;
    return reason === undefined ? describe(undefined, undefined, raw) : describe('Error', [reason], raw);
  }
  if (error.walk((cause) => cause instanceof ContractFunctionZeroDataError) !== null) return {};
  if (error.walk((cause) => cause instanceof ExecutionRevertedError) === null) return undefined;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  const data = answer instanceof RpcRequestError ? dataOf(answer.data) : undefined;
  return decode(data, abi) ?? describe(undefined, undefined, data);
}

function decode(data: Hex | undefined, abi: Abi): Revert | undefined {
  if (data === undefined || data === '0x') return undefined;
  return decodeBy(data, abi) ?? decodeBy(data, TOKEN_ERRORS);
}

function decodeBy(data: Hex, abi: Abi): Revert | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data });
    return describe(errorName, args as readonly unknown[] | undefined, data);
  } catch {
    return undefined; // an error that this ABI does not declare: the data itself is the answer
  }
}

/** Nodes return the revert's data as such, or inside an object. */
function dataOf(data: unknown): Hex | undefined {
  const bytes = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return isHex(bytes) ? bytes : undefined;
}

function describe(errorName?: string, args?: readonly unknown[], data?: Hex): Revert {
  return {
    ...(errorName === undefined ? {} : { errorName }),
    ...(args === undefined ? {} : { args }),
    ...(data === undefined ? {} : { data }),
  };
}
