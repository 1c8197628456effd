import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pad } from 'viem';

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

/** Stands between a client and an RPC endpoint, and fails on demand. */
export type RpcProxy = {
  readonly url: string;
  /** Decides each request by its body. */
  fate: (body: string) => Fate;
  /** Decides what is said of each question that is passed on. */
  lie: Lie;
  /** Leave the first answer of every batch out. */
  short: boolean;
  /** Requests seen by method. */
  readonly asked: Map<string, number>;
  /** Stops listening and cut every connection. */
  down(): Promise<void>;
  /** Listen again on the same port. */
  up(): Promise<void>;
};

/** Starts a proxy before `target`. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const server = createServer((request, response) => {
    forward(request, response).catch(() => response.destroy());
  });
  let port = 0;
  const proxy: RpcProxy = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    fate: () => 'pass',
    lie: (_, result) => result,
    short: false,
    asked: new Map(),
    async down() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
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
    for (const { method } of listOf(body)) proxy.asked.set(method, (proxy.asked.get(method) ?? 0) + 1);
    const fate = proxy.fate(body);
    if (fate === 'hang') return;
    if (fate === 'swallow') {
      const answers = listOf(body).map(({ id }) => ({ jsonrpc: '2.0', id, result: pad('0x', { size: 32 }) }));
      const text = JSON.stringify(body.startsWith('[') ? answers : answers[0]);
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      return;
    }
    if (fate === 'drop') {
      response.destroy();
      return;
    }
    if (fate === '429') {
      response.writeHead(429, { 'content-type': 'text/plain' }).end('Too Many Requests');
      return;
    }
    if (fate === 'refuse' || fate === 'limit') {
      const error =
        fate === 'refuse'
          ? { code: -32000, message: 'block range too wide' }
          : { code: -32005, message: 'request rate exceeded' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(refusal(body, error));
      return;
    }
    const answer = await fetch(target, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.text();
    if (fate === 'lose answer') {
      response.destroy();
      return;
    }
    const told = altered(body, text, proxy);
    response
      .writeHead(answer.status, { 'content-type': 'application/json' })
      .end(fate === 'truncate' ? told.slice(0, told.length / 2) : told);
  };
  await proxy.up();
  return proxy;
}

type Asked = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

function listOf(body: string): Asked[] {
  const asked = JSON.parse(body) as Asked | Asked[];
  return Array.isArray(asked) ? asked : [asked];
}

/** Lets `lie` change each result, and leaves out what is to be left out. */
function altered(body: string, text: string, { lie, short }: RpcProxy): string {
  const questions = new Map(
    listOf(body).map(({ id, method, params }) => [id, { method, params: params ?? [] }]),
  );
  const change = (answer: { id: number; result?: unknown }) => {
    const question = questions.get(answer.id);
    return question === undefined || !('result' in answer)
      ? answer
      : { ...answer, result: lie(question, answer.result) };
  };
  const answers = JSON.parse(text);
  return JSON.stringify(Array.isArray(answers) ? answers.slice(short ? 1 : 0).map(change) : change(answers));
}

/** Answers every request of a batch with an error. */
function refusal(body: string, error: { code: number; message: string }): string {
  const answers = listOf(body).map(({ id }) => ({ jsonrpc: '2.0', id, error }));
  return JSON.stringify(body.startsWith('[') ? answers : answers[0]);
}
