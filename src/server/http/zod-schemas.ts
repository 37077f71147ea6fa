import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import en from 'zod/v4/locales/en.js';
import * as z from 'zod/mini';
import { Problem } from '../../shared/contract/problem.ts';
import type { FieldError } from '../../shared/contract/rejections.ts';

// zod/mini brings no words by itself.
z.config(en());

type Schema = z.core.$ZodType;

/** Types of body, query and params come from the zod schemas of a route. */
export interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends Schema ? z.output<this['schema']> : unknown;
  readonly serializer: unknown;
}

/** The app as routes see it: `schema: { body, querystring, params, response }` are zod schemas. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypes>;

const fieldErrors = (issue: z.core.$ZodIssue): FieldError[] => {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not known here' }));
};

const PART_NAMES: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' };

/** The problem that names every field a schema refused. */
export const invalidRequest = (error: z.core.$ZodError, part = 'body'): Problem => {
  const errors = error.issues.flatMap(fieldErrors).slice(0, 50);
  const [first] = errors;
  const detail = first === undefined ? 'it is not what is expected' : `${first.path} ${first.message}`.trim();
  return new Problem('invalid_request', `Check the ${part}: ${detail}.`, { errors });
};

/** Judges each part of a request by its zod schema; nothing but the parsed value reaches a handler. */
export const useZodSchemas = (app: FastifyInstance): App => {
  app.setValidatorCompiler<Schema>(({ schema, httpPart }) => (data: unknown) => {
    const parsed = z.safeParse(schema, data);
    if (parsed.success) return { value: parsed.data };
    return { error: invalidRequest(parsed.error, PART_NAMES[httpPart ?? 'body']) };
  });
  // Response schemas are documentation: what we send ourselves is checked by tests, not at run time.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  return app.withTypeProvider<ZodTypes>();
};
