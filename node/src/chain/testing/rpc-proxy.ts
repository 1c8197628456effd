import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pad } from 'viem';
import type { Answer, RpcFailure } from '../http.ts';
import { type Asked, answerAsLate } from './lagging-node.ts';
import { type Sockets, serveSockets } from './socket-proxy.ts';

/**
 * Decides what becomes of a request: passed on, taken and forgotten, dropped unheard, answered with an error,
 * its answer lost, cut short, or held back for ever; refused for its rate by status 429, or by JSON-RPC error
 * -32005.
 */
export type Fate =
  | 'pass'
  | 'swallow'
  | 'drop'
  | 'refuse'
  | 'lose answer'
  | 'truncate'
  | 'hang'
  | '429'
  | 'limit';

/** Change what an endpoint answers to one question; return `result` for the truth. */
export type Lie = (
  question: { readonly method: string; readonly params: readonly unknown[] },
  result: unknown,
) => unknown;

/**
 * How the provider answers a batch of more than `most` questions: by one error, by status 413, with answers
 * to the first `most` alone, with errors for those beyond, by closing the connection, or never.
 */
export type BatchLimit = {
  readonly most: number;
  readonly beyond: 'error' | 'status' | 'part' | 'errors' | 'drop' | 'hang';
};

/** Stands between a client and an RPC endpoint, and behaves as providers do, switchable at any time. */
export type RpcProxy = {
  readonly url: string;
  /** The same endpoint by websocket. */
  readonly socketUrl: string;
  /** Decides each request by its body. */
  fate: (body: string) => Fate;
  /** Refuses a question by JSON-RPC error before the chain hears of it. */
  refusal: (question: Asked) => RpcFailure | undefined;
  /** Decides what is said of each question that is passed on. */
  lie: Lie;
  /** Replaces the answer of the chain to a question that was passed on. */
  afterwards: (question: Asked, answer: Answer) => Answer;
  /** The blocks that the node behind a balancer which gets this question is late. */
  lag: (question: Asked) => number;
  /** The `Retry-After` header of status 429. */
  retryAfter: string | undefined;
  /** Limits batches. */
  batches: BatchLimit | undefined;
  /** Requests seen by method. */
  readonly asked: Map<string, number>;
  /** The sizes of the requests seen: 1 for a question by itself. */
  readonly sizes: number[];
  readonly sockets: Sockets;
  /** Puts every switch back. */
  behave(): void;
  /** Stops listening and cuts every connection. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
};

/** Returns the switches of a provider that does what is asked. */
function goodConduct() {
  return {
    fate: (): Fate => 'pass',
    refusal: () => undefined,
    lie: (_: unknown, result: unknown) => result,
    afterwards: (_: Asked, answer: Answer) => answer,
    lag: () => 0,
    retryAfter: undefined,
    batches: undefined,
  };
}

/** Starts a proxy before `target`. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    forward(request, response).catch(() => response.destroy());
  });
  let port = 0;
  const ask = async (method: string, params: readonly unknown[]): Promise<Answer> => {
    const answer = await fetch(target, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      headers: { 'content-type': 'application/json' },
    });
    const { result, error } = (await answer.json()) as Answer;
    return error === undefined ? { result } : { error };
  };
  const count = ({ method }: Asked) => proxy.asked.set(method, (proxy.asked.get(method) ?? 0) + 1);
  const answerTo = async (question: Asked): Promise<Answer> => {
    const error = proxy.refusal(question);
    if (error !== undefined) return { error };
    const lag = proxy.lag(question);
    const answer =
      lag > 0 ? await answerAsLate(question, lag, ask) : await ask(question.method, question.params);
    const told = 'result' in answer ? { result: proxy.lie(question, answer.result) } : answer;
    return proxy.afterwards(question, told);
  };
  const sockets = serveSockets(server, target.replace('http', 'ws'), (question) => {
    count(question);
    return answerTo(question);
  });
  const proxy: RpcProxy = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get socketUrl() {
      return `ws://127.0.0.1:${port}`;
    },
    ...goodConduct(),
    asked: new Map(),
    sizes: [],
    sockets,
    behave: () => void Object.assign(proxy, goodConduct()),
    async down() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      sockets.cut();
      await closed;
    },
    async up() {
      const listening = once(server, 'listening');
      server.listen(port, '127.0.0.1');
      await listening;
      port = (server.address() as AddressInfo).port;
    },
  };
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const questions = listOf(body);
    const isBatch = body.startsWith('[');
    const tell = (answers: readonly object[], status = 200) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(isBatch ? answers : answers[0]));
    const toEach = (outcome: Answer) => questions.map(({ id }) => ({ jsonrpc: '2.0', id, ...outcome }));
    questions.forEach(count);
    proxy.sizes.push(questions.length);
    const fate = proxy.fate(body);
    switch (fate) {
      case 'hang':
        return;
      case 'swallow':
        tell(toEach({ result: pad('0x', { size: 32 }) }));
        return;
      case 'drop':
        response.destroy();
        return;
      case '429': {
        const { retryAfter } = proxy;
        response
          .writeHead(429, {
            'content-type': 'text/plain',
            ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
          })
          .end('Too Many Requests');
        return;
      }
      case 'refuse':
        tell(toEach({ error: { code: -32000, message: 'block range too wide' } }));
        return;
      case 'limit':
        tell(toEach({ error: { code: -32005, message: 'request rate exceeded' } }));
        return;
      default:
    }
    const limit = proxy.batches;
    const isTooLarge = isBatch && limit !== undefined && questions.length > limit.most;
    const refused = { jsonrpc: '2.0', error: { code: -32600, message: 'batch too large' } };
    if (isTooLarge && limit.beyond === 'hang') return;
    if (isTooLarge && limit.beyond === 'drop') {
      response.destroy();
      return;
    }
    if (isTooLarge && (limit.beyond === 'error' || limit.beyond === 'status')) {
      response.writeHead(limit.beyond === 'error' ? 200 : 413, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...refused, id: null }));
      return;
    }
    const taken = isTooLarge ? questions.slice(0, limit.most) : questions;
    const answers: object[] = await Promise.all(
      taken.map(async (question) => ({ jsonrpc: '2.0', id: question.id, ...(await answerTo(question)) })),
    );
    if (isTooLarge && limit.beyond === 'errors') {
      answers.push(...questions.slice(limit.most).map(({ id }) => ({ ...refused, id })));
    }
    if (fate === 'lose answer') {
      response.destroy();
      return;
    }
    if (fate === 'truncate') {
      const text = JSON.stringify(isBatch ? answers : answers[0]);
      response.writeHead(200, { 'content-type': 'application/json' }).end(text.slice(0, text.length / 2));
      return;
    }
    tell(answers);
  };
  await proxy.up();
  return proxy;
}

function listOf(body: string): Asked[] {
  const asked = JSON.parse(body) as Asked | Asked[];
  return (Array.isArray(asked) ? asked : [asked]).map((question) => ({
    ...question,
    params: question.params ?? [],
  }));
}
