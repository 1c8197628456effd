import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '../src/runtime/scope.ts';

/** A cable between two nodes, of real sockets, that can be cut and mended, and takes its time. */
export type Cable = {
  /** Where to dial the node at its far end, without that node's id. */
  readonly address: string;
  cut(): void;
  mend(): void;
};

/**
 * Lay a cable to a node that listens at the multiaddr `to`, or soon will: an earlier dial waits. What
 * goes through, either way, takes `delayMs`, and comes out in order.
 */
export async function startCable(
  to: string | Promise<string>,
  scope: Scope,
  delayMs: () => number = () => 0,
): Promise<Cable> {
  const sockets = new Set<Socket>();
  let isWhole = true;
  const join = async (near: Socket): Promise<void> => {
    const [, , , , port = ''] = (await to).split('/');
    if (near.destroyed) return;
    const far = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    adopt(far, near);
    near.once('close', () => far.destroy());
    near.pipe(createDelay(delayMs)).pipe(far).pipe(createDelay(delayMs)).pipe(near);
  };
  const adopt = (socket: Socket, other?: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other?.destroy();
    });
  };
  const server = createServer({ noDelay: true }, (near) => {
    if (!isWhole) {
      near.destroy();
      return;
    }
    adopt(near);
    join(near).catch(() => near.destroy()); // there is no far end
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isWhole = false;
    for (const socket of sockets) socket.destroy();
  };
  scope.defer(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new TypeError('the cable has no port');
  return {
    address: `/ip4/127.0.0.1/tcp/${bound.port}`,
    cut,
    mend: () => {
      isWhole = true;
    },
  };
}

/** Passes everything on in order, each piece no sooner than `delayMs` after it came. */
function createDelay(delayMs: () => number): Transform {
  let last: Promise<unknown> = Promise.resolve();
  return new Transform({
    transform(chunk, _encoding, done) {
      const ms = delayMs();
      last = Promise.all([last, ms > 0 ? pause(ms) : undefined]).then(() => this.push(chunk));
      done();
    },
    flush(done) {
      void last.then(() => done());
    },
  });
}
