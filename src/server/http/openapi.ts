import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifySchema } from 'fastify';
import * as z from 'zod/mini';
import { PROBLEM_STATUS } from '../../shared/contract/problem.ts';
import type { App } from './zod-schemas.ts';

type Schema = z.core.$ZodType;
type JsonSchema = Readonly<Record<string, unknown>>;

const isZod = (schema: unknown): schema is Schema => typeof schema === 'object' && schema !== null && '_zod' in schema;

const jsonSchemaOf = (schema: unknown, io: 'input' | 'output'): unknown => {
  if (!isZod(schema)) return schema;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;
  return rest;
};

const answersOf = (answers: unknown): unknown =>
  Object.fromEntries(
    Object.entries((answers ?? {}) as JsonSchema).map(([status, schema]) => {
      const body = jsonSchemaOf(schema, 'output') as JsonSchema;
      return [status, { description: 'OK', ...(body['type'] === 'null' ? { type: 'null' } : body) }];
    }),
  );

const text = { type: 'string' };
/** What any route may answer instead: a body of its own type. */
const PROBLEM = {
  description: 'Why not, and what to do',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'code', 'detail'],
        properties: {
          type: text,
          title: text,
          status: { type: 'integer' },
          detail: text,
          code: { type: 'string', enum: Object.keys(PROBLEM_STATUS) },
          errors: { type: 'array', items: { type: 'object', properties: { path: text, message: text } } },
        },
      },
    },
  },
};

/** The zod schemas of a route as the JSON Schemas of its documentation. */
const documentedAs = (schema: FastifySchema): FastifySchema => {
  const documented: Record<string, unknown> = { ...schema };
  for (const part of ['body', 'querystring', 'params', 'headers'] as const) {
    if (schema[part] !== undefined) documented[part] = jsonSchemaOf(schema[part], 'input');
  }
  documented['response'] = { ...(answersOf(schema.response) as object), default: PROBLEM };
  return documented;
};

const DESCRIPTION =
  'Errors are RFC 9457 problems (`application/problem+json`) with a stable `code`. Times are ISO 8601 UTC, money is an ' +
  'integer of minor units plus a currency, ids are UUIDs.';

/** Collects every route that is added after this call. */
export const describeRoutes = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'LeadZen', version, description: DESCRIPTION },
      components: { securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    transform: ({ schema, url }) => ({ schema: documentedAs(schema ?? {}), url }),
  });
};

/** Made by `npm run docs:crm`. */
const CRM_PAGE = join(import.meta.dirname, '../../../docs/crm.md');

/** `/openapi.json`, the page for analysts and, for people, `/docs`. The only HTML there is, so the only place that needs helmet's care for it. */
export const docsRoutes =
  () =>
  async (app: App): Promise<void> => {
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    const crm = await readFile(CRM_PAGE, 'utf8');
    app.get('/docs/crm', { schema: { hide: true } }, async (_, reply) =>
      reply.type('text/markdown; charset=utf-8').send(crm),
    );
    // A header of ours would win over helmet's.
    app.addHook('onRequest', (_request, reply, done) => {
      reply.removeHeader('content-security-policy');
      done();
    });
    await app.register(helmet, {
      strictTransportSecurity: false,
      contentSecurityPolicy: {
        directives: { scriptSrc: ["'self'"], imgSrc: ["'self'", 'data:'], upgradeInsecureRequests: null },
      },
    });
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { validatorUrl: null, persistAuthorization: false },
    });
  };
