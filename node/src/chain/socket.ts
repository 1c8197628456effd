import { RpcRequestError, SocketClosedError, TimeoutError, WebSocketRequestError } from 'viem';
import { type RawData, WebSocket } from 'ws';
import { createBackoff } from '../runtime/backoff.ts';
import type { Question } from './answers.ts';
import type { RpcFailure } from './http.ts';

/**
 * Milliseconds between pings of a connection, which is ended if it has said nothing since the last; shorter
 * where a request has less time.
 */
const PULSE_MS = 5_000;
/** Milliseconds between tries to connect again. */
const RENEW_MS = { leastMs: 200, mostMs: 5_000 };

/** A websocket to an endpoint, connected when it is needed. */
export type RpcSocket = {
  /** Rejects with RpcRequestError; without an answer, with viem's TimeoutError or WebSocketRequestError. */
  ask(question: Question): Promise<unknown>;
  /**
   * Calls `wake` at every new head until `signal` aborts, on every later connection too. Rejects if the first
   * subscription fails.
   */
  heads(wake: () => void, signal: AbortSignal): Promise<void>;
  /** Ends the connection, so that it is made anew: it is up, and does not do what it should. */
  renew(): void;
  close(): void;
};

type Waiting = {
  readonly question: Question;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

type Message = {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: RpcFailure;
  readonly method?: unknown;
  readonly params?: { readonly subscription?: unknown };
};

/**
 * Creates a websocket. A connection that is silent is pinged, and ended if it answers nothing, so a
 * connection that died without a word is found within 10 seconds. While heads are wanted a lost connection
 * is renewed at once, then with growing pauses of at most 5 seconds.
 */
export function createSocket(
  url: string,
  { timeoutMs, mostBytes }: { readonly timeoutMs: number; readonly mostBytes: number },
): RpcSocket {
  const closing = new AbortController();
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<() => void>();
  let lastId = 0;
  let connection: Promise<WebSocket> | undefined;
  let current: WebSocket | undefined;
  let subscription: unknown;
  let isRenewing = false;

  const connect = (): Promise<WebSocket> => {
    if (closing.signal.aborted) return Promise.reject(new SocketClosedError({ url }));
    connection ??= open();
    return connection;
  };

  const open = () => {
    const opened = Promise.withResolvers<WebSocket>();
    const socket = new WebSocket(url, {
      handshakeTimeout: timeoutMs,
      maxPayload: mostBytes,
      perMessageDeflate: false,
    });
    current = socket;
    let cause: Error | undefined;
    let heard = true;
    const pulse = setInterval(
      () => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (!heard) socket.terminate();
        else if (waiting.size > 0 || listeners.size > 0) {
          heard = false;
          socket.ping();
        }
      },
      Math.min(PULSE_MS, timeoutMs),
    ).unref();
    socket.on('open', () => opened.resolve(socket));
    socket.on('pong', () => {
      heard = true;
    });
    socket.on('message', (data) => {
      heard = true;
      take(textOf(data));
    });
    socket.on('error', (error) => {
      cause = error;
    });
    socket.on('close', () => {
      clearInterval(pulse);
      const gone = new WebSocketRequestError({ url, cause: cause ?? new SocketClosedError({ url }) });
      opened.reject(gone);
      if (connection === opened.promise) connection = undefined;
      subscription = undefined;
      for (const { reject } of waiting.values()) reject(gone);
      waiting.clear();
      void renew();
    });
    return opened.promise;
  };

  const take = (text: string) => {
    let message: Message | null;
    try {
      message = JSON.parse(text) as Message | null;
    } catch {
      return; // no JSON-RPC, so the answer to nothing: the question's time runs out
    }
    if (message?.method === 'eth_subscription') {
      if (message.params?.subscription === subscription) for (const wake of listeners) wake();
      return;
    }
    const asked = waiting.get(Number(message?.id));
    if (asked === undefined || message === null) return;
    waiting.delete(Number(message.id));
    const { question, resolve, reject } = asked;
    if (message.error === undefined || message.error === null) resolve(message.result);
    else reject(new RpcRequestError({ body: question, error: message.error, url }));
  };

  const ask = async (question: Question): Promise<unknown> => {
    const { method, params = [] } = question;
    const timer = AbortSignal.timeout(timeoutMs);
    const answer = Promise.withResolvers<unknown>();
    timer.addEventListener('abort', () => answer.reject(new TimeoutError({ body: question, url })));
    const id = ++lastId;
    connect().then(
      (socket) => {
        if (timer.aborted) return;
        waiting.set(id, { question, ...answer });
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      },
      (error: unknown) => answer.reject(error),
    );
    try {
      return await answer.promise;
    } finally {
      waiting.delete(id);
    }
  };

  const subscribe = async () => {
    subscription = await ask({ method: 'eth_subscribe', params: ['newHeads'] });
  };

  /** Connects and subscribes again while heads are wanted. */
  const renew = async () => {
    if (isRenewing || listeners.size === 0 || closing.signal.aborted) return;
    isRenewing = true;
    const backoff = createBackoff({ ...RENEW_MS, signal: closing.signal });
    try {
      while (listeners.size > 0 && (await backoff.wait())) {
        try {
          await subscribe();
          // What was missed meanwhile is asked for.
          for (const wake of listeners) wake();
          return;
        } catch {
          // The endpoint is still away: the questions asked of it report that.
        }
      }
    } finally {
      isRenewing = false;
    }
  };

  return {
    ask,
    async heads(wake, signal) {
      if (signal.aborted) return;
      listeners.add(wake);
      signal.addEventListener('abort', () => listeners.delete(wake), { once: true });
      if (listeners.size > 1) return;
      try {
        await subscribe();
      } catch (error) {
        listeners.delete(wake);
        throw error;
      }
    },
    renew: () => current?.terminate(),
    close() {
      closing.abort();
      listeners.clear();
      current?.terminate();
    },
  };
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}
