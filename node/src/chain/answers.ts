import { BaseError, ExecutionRevertedError, HttpRequestError, isHex, RpcRequestError } from 'viem';
import { ChainError } from './errors.ts';

const REVERTED = ExecutionRevertedError.nodeMessage;

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
  if (!isRevert(answer)) return undefined;
  const { data } = answer;
  const bytes = typeof data === 'object' && data !== null && 'data' in data ? data.data : data;
  return `reverted ${isHex(bytes) ? bytes.toLowerCase() : ''}`;
}

/** Codes by which providers refuse because of the rate of requests. */
const RATE_CODES: ReadonlySet<number> = new Set([429, -32005, -32007, -32016, -32029, -32090, -32097]);

/** Words by which they do, under any code. */
const RATE_WORDS =
  /rate.{0,3}limit|limit.{0,20}\brate\b|request rate|too many requests|(request|call)s? (count )?limit|requests? per|reqs?\/s|\bper second\b|throttl|throughput|quota|compute units|capacity (limit )?exceeded|slow down|call rate/i;

/**
 * Words about how much one question asks for. Narrower questions help against that, waiting does not, and
 * some providers say it under the codes of the rate.
 */
const SIZE_WORDS =
  /results?\b|range|too many (blocks|logs|topics)|(response|payload|body|batch) (size|too|limit)|too large|batch/i;

/** Tells whether an endpoint refused because of the rate of requests; `retryAfterMs` if it named a time. */
export function rateLimitOf(error: unknown): { readonly retryAfterMs: number } | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const http = error.walk((cause) => cause instanceof HttpRequestError || cause instanceof RpcRequestError);
  if (!(http instanceof HttpRequestError || http instanceof RpcRequestError)) return undefined;
  const isLimited =
    http.status === 429 ||
    RATE_WORDS.test(http.details) ||
    (http instanceof RpcRequestError && RATE_CODES.has(http.code) && !SIZE_WORDS.test(http.details));
  return isLimited && !isRevert(http) ? { retryAfterMs: retryAfter(http.headers) } : undefined;
}

/** Reads `Retry-After`, seconds or a date, as milliseconds from now; 0 if there is none. */
function retryAfter(headers: Headers | undefined): number {
  const text = headers?.get('Retry-After') ?? '';
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const ms = Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** Tells whether an error is a contract's revert, whose words are the contract's. */
function isRevert(error: HttpRequestError | RpcRequestError): boolean {
  return error instanceof RpcRequestError && (error.code === 3 || REVERTED.test(error.details));
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
