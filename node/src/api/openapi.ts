import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { refusal } from './schemas.ts';

const { $schema: _, ...REFUSAL } = z.toJSONSchema(refusal);

/** How the interface describes itself: OpenAPI 3.1, made from the schemas that judge requests and answers. */
export const DESCRIPTION: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Gavel node',
      version: VERSION,
      description:
        'Read what a node sees, does and holds. Amounts are decimal text in the smallest unit of their token.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  },
  transform(document) {
    const { schema, url } = jsonSchemaTransform(document);
    if (schema?.hide === true) return { schema, url };
    const method = String(document.route.method);
    const answers = Object.entries(schema?.response ?? {});
    return {
      url,
      schema: {
        ...schema,
        operationId: `${method.toLowerCase()}${url.replace(/\W+(\w)?/g, (_, letter?: string) => letter?.toUpperCase() ?? '')}`,
        ...(method === 'POST' && { security: [{ token: [] }] }),
        response: {
          ...Object.fromEntries(
            answers.map(([status, json]) => [
              status,
              { description: status === '503' ? 'Not ready' : 'Done', ...json },
            ]),
          ),
          default: { description: 'Refused, with a code and words', ...REFUSAL },
        },
      },
    };
  },
};
