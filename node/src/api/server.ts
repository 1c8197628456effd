import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import { isGavelError } from '@gavel/protocol';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { KeyGuards } from '../auction/key-guard.ts';
import { isLoopback } from '../config/relations.ts';
import type { BiddingSwitch } from '../lifecycle/bidding-switch.ts';
import { describeError } from '../observe/describe-error.ts';
import { type Logger, plainFields } from '../observe/logger.ts';
import { ApiError, type ApiErrorCode, STATUS } from './errors.ts';
import type { EventLine, EventStream } from './events.ts';
import { DESCRIPTION } from './openapi.ts';
import type { NodeReader } from './reader.ts';
import { addRoutes } from './routes.ts';
import { eventLine } from './schemas.ts';

/** What the interface takes. */
export type ApiOptions = {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** The token that a change needs; without one nothing can be changed. */
  readonly token: string | undefined;
  readonly reader: NodeReader;
  readonly bidding: BiddingSwitch;
  readonly keys: Pick<KeyGuards, 'claim'>;
  readonly stream: EventStream;
  readonly registry: Registry;
  readonly log: Logger;
};

/** A running interface. */
export type Api = { readonly url: string; close(): Promise<void> };

/** Listeners to events at the same time, bytes one may be behind, and milliseconds between signs of life. */
const MOST_LISTENERS = 32;
const MOST_BEHIND = 1 << 20;
const HEARTBEAT_MS = 15_000;

/** Asked for by process supervisors, which need no secrets. */
const OPEN_PATHS = new Set(['/health', '/ready']);

/** Serves the HTTP interface. Throws CANNOT_LISTEN. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { listen, log } = options;
  const app = createApp(options);
  const colon = listen.lastIndexOf(':');
  try {
    const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
    const url = await app.listen({ host, port: Number(listen.slice(colon + 1)) });
    log.info({ url }, 'api listening');
    return { url, close: () => app.close() };
  } catch (cause) {
    throw new ApiError(
      'CANNOT_LISTEN',
      'Cannot serve the HTTP interface: is the port of api.listen in use?',
      {
        meta: { listen },
        cause,
      },
    );
  }
}

/** Builds the interface without listening. */
export function createApp(options: ApiOptions): FastifyInstance {
  const { token, reader, bidding, keys, stream, registry, log } = options;
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1_024,
    requestTimeout: 10_000,
  });
  const admit = admission(options);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    admit(request);
  });
  app.setNotFoundHandler(() => {
    throw new ApiError('NOT_FOUND', 'There is no such path; /openapi.json lists them');
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = refusalOf(error);
    if (status >= 500 && !isGavelError(error)) log.error({ err: error, path: request.url }, 'request failed');
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(status).send(body);
  });

  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.register(swagger, DESCRIPTION);
  app.register(async (described) => {
    addRoutes(described, { reader, bidding, keys, canChange: token !== undefined });
    described.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    described.get(
      '/metrics',
      {
        schema: {
          summary: 'Metrics for Prometheus',
          response: { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } } },
        },
      },
      async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
    );
    described.get(
      '/events',
      {
        schema: {
          summary: 'Events as they happen, as server-sent events; send Last-Event-ID to go on where you were',
          response: {
            200: { description: 'A stream', content: { 'text/event-stream': { schema: eventLine } } },
          },
        },
      },
      async (request, reply) => {
        if (stream.listeners() >= MOST_LISTENERS) {
          throw new ApiError('TOO_MANY_LISTENERS', 'Too many listen to events already', { retry: true });
        }
        reply.hijack();
        sendEvents(reply.raw, stream, lastIdOf(request));
      },
    );
  });
  return app;
}

/** Refuses what comes from somewhere it should not; throws ApiError. */
function admission({ listen, token }: ApiOptions): (request: FastifyRequest) => void {
  const local = isLoopback(listen);
  return ({ method, headers, hostname, url }) => {
    // A page in a browser may point a name of its own at this machine; then the name is not ours.
    if (
      local &&
      !isLoopback(`${hostname.includes(':') ? `[${hostname.replace(/[[\]]/g, '')}]` : hostname}:0`)
    ) {
      throw new ApiError('BAD_HOST', 'Ask for localhost or a loopback address');
    }
    const [path = ''] = url.split('?');
    const changes = method !== 'GET' && method !== 'HEAD';
    if (changes && token === undefined) {
      throw new ApiError('READ_ONLY', 'Nothing can be changed here: set api.token to allow it');
    }
    if (token === undefined || (!changes && (local || OPEN_PATHS.has(path)))) return;
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined || !same(given, token)) {
      throw new ApiError('UNAUTHORISED', 'Send the token: Authorization: Bearer …');
    }
  };
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function refusalOf(error: unknown): { status: number; body: object } {
  if (isGavelError(error)) {
    const { code, shortMessage: message, meta } = error;
    const status = STATUS[code as ApiErrorCode] ?? 500;
    const facts = Object.keys(meta).length === 0 ? {} : { meta: plainFields(meta) };
    return { status, body: { error: { code, message, ...facts } } };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map(({ instancePath, message = '' }) =>
      [instancePath.slice(1).replaceAll('/', '.'), message].filter((part) => part !== '').join(': '),
    );
    return refusalOf(
      new ApiError('BAD_REQUEST', 'The parameters are not as described', { meta: { faults } }),
    );
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status < 500)
    return { status, body: { error: { code: 'BAD_REQUEST', message: describeError(error).message } } };
  return {
    status,
    body: { error: { code: 'INTERNAL', message: 'The node could not answer; its log says why' } },
  };
}

function lastIdOf({ headers }: FastifyRequest): number | undefined {
  const id = Number(headers['last-event-id'] ?? Number.NaN);
  return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}

function sendEvents(response: ServerResponse, stream: EventStream, lastId: number | undefined): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write(': the events of this node\n\n');
  const send = ({ id, at, msg, fields }: EventLine) => {
    // A slow reader reconnects and asks for what was missed.
    if (response.writableLength > MOST_BEHIND) response.destroy();
    else response.write(`id: ${id}\ndata: ${JSON.stringify({ id, at, msg, ...plainFields(fields) })}\n\n`);
  };
  const stop = stream.listen(send, lastId);
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    stop();
    clearInterval(heartbeat);
  });
}
