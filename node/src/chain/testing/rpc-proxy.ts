import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Decide what becomes of a request: passed on, dropped unheard, answered with an error, or its answer lost. */
export type Fate = 'pass' | 'drop' | 'refuse' | 'lose answer';

/** Stand between a client and an RPC endpoint, and fail on demand. */
export type RpcProxy = {
  readonly url: string;
  /** Decides each request by its body. */
  fate: (body: string) => Fate;
  /** Stop listening and cut every connection. */
  down(): Promise<void>;
  /** Listen again on the same port. */
  up(): Promise<void>;
};

/** Start a proxy before `target`. */
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
    const fate = proxy.fate(body);
    if (fate === 'drop') {
      response.destroy();
      return;
    }
    if (fate === 'refuse') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(refusal(body));
      return;
    }
    const answer = await fetch(target, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.text();
    if (fate === 'lose answer') response.destroy();
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  };
  await proxy.up();
  return proxy;
}

/** Answer every request of a batch with an error. */
function refusal(body: string): string {
  const asked: unknown = JSON.parse(body);
  const error = { code: -32000, message: 'block range too wide' };
  const answers = (Array.isArray(asked) ? asked : [asked]).map(({ id }) => ({ jsonrpc: '2.0', id, error }));
  return JSON.stringify(Array.isArray(asked) ? answers : answers[0]);
}
