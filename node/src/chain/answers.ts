import { BaseError, ExecutionRevertedError, HttpRequestError, isHex, RpcRequestError } from 'viem';
import { ChainError } from './errors.ts';

/** A JSON-RPC question. */
export type Question = { readonly method: string; readonly params?: unknown };

/** What is looked at of the objects that endpoints return. */
type Fields = {
  readonly [name in
    | 'hash'
    | 'number'
    | 'transactionHash'
    | 'blockNumber'
    | 'address'
    | 'fromBlock'
    | 'toBlock'
    | 'logs']?: unknown;
};

/**
 * What of an object two honest endpoints of one chain must say alike. The rest differs from client to client.
 */
const BLOCK = ['number', 'hash', 'parentHash', 'timestamp'];
const LOG = ['address', 'topics', 'data', 'blockHash', 'blockNumber', 'transactionHash', 'logIndex'];
const RECEIPT = ['transactionHash', 'blockHash', 'blockNumber', 'status', 'from', 'to'];
const TRANSACTION = ['hash', 'from', 'to', 'input', 'value', 'nonce', 'blockHash', 'blockNumber'];

/**
 * Refuses an answer that does not fit its question: another block, receipt or transaction than asked for,
 * logs from outside the range or of another contract, no result at all. Throws BAD_ANSWER.
 */
export function checkAnswer({ method, params }: Question, result: unknown): void {
  if (result === undefined) throw bad(method, 'neither a result nor an error');
  const [first] = Array.isArray(params) ? params : [];
  switch (method) {
    case 'eth_getBlockByNumber': {
      if (result === null) return;
      const { hash, number } = fieldsOf(method, result);
      if (!isHex(hash) || !isQuantity(number)) throw bad(method, 'a block without a hash');
      if (isHex(first) && BigInt(first) !== BigInt(number)) throw bad(method, 'another block than asked for');
      return;
    }
    case 'eth_getTransactionReceipt':
      if (result !== null && !same(fieldsOf(method, result).transactionHash, first))
        throw bad(method, 'another receipt than asked for');
      return;
    case 'eth_getTransactionByHash':
      if (result !== null && !same(fieldsOf(method, result).hash, first))
        throw bad(method, 'another transaction than asked for');
      return;
    case 'eth_getLogs':
      checkLogs(method, first, result);
      return;
    case 'eth_call':
    case 'eth_getCode':
      if (!isHex(result) || result.length % 2 !== 0) throw bad(method, 'no bytes');
      return;
    case 'eth_blockNumber':
    case 'eth_chainId':
    case 'eth_getBalance':
    case 'eth_getTransactionCount':
      if (!isQuantity(result)) throw bad(method, 'no number');
      return;
    default:
  }
}

function checkLogs(method: string, filter: unknown, result: unknown): void {
  if (!Array.isArray(result)) throw bad(method, 'no list of logs');
  const { address, fromBlock, toBlock } = fieldsOf(method, filter);
  const addresses = (Array.isArray(address) ? address : address === undefined ? [] : [address]).map(lower);
  const least = isHex(fromBlock) ? BigInt(fromBlock) : undefined;
  const most = isHex(toBlock) ? BigInt(toBlock) : undefined;
  for (const entry of result) {
    const log = fieldsOf(method, entry);
    if (!isQuantity(log.blockNumber)) throw bad(method, 'a log without a block');
    const number = BigInt(log.blockNumber);
    if ((least !== undefined && number < least) || (most !== undefined && number > most))
      throw bad(method, 'a log from outside the range');
    if (addresses.length > 0 && !addresses.includes(lower(log.address)))
      throw bad(method, 'a log of another contract');
  }
}

/** Writes an answer such that honest endpoints write the same, in any client software. */
export function normalForm(method: string, result: unknown): string {
  if (result === null) return 'null';
  switch (method) {
    case 'eth_getBlockByNumber':
    case 'eth_getBlockByHash':
      return text(pick(result, BLOCK));
    case 'eth_getTransactionReceipt': {
      const { logs } = result as Fields;
      const entries = Array.isArray(logs) ? logs.map((log) => pick(log, LOG)) : logs;
      return text([pick(result, RECEIPT), entries]);
    }
    case 'eth_getTransactionByHash':
      return text(pick(result, TRANSACTION));
    case 'eth_getLogs':
      return text((result as unknown[]).map((log) => pick(log, LOG)));
    default:
      return text(result);
  }
}

/**
 * Writes a revert such that honest endpoints write the same; undefined if the error is no verdict of the
 * chain.
 */
export function revertForm(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const answer = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(answer instanceof RpcRequestError)) return undefined;
  const isRevert = answer.code === 3 || ExecutionRevertedError.nodeMessage.test(answer.details);
  if (!isRevert) return undefined;
  const { data } = answer;
  const bytes = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return `reverted ${isHex(bytes) ? bytes.toLowerCase() : ''}`;
}

/** Tells whether an endpoint refused because of the rate of requests; `retryAfterMs` if it named a time. */
export function rateLimitOf(error: unknown): { readonly retryAfterMs: number } | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const http = error.walk((cause) => cause instanceof HttpRequestError || cause instanceof RpcRequestError);
  if (!(http instanceof HttpRequestError || http instanceof RpcRequestError)) return undefined;
  const code = http instanceof RpcRequestError ? http.code : undefined;
  // Some providers say -32005 of a range with too many logs: narrower questions help against that, waiting
  // does not.
  const tooMuch = /results|range|too many (blocks|logs)|response size/i.test(http.details);
  const limited = http.status === 429 || code === 429 || ((code === -32005 || code === -32007) && !tooMuch);
  if (!limited) return undefined;
  const seconds = Number.parseInt(http.headers?.get('Retry-After') ?? '', 10);
  return { retryAfterMs: Number.isNaN(seconds) ? 0 : seconds * 1_000 };
}

/** Tells whether an endpoint answered with an error, as opposed to not answering. */
export function isRefusal(error: unknown): boolean {
  return error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null;
}

function pick(value: unknown, names: readonly string[]): unknown[] {
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return names.map((name) => fields[name] ?? null);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    typeof item === 'string' && item.startsWith('0x') ? lower(item) : item,
  );
}

function fieldsOf(method: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw bad(method, 'no object');
}

function isQuantity(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value);
}

function lower(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function same(a: unknown, b: unknown): boolean {
  return lower(a) === lower(b);
}

function bad(method: string, got: string): ChainError {
  return new ChainError('BAD_ANSWER', 'An RPC endpoint gave an answer that does not fit the question', {
    meta: { method, got },
    retry: true,
  });
}
