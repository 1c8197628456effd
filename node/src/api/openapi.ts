import { z } from 'zod';
import { VERSION } from '../version.ts';
import type { Route } from './routes.ts';
import { eventLine, refusal } from './schemas.ts';

/** Describes the interface as an OpenAPI 3.1 document, made from the very schemas that judge requests. */
export function describeApi(routes: readonly Route[], { canWrite }: { readonly canWrite: boolean }): object {
  const paths: Record<string, Record<string, object>> = {
    '/events': {
      get: {
        summary: 'Events as they happen, as server-sent events; send Last-Event-ID to go on where you were',
        responses: {
          200: { description: 'A stream', content: { 'text/event-stream': { schema: jsonOf(eventLine) } } },
          default: failure,
        },
      },
    },
    '/metrics': {
      get: {
        summary: 'Metrics for Prometheus',
        responses: {
          200: { description: 'Text', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
  };
  for (const route of routes) {
    if (route.method === 'POST' && !canWrite) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gavel node',
      version: VERSION,
      description:
        'Read what a node sees, does and holds. Amounts are decimal text in the smallest unit of their token.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

const failure = {
  description: 'Refused, with a code and words',
  content: { 'application/json': { schema: jsonOf(refusal) } },
};

function operation({ method, path, summary, query, params, response }: Route): object {
  const content = { 'application/json': { schema: jsonOf(response) } };
  const parameters = [...parametersOf('path', params), ...parametersOf('query', query)];
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replace(/\W+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(method === 'POST' ? { security: [{ token: [] }] } : {}),
    responses: {
      200: { description: 'Done', content },
      ...(path === '/ready' ? { 503: { description: 'Not ready', content } } : {}),
      default: failure,
    },
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject): object[] {
  const { properties = {}, required = [] } = jsonOf(schema) as {
    properties?: Record<string, { description?: string }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: type,
  }));
}

function jsonOf(schema: z.ZodType): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}
