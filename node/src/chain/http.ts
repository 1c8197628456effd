import { HttpRequestError, ResponseBodyTooLargeError, TimeoutError } from 'viem';
import type { Question } from './answers.ts';

/** An error as JSON-RPC has it. */
export type RpcFailure = { readonly code: number; readonly message: string; readonly data?: unknown };

/** The answer to one question: a result, or an error. */
export type Answer = { readonly result?: unknown; readonly error?: RpcFailure };

/**
 * What came back for a request: an answer to each question, undefined where there is none, or one error for
 * all of them together.
 */
export type Reply = { readonly answers: readonly (Answer | undefined)[] } | { readonly refused: RpcFailure };

/** Sends questions in one request; one question alone is not sent as a batch. */
export type Post = (questions: readonly Question[]) => Promise<Reply>;

/**
 * Creates what sends JSON-RPC questions to `url`. Answers are matched by their id, so an answer that is
 * missing, repeated, or out of place moves no other. Rejects with viem's HttpRequestError (status not 2xx, or
 * no JSON-RPC), TimeoutError after `timeoutMs`, or ResponseBodyTooLargeError.
 */
export function createPost(
  url: string,
  { timeoutMs, mostBytes }: { readonly timeoutMs: number; readonly mostBytes: number },
): Post {
  const { target, authorization } = splitUrl(url);
  let lastId = 0;
  return async (questions) => {
    const first = lastId + 1;
    lastId += questions.length;
    const body = questions.map(({ method, params }, index) => ({
      jsonrpc: '2.0',
      id: first + index,
      method,
      params: params ?? [],
    }));
    const shown = { body: body.length === 1 ? (body[0] ?? {}) : body, url: target };
    let response: Response;
    let text: string;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      response = await fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify(body.length === 1 ? body[0] : body),
        signal,
      });
      text = await readBounded(response, mostBytes);
    } catch (cause) {
      if (signal.aborted) throw new TimeoutError(shown);
      if (cause instanceof ResponseBodyTooLargeError) throw cause;
      throw new HttpRequestError({ ...shown, cause: cause as Error });
    }
    const data = parsed(text);
    const { status, statusText, headers } = response;
    if (!response.ok || data === undefined) {
      const failure = failureIn(Array.isArray(data) && data.length === 1 ? data[0] : data);
      // Nodes answer a question that they refuse with status 4xx or 5xx, some of them, and JSON-RPC's error.
      if (failure !== undefined && status !== 429) return { refused: failure };
      const details = failure?.message ?? (data === undefined && response.ok ? 'no JSON' : statusText);
      const said = text.length > 0 && text.length <= 400 ? `${details}: ${text}` : details;
      throw new HttpRequestError({ ...shown, status, headers, details: said });
    }
    return replyIn(data, first, questions.length);
  };
}

function replyIn(data: unknown, first: number, count: number): Reply {
  const list: readonly unknown[] = Array.isArray(data) ? data : [data];
  const [only] = list;
  const failure = failureIn(only);
  // One error for several questions refuses them all, with any id.
  if (list.length === 1 && count > 1 && failure !== undefined) return { refused: failure };
  if (list.length === 1 && count === 1) return { answers: [answerIn(only)] };
  const answers = new Array<Answer | undefined>(count).fill(undefined);
  for (const entry of list) {
    const id = Number((entry as { id?: unknown } | null)?.id);
    const index = id - first;
    if (Number.isInteger(index) && index >= 0 && index < count) answers[index] ??= answerIn(entry);
  }
  return { answers };
}

function answerIn(entry: unknown): Answer | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const error = failureIn(entry);
  if (error !== undefined) return { error };
  return 'result' in entry ? { result: entry.result } : undefined;
}

/** Finds JSON-RPC's error in an answer; some providers leave its code or its message out. */
function failureIn(entry: unknown): RpcFailure | undefined {
  if (typeof entry !== 'object' || entry === null || !('error' in entry)) return undefined;
  const { error } = entry;
  if (error === null || error === undefined) return undefined;
  if (typeof error !== 'object') return { code: -32603, message: String(error) };
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  return {
    code: typeof code === 'number' ? code : Number.parseInt(String(code), 10) || -32603,
    message: typeof message === 'string' ? message : '',
    ...(data === undefined ? {} : { data }),
  };
}

function parsed(text: string): unknown {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null ? data : undefined;
  } catch {
    return undefined; // the caller reports what came instead
  }
}

/** Reads a body to its end. Throws ResponseBodyTooLargeError as soon as it is larger than `mostBytes`. */
async function readBounded({ headers, body }: Response, mostBytes: number): Promise<string> {
  const told = Number(headers.get('content-length') ?? 0);
  const tooLarge = (size: number) => new ResponseBodyTooLargeError({ maxSize: mostBytes, size });
  if (told > mostBytes) {
    await body?.cancel();
    throw tooLarge(told);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body !== null) {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > mostBytes) throw tooLarge(size);
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Takes the user and password out of a URL: `fetch` refuses URLs that have them. */
function splitUrl(url: string): { readonly target: string; readonly authorization: Record<string, string> } {
  const parts = new URL(url);
  if (parts.username === '' && parts.password === '') return { target: url, authorization: {} };
  const credentials = `${decodeURIComponent(parts.username)}:${decodeURIComponent(parts.password)}`;
  parts.username = '';
  parts.password = '';
  return {
    target: parts.toString(),
    authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}
