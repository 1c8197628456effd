import type { Server } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Answer } from '../http.ts';
import type { Asked } from './lagging-node.ts';

/** The websockets of a provider. */
export type Sockets = {
  /** Whether new connections are ended at once. */
  refuses: boolean;
  /** Connections that were opened in all. */
  opened: number;
  /** Times that a subscription to new heads was asked for. */
  subscribed: number;
  /** Holds everything back on the connections of now, answers to pings too, and keeps them up. */
  die(): void;
  /** Holds the words of subscriptions back on the connections of now. */
  forgetSubscriptions(): void;
  /** Ends every connection without a word. */
  cut(): void;
};

/** Serves websockets on `server`: questions go to `answerTo`, subscriptions to the chain at `target`. */
export function serveSockets(
  server: Server,
  target: string,
  answerTo: (question: Asked) => Promise<Answer>,
): Sockets {
  const sockets: Sockets = {
    refuses: false,
    opened: 0,
    subscribed: 0,
    die() {
      for (const client of listener.clients) dead.add(client);
    },
    forgetSubscriptions() {
      for (const client of listener.clients) forgetful.add(client);
    },
    cut() {
      for (const client of listener.clients) client.terminate();
    },
  };
  const dead = new WeakSet<WebSocket>();
  const forgetful = new WeakSet<WebSocket>();
  const listener = new WebSocketServer({ server, autoPong: false });
  listener.on('connection', (client) => {
    sockets.opened += 1;
    if (sockets.refuses) {
      client.terminate();
      return;
    }
    const upstream = new WebSocket(target);
    const isUp = new Promise<void>((resolve) => upstream.once('open', resolve));
    const say = (text: string) => {
      if (!dead.has(client)) client.send(text);
    };
    upstream.on('message', (data) => {
      const text = textOf(data);
      if (forgetful.has(client) && text.includes('eth_subscription')) return;
      say(text);
    });
    upstream.on('error', () => client.terminate());
    client.on('ping', () => {
      if (!dead.has(client)) client.pong();
    });
    client.on('close', () => upstream.close());
    client.on('error', () => client.terminate());
    client.on('message', (data) => {
      const text = textOf(data);
      const question = JSON.parse(text) as Asked;
      const reply = async () => {
        if (dead.has(client)) return;
        if (/^eth_(un)?subscribe$/.test(question.method)) {
          if (question.method === 'eth_subscribe') sockets.subscribed += 1;
          await isUp;
          upstream.send(text);
          return;
        }
        const outcome = await answerTo({ ...question, params: question.params ?? [] });
        say(JSON.stringify({ jsonrpc: '2.0', id: question.id, ...outcome }));
      };
      reply().catch(() => client.terminate());
    });
  });
  return sockets;
}

function textOf(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}
